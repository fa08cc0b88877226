"""The commands that stop a run where something happens, not at a step."""

from __future__ import annotations

from packviz.core.stops import USUAL, NotFinite, Stop
from packviz.session import actions as act
from packviz.session.scene.resolve import Scene
from packviz.session.scene.stops import stop_text
from packviz.ui.commands.command import Command, is_open


def _is_set(scene: Scene, stop: Stop) -> bool:
    return any(line.stop == stop for line in scene.stops.stops)


def _where(stop: Stop) -> Command:
    return Command(
        f"break_{stop.kind}".replace("-", "_"),
        f"Break where {stop_text(stop)}" if not isinstance(stop, NotFinite) else f"Break on {stop_text(stop)}",
        "Step",
        action=lambda _: act.ToggleStop(stop),
        group=1,
        ticked=lambda s: _is_set(s, stop),
        enabled=is_open,
    )


STOPS = (
    *map(_where, USUAL),
    Command(
        "break_where",
        "Break where an expression holds…",
        "Step",
        ("Ctrl+B",),
        method="type_into",
        argument="stops",
        tip="Such as absmax(h) > 5; with the watches, in a panel",
        group=1,
        enabled=is_open,
    ),
)
