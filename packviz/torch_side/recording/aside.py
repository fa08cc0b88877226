"""What packviz itself has torch do is no call of the program: inside `aside`, this thread's calls are not noted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Aside(threading.local):
    """`inside`: whether this thread is."""

    inside = False


ASIDE = _Aside()


@contextmanager
def aside() -> Iterator[None]:
    """Inside, calls of this thread are not noted."""
    before, ASIDE.inside = ASIDE.inside, True
    try:
        yield
    finally:
        ASIDE.inside = before
