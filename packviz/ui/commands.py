"""THE table of commands. Menus, keys, the palette and the help page are all made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import get_args

from packviz.core.model import INPUT_TEXTS, CellKind, Inputs
from packviz.core.samples import SAMPLES
from packviz.session import actions as act
from packviz.session.actions import Action
from packviz.session.requests import LoadRequest
from packviz.session.scene import Scene
from packviz.session.state import COLOURS

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


def _open(scene: Scene) -> bool:
    return scene.controls.batch is not None


def _option(name: str, text: str, tip: str, key: str = "") -> Command:
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
        enabled=_open,
    )


def _colour(by: str) -> Command:
    return Command(
        f"colour.{by}",
        f"Colour by {by}",
        "View/Colour by",
        action=lambda s: act.SetLook(replace(s.controls.look, colour=by)),  # type: ignore[arg-type]
        ticked=lambda s: s.controls.look.colour == by,
        group=1,
    )


def _cell(kind: CellKind) -> Command:
    return Command(
        f"module.{kind}",
        f"Step an nn.{kind}",
        "Module",
        action=lambda s: act.SetModel(s.controls.spec.with_cell(kind)),
        ticked=lambda s: s.controls.spec.cell == kind,
    )


def _inputs(inputs: Inputs) -> Command:
    return Command(
        f"inputs.{inputs}",
        f"Inputs: {INPUT_TEXTS[inputs]}",
        "Module/Inputs",
        action=lambda s: act.SetModel(replace(s.controls.spec, inputs=inputs)),
        ticked=lambda s: s.controls.spec.inputs == inputs,
        group=2,
    )


def device_commands(devices: tuple[str, ...]) -> tuple[Command, ...]:
    """One command for each device that there is."""

    def of(device: str) -> Command:
        return Command(
            f"device.{device}",
            f"Step on {device}",
            "Module/Device",
            action=lambda s: act.SetModel(replace(s.controls.spec, device=device)),
            ticked=lambda s: s.controls.spec.device == device,
            group=2,
        )

    return tuple(of(device) for device in devices)


def _sample(name: str, title: str, look: str) -> Command:
    return Command(
        f"sample.{name}",
        title,
        "File/Samples",
        action=lambda _: act.Load(LoadRequest(next_serial(), sample=name, note=look)),
        tip=look,
    )


PARTS = {
    "padded": "Padded x",
    "packed": "Packed data",
    "sizes": "batch_sizes",
    "row": "Row over time",
    "states": "State after step t",
    "findings": "Findings",
    "torch": "What torch does",
    "python": "Python",
    "probe": "Leak probe",
}
"""What can be shown and hidden: the panes of the board and the docks."""


def _turned(scene: Scene) -> Action:
    look = scene.controls.look
    return act.SetLook(replace(look, orientation="down" if look.orientation == "right" else "right"))


FILE = (
    Command("open", "Open…", "File", ("Ctrl+O",), method="open_file", tip="Open a file with a batch"),
    Command(
        "paste",
        "Paste a batch",
        "File",
        ("Ctrl+V",),
        method="paste",
        tip="Lists, printed tensors, CSV, Python, or what torch raised",
    ),
    *(_sample(sample.name, sample.title, sample.look) for sample in SAMPLES),
    Command("save_picture", "Save picture…", "File", method="save_picture", tip="The window as a PNG", group=2),
    Command("quit", "Quit", "File", ("Ctrl+Q",), method="close", group=3),
)
EDIT = (
    Command(
        "undo",
        "Undo",
        "Edit",
        ("Ctrl+Z",),
        lambda _: act.Undo(),
        label=lambda s: f"Undo {s.controls.undo or ''}".rstrip(),
        enabled=lambda s: s.controls.undo is not None,
    ),
    Command(
        "redo",
        "Redo",
        "Edit",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        lambda _: act.Redo(),
        label=lambda s: f"Redo {s.controls.redo or ''}".rstrip(),
        enabled=lambda s: s.controls.redo is not None,
    ),
    Command("copy", "Copy cell", "Edit", ("Ctrl+C",), method="copy_cell", group=1, enabled=_open),
    Command("copy_row", "Copy row as a list", "Edit", ("Ctrl+Shift+C",), method="copy_row", group=1, enabled=_open),
    Command("lengths", "Lengths…", "Edit", ("Ctrl+L",), method="edit_lengths", group=2, enabled=_open),
    Command(
        "guess", "Guess lengths from the padding", "Edit", action=lambda _: act.GuessLengths(), group=2, enabled=_open
    ),
)
VIEW = (
    Command(
        "turn", "Time runs right", "View", ("T",), _turned, ticked=lambda s: s.controls.look.orientation == "right"
    ),
    Command("fit", "Zoom to fit", "View", ("F", "Ctrl+0"), method="zoom_to_fit"),
    *(_colour(by) for by in COLOURS),
    Command(
        "theme.system", "Theme: as the system", "View/Theme", method="choose_theme", argument="system", own_tick=True
    ),
    Command("theme.light", "Theme: light", "View/Theme", method="choose_theme", argument="light", own_tick=True),
    Command("theme.dark", "Theme: dark", "View/Theme", method="choose_theme", argument="dark", own_tick=True),
    *(
        Command(f"part.{name}", text, "View", method="toggle_part", argument=name, group=2, own_tick=True)
        for name, text in PARTS.items()
    ),
    Command("reset_layout", "Reset layout", "View", method="reset_layout", group=3),
)
BATCH = (
    _option("batch_first", "batch_first", "x is (B, T, *), not (T, B, *)"),
    _option("enforce_sorted", "enforce_sorted", "torch wants the longest row first"),
    Command("padding_value", "padding_value…", "Batch", method="edit_option", argument="padding_value", enabled=_open),
    Command("total_length", "total_length…", "Batch", method="edit_option", argument="total_length", enabled=_open),
    Command(
        "swap",
        "Swap the first two dimensions of x",
        "Batch",
        action=lambda _: act.SwapLayout(),
        tip="The same rows in the other layout",
        group=1,
        enabled=_open,
    ),
)
STEP = (
    Command("forward", "Step forward", "Step", ("F10", "Right"), lambda _: act.StepBy(1), enabled=_open),
    Command("back", "Step back", "Step", ("Shift+F10", "Left"), lambda _: act.StepBy(-1), enabled=_open),
    Command("first", "First step", "Step", ("Home",), lambda _: act.StepTo(0), enabled=_open),
    Command("last", "Last step", "Step", ("End",), lambda _: act.StepTo(-1), enabled=_open),
    Command(
        "run", "Run to the next breakpoint", "Step", ("F5",), lambda _: act.RunToBreakpoint(1), group=1, enabled=_open
    ),
    Command(
        "run_back",
        "Back to the previous breakpoint",
        "Step",
        ("Shift+F5",),
        lambda _: act.RunToBreakpoint(-1),
        group=1,
        enabled=_open,
    ),
    Command(
        "breakpoint",
        "Breakpoint on this step",
        "Step",
        ("F9",),
        lambda _: act.ToggleBreakpoint(),
        group=1,
        ticked=lambda s: s.pointer.step in s.pointer.breakpoints,
        enabled=_open,
    ),
    Command(
        "run_to_hover",
        "Run to the step under the pointer",
        "Step",
        ("Ctrl+F10",),
        lambda _: act.RunToHover(),
        group=1,
        enabled=_open,
    ),
    Command(
        "play",
        "Play",
        "Step",
        ("Space",),
        lambda _: act.TogglePlay(),
        label=lambda s: "Pause" if s.controls.play.on else "Play",
        group=2,
        enabled=_open,
    ),
)
MODULE = (
    *(_cell(kind) for kind in get_args(CellKind)),
    Command("module", "Hidden size, seed…", "Module", ("Ctrl+M",), method="edit_module", group=1),
    Command(
        "probe",
        "Probe for leaks",
        "Module",
        ("Ctrl+Shift+L",),
        method="probe",
        tip="Which rows' outputs and final states read padding",
        group=1,
    ),
    *(_inputs(inputs) for inputs in INPUT_TEXTS),
    Command("load_weights", "Load weights…", "Module", method="load_weights", tip="A state_dict", group=3),
    Command(
        "clear_weights",
        "Clear loaded weights",
        "Module",
        action=lambda s: act.SetModel(replace(s.controls.spec, weights=None)),
        group=3,
        enabled=lambda s: s.controls.spec.weights is not None,
    ),
)
HELP = (
    Command("help", "Keys and commands", "Help", ("F1",), method="show_help"),
    Command(
        "findings",
        "Findings",
        "Help",
        ("Shift+F1",),
        method="show_findings",
        tip="What each finding means, with a sample that has it",
    ),
    Command("palette", "Every command by name…", "Help", ("Ctrl+Shift+P",), method="show_palette"),
)

COMMANDS: tuple[Command, ...] = (*FILE, *EDIT, *VIEW, *BATCH, *STEP, *MODULE, *HELP)
MENUS = ("File", "Edit", "View", "Batch", "Step", "Module", "Help")
