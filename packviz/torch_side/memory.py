"""Handing memory back: glibc keeps what a large run has freed, which would count as ours for as long as we live."""

from __future__ import annotations

import ctypes
import sys

WORTH = 8 << 20  # bytes of x from which a run leaves enough behind to be worth a millisecond


def give_back(used: int) -> None:
    """Give freed memory back to the system after work on `used` bytes; does nothing where the C library has no
    `malloc_trim` (only glibc has), or for little."""
    if used < WORTH or not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
