"""How much memory packviz may take for what it reads, makes and runs: asked before it is taken.

A few bytes can ask for any number of others: a view that repeats one number, a text that repeats a name, an archive
that unfolds. What is asked for is known from sizes alone, so that it is refused in a sentence, and not by the system.
"""

from __future__ import annotations

import re

from packviz.core.allowance import Allowance
from packviz.core.errors import BatchError
from packviz.core.texts.quoting import quoted, worded

BYTES = 4 << 30
"""Unless the user says otherwise."""

_SIZE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]?)i?B?\s*", re.IGNORECASE)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def afford(what: str, wanted: float, most: int | None = None) -> None:
    """Raises BatchError where `wanted` bytes are more than may be taken. `what`: takes them, as a subject: "x". `most`:
    of this in particular; never more than is allowed of all."""
    most = MEMORY.most() if most is None else min(most, MEMORY.most())
    if wanted > most:
        raise BatchError(
            f"{what} would take {size_text(wanted)} of memory, more than the {size_text(most)} allowed: where that is "
            f"meant, allow more with --memory 16G, or with {MEMORY.variable}=16G."
        )


def bytes_of(said: object) -> int:
    """The bytes of `8G`, `512 MiB`, `1.5g` or a number of bytes. Raises BatchError."""
    if isinstance(said, int) and not isinstance(said, bool) and 0 < said < 1 << 62:
        return said
    match = _SIZE.fullmatch(said) if isinstance(said, str) else None
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match is not None else 0
    if not 0 < size < 1 << 62:
        raise BatchError(f"{quoted(worded(said), 40)} is no size of memory: write 8G, 512M or a number of bytes.")
    return size


MEMORY = Allowance("PACKVIZ_MEMORY", BYTES, bytes_of)
"""The bytes that may be taken."""


def size_text(size: float) -> str:
    """`8 GiB`, `1.5 MiB`, `300 B`."""
    for unit, name in (("T", "TiB"), ("G", "GiB"), ("M", "MiB"), ("K", "KiB")):
        shown = size / _UNITS[unit]
        if shown >= 1:
            return f"{shown:,.0f} {name}" if shown >= 100 else f"{shown:.3g} {name}"
    return f"{size:.0f} B"
