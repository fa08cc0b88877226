"""The commands that choose the gradient by which cells are coloured: of what it is, and at what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from packviz.core.gradients import Of
from packviz.session import actions as act
from packviz.session.scene.resolve import Scene
from packviz.ui.commands.command import Command, is_open

MENU = "View/Colour by/Gradient"


def _chosen(scene: Scene, **changes: Any) -> act.Action:
    return act.SetLook(replace(scene.controls.look, colour="gradient", **changes))


def output_here(scene: Scene) -> tuple[int, int, int]:
    """(row, step, unit) of the output of the current cell: the unit of h that the pointer is on, in the direction that
    is shown, else the first one."""
    pointer, trace = scene.pointer, getattr(scene.states.grid, "trace", None)
    unit = pointer.unit if pointer.state == "h" and pointer.unit >= 0 else 0
    width = 0 if trace is None else trace.width("h")
    row = pointer.hover[1] if pointer.hover is not None and pointer.unit >= 0 else pointer.row
    return row, pointer.step, pointer.direction * width + unit


def _of(name: str, text: str, of: Of) -> Command:
    return Command(
        f"gradient.{name}",
        f"Gradient of {text}",
        MENU,
        action=lambda s: _chosen(s, gradient=of),
        ticked=lambda s: s.controls.look.colour == "gradient" and s.controls.look.gradient == of,
        enabled=is_open,
        group=1,
    )


def _at(name: str, text: str, at_h: bool) -> Command:
    return Command(
        f"gradient.{name}",
        f"Gradient at {text}",
        MENU,
        action=lambda s: _chosen(s, at_h=at_h),
        ticked=lambda s: s.controls.look.colour == "gradient" and s.controls.look.at_h is at_h,
        enabled=is_open,
    )


GRADIENTS = (
    _at("x", "every cell of x", False),
    _at("h", "every h of the layer and direction shown", True),
    _of("h_n", "the sum of h_n", "h_n"),
    _of("mean", "the mean of all outputs", "mean"),
    Command(
        "gradient.output",
        "Gradient of the output of the current cell",
        MENU,
        action=lambda s: _chosen(s, gradient=output_here(s)),
        tip="Of the unit of h under the pointer in the states, else of the first one",
        ticked=lambda s: s.controls.look.colour == "gradient" and not isinstance(s.controls.look.gradient, str),
        enabled=is_open,
        group=1,
    ),
)
