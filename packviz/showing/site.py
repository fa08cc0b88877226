"""Where in a program `packviz.show` is called: of a call that is typed in a debugger, the line at which it stands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType

from packviz.core.noted import Site

DEBUGGERS = frozenset({"pdb", "bdb", "ipdb", "pydevd", "_pydevd_bundle", "_pydev_bundle", "debugpy"})
BETWEEN = DEBUGGERS | {"cmd", "code", "codeop", "contextlib", "IPython"}
"""Modules whose frames lie between what is typed in a debugger and the program."""


def site_of_call() -> Site:
    """The innermost line outside packviz; where that was typed in a debugger, the line of the program at which it
    stands."""
    frames = list(_outward(sys._getframe(1)))
    if not frames:
        return Site("python", 1)
    typed = frames[0].f_code.co_filename.startswith("<")
    debugger = next((place for place, frame in enumerate(frames) if _root(frame) in DEBUGGERS), None)
    if typed and debugger is not None:
        behind = (frame for frame in frames[debugger:] if _root(frame) not in BETWEEN and not _made_up(frame))
        return _site(next(behind, frames[0]))
    return _site(frames[0])


def is_typed() -> bool:
    """Whether the innermost line outside packviz stands in no file: somebody types it in a console or a debugger."""
    frame = next(_outward(sys._getframe(1)), None)
    return frame is not None and _made_up(frame)


def _outward(frame: FrameType | None) -> Iterator[FrameType]:
    """The frames from the innermost one outside packviz on, and outside torch, by whose own decorator it is called."""
    while frame is not None and _root(frame) in ("packviz", "torch"):
        frame = frame.f_back
    while frame is not None:
        yield frame
        frame = frame.f_back


def _root(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _made_up(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith("<")


def _site(frame: FrameType) -> Site:
    name = frame.f_code.co_name
    return Site(frame.f_code.co_filename, frame.f_lineno, "" if name == "<module>" else name)
