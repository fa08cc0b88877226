"""What a command is, and the kinds of them that come in families: options, colours, cells, inputs, devices, samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from packviz.core.module import INPUT_TEXTS, CellKind, Inputs
from packviz.session import actions as act
from packviz.session.actions import Action
from packviz.session.loads import LoadRequest
from packviz.session.scene.resolve import Scene

_serial = count(1)


def next_serial() -> int:
    """A number that no other load of this process has."""
    return next(_serial)


@dataclass(frozen=True)
class Command:
    """One thing that the user can do.

    `menu`: where it stands, "View/Colour by" say; `group`: a line is drawn between groups of one menu. `action` makes
    the action from the scene; without it, `method` of the window is called, with `argument` if that is not None.
    `label`: the text where it follows the scene. `ticked`: whether it bears a tick; None is no tick at all.
    """

    id: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    action: Callable[[Scene], Action | None] | None = None
    method: str = ""
    argument: str | None = None
    tip: str = ""
    group: int = 0
    label: Callable[[Scene], str] | None = None
    ticked: Callable[[Scene], bool] | None = None
    own_tick: bool = False  # the window, not the scene, knows whether it is ticked
    enabled: Callable[[Scene], bool] | None = None


def is_open(scene: Scene) -> bool:
    return scene.controls.batch is not None


def option(name: str, text: str, tip: str, key: str = "") -> Command:
    """A switch of the call."""

    def value(scene: Scene) -> bool:
        batch = scene.controls.batch
        return bool(batch is not None and getattr(batch.call, name))

    return Command(
        name,
        text,
        "Batch",
        (key,) if key else (),
        lambda s: act.SetOption(name, not value(s)),  # type: ignore[arg-type]
        tip=tip,
        ticked=value,
        enabled=is_open,
    )


def colour(by: str) -> Command:
    return Command(
        f"colour.{by}",
        f"Colour by {by}",
        "View/Colour by",
        action=lambda s: act.SetLook(replace(s.controls.look, colour=by)),  # type: ignore[arg-type]
        ticked=lambda s: s.controls.look.colour == by,
        group=1,
    )


def cell(kind: CellKind) -> Command:
    return Command(
        f"module.{kind}",
        f"Step an nn.{kind}",
        "Module",
        action=lambda s: act.SetModel(s.controls.module.with_cell(kind)),
        ticked=lambda s: s.controls.module.cell == kind and not s.controls.own_module,
    )


def inputs(inputs: Inputs) -> Command:
    return Command(
        f"inputs.{inputs}",
        f"Inputs: {INPUT_TEXTS[inputs]}",
        "Module/Inputs",
        action=lambda s: act.SetModel(s.controls.module.chosen(inputs=inputs)),
        ticked=lambda s: s.controls.module.chosen().inputs == inputs,
        group=2,
    )


def device_commands(devices: tuple[str, ...]) -> tuple[Command, ...]:
    """One command for each device that there is."""

    def of(device: str) -> Command:
        return Command(
            f"device.{device}",
            f"Step on {device}",
            "Module/Device",
            action=lambda s: act.SetModel(s.controls.module.chosen(device=device)),
            ticked=lambda s: s.controls.module.device == device,
            group=2,
        )

    return tuple(of(device) for device in devices)


def sample(name: str, title: str, look: str) -> Command:
    return Command(
        f"sample.{name}",
        title,
        "File/Samples",
        action=lambda _: act.Load(LoadRequest(next_serial(), sample=name, note=look)),
        tip=look,
    )
