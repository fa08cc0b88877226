"""What packviz itself has torch do is no call of the program: inside `aside`, this thread's calls are not noted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_mine = threading.local()


def is_aside() -> bool:
    """Whether this thread is inside."""
    return getattr(_mine, "inside", False)


def set_aside(inside: bool) -> None:
    """This thread is inside from now on, or no more."""
    _mine.inside = inside


@contextmanager
def aside() -> Iterator[None]:
    """Inside, calls of this thread are not noted."""
    before = is_aside()
    set_aside(True)
    try:
        yield
    finally:
        set_aside(before)
