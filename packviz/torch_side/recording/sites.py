"""Where in a program a call was made: the first frame that is neither torch's nor packviz's."""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from types import FrameType

from packviz.core.errors import HOUSE
from packviz.core.noted import Site

_ACTIVE: dict[int, threading.Thread] = getattr(threading, "_active", {})
NOWHERE = Site("<unknown>", 0)
MOST_MET = 4096
"""Sites that are held to be met again; a program that makes its code as it runs may have any number."""
_met: dict[tuple[str, int, str], Site] = {}
_OURS = str(HOUSE) + os.sep
PROGRAMS, TORCH, PACKVIZ = "program", "torch", "packviz"
_owners: dict[str, str] = {}
"""Of the files that were met: to whom they belong."""


@cache
def _torchs() -> tuple[str, ...]:
    import torch

    return (os.path.dirname(os.path.abspath(torch.__file__)) + os.sep, "<frozen ")  # noqa: PTH100, PTH120


def is_programs(path: str) -> bool:
    """Whether a file is neither torch's nor packviz's."""
    return _owner(path) == PROGRAMS


def site_of(frame: FrameType | None) -> Site | None:
    """The site of a call that this frame makes, or one that called it; None where it is packviz that calls."""
    while frame is not None:
        code = frame.f_code
        path = code.co_filename
        owner = _owners.get(path) or _owner(path)
        if owner == PROGRAMS:
            place = path, frame.f_lineno, code.co_name
            return _met.get(place) or _meet(place)
        if owner == PACKVIZ:
            return None
        frame = frame.f_back
    return NOWHERE


def _owner(path: str) -> str:
    """To whom a file belongs, which is held to be met again."""
    if len(_owners) >= MOST_MET:
        _owners.clear()
    owner = PACKVIZ if path.startswith(_OURS) else TORCH if path.startswith(_torchs()) else PROGRAMS
    return _owners.setdefault(path, owner)


def _meet(place: tuple[str, int, str]) -> Site:
    """One object for each site: what is looked up by it is found by being the same, not by comparing paths."""
    if len(_met) >= MOST_MET:
        _met.clear()
    return _met.setdefault(place, Site(*place))


def thread_name() -> str:
    """The name of this thread; without making one for a thread that Python knows nothing of, as current_thread does."""
    number = threading.get_ident()
    found = _ACTIVE.get(number)
    return str(found.name) if found is not None else f"thread {number}"


def worker_number() -> int:
    """Which worker of a DataLoader this process is, -1 where it is none."""
    module = sys.modules.get("torch.utils.data._utils.worker")
    info = None if module is None else getattr(module, "_worker_info", None)
    return -1 if info is None else int(info.id)
