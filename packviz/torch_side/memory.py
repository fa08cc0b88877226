"""Handing memory back: glibc keeps what a large run has freed, which would count as ours for as long as we live."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WORTH = 8 << 20  # bytes of x from which a run leaves enough behind to be worth a millisecond

BLOCK = 4 << 20
"""Bytes from which a block comes from the system alone, and goes back to it as soon as it is freed."""

KEPT = 8 << 20
"""Freed bytes that a thread keeps at most at the end of its memory."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def keep_little() -> None:
    """Have the C library of this process give memory back sooner: by itself, glibc raises both limits with the blocks
    that it sees, up to 32 and 64 MiB a thread. Only for a process that is packviz's own, never for a caller of the API.
    """
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, BLOCK)
        mallopt(_M_TRIM_THRESHOLD, KEPT)


def give_back(used: int) -> None:
    """Give freed memory back to the system after work on `used` bytes; does nothing where the C library has no
    `malloc_trim` (only glibc has), or for little."""
    trim = _glibc("malloc_trim") if used >= WORTH else None
    if trim is not None:
        trim(0)


@contextmanager
def giving_back(used: int) -> Iterator[None]:
    """Gives freed memory back, as `give_back`, after the work within, also where that raises."""
    try:
        yield
    finally:
        give_back(used)


def _glibc(name: str) -> Callable[..., object] | None:
    """A function of the C library by its name, on Linux; None where it has none such."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
