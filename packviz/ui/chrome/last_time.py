"""How somebody looked at batches the last time: colouring, the direction of time, the speed of play."""

from __future__ import annotations

from dataclasses import replace

from packviz.session.actions import SetLook, SetSpeed
from packviz.session.scene.parts import Controls
from packviz.session.state import COLOURS, SPEEDS
from packviz.session.store import Session
from packviz.ui.chrome.remembered import Remembered


def as_last_time(session: Session, remembered: Remembered) -> None:
    """Set what was remembered, as far as it is one of the choices."""
    look = session.state.look
    colour = next((by for by in COLOURS if by == remembered.text("colour")), look.colour)
    orientation = "right" if remembered.text("orientation") == "right" else look.orientation
    session.apply(SetLook(replace(look, colour=colour, orientation=orientation)))
    speed = next((speed for speed in SPEEDS if f"{speed:g}" == remembered.text("speed")), None)
    if speed is not None:
        session.apply(SetSpeed(speed))


def remember(now: Controls, last: Controls, remembered: Remembered) -> None:
    """Keep what has changed since the last scene."""
    for name, new, old in (
        ("orientation", now.look.orientation, last.look.orientation),
        ("colour", now.look.colour, last.look.colour),
        ("speed", f"{now.play.speed:g}", f"{last.play.speed:g}"),
    ):
        if new != old:
            remembered.put(name, new)
