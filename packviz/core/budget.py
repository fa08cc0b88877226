"""How much memory packviz may take for what it reads, makes and runs: asked before it is taken.

A few bytes can ask for any number of others: a view that repeats one number, a text that repeats a name, an archive
that unfolds. What is asked for is known from sizes alone, so that it is refused in a sentence, and not by the system.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from packviz.core.errors import BatchError
from packviz.core.texts.quoting import worded

BYTES = 4 << 30
"""Unless the user says otherwise."""

VARIABLE = "PACKVIZ_MEMORY"
_SIZE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]?)i?B?\s*", re.IGNORECASE)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_of_process: int | None = None
_chosen: ContextVar[int | None] = ContextVar("packviz_memory", default=None)


def afford(what: str, wanted: float, most: int | None = None) -> None:
    """Raises BatchError where `wanted` bytes are more than may be taken. `what`: takes them, as a subject: "x". `most`:
    of this in particular; never more than is allowed of all."""
    most = allowed() if most is None else min(most, allowed())
    if wanted > most:
        raise BatchError(
            f"{what} would take {size_text(wanted)} of memory, more than the {size_text(most)} allowed: where that is "
            f"meant, allow more with --memory 16G, or with {VARIABLE}=16G."
        )


def allowed() -> int:
    """The bytes that may be taken: those of `within`, else of the environment, else BYTES."""
    chosen = _chosen.get() or _of_process
    if chosen is not None:
        return chosen
    said = os.environ.get(VARIABLE, "")
    try:
        return bytes_of(said) if said.strip() else BYTES
    except BatchError:
        return BYTES  # the command line says so at its start


@contextmanager
def within(most: int | None, *, everywhere: bool = False) -> Iterator[None]:
    """Allows `most` bytes inside, in this thread, or `everywhere` in this process; None changes nothing."""
    global _of_process
    if most is None:
        yield
        return
    before, token = _of_process, _chosen.set(most)
    _of_process = most if everywhere else before
    try:
        yield
    finally:
        _of_process = before
        _chosen.reset(token)


def bytes_of(said: object) -> int:
    """The bytes of `8G`, `512 MiB`, `1.5g` or a number of bytes. Raises BatchError."""
    if isinstance(said, int) and not isinstance(said, bool) and 0 < said < 1 << 62:
        return said
    match = _SIZE.fullmatch(said) if isinstance(said, str) else None
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match is not None else 0
    if not 0 < size < 1 << 62:
        raise BatchError(f"{worded(said, 40)!r} is no size of memory: write 8G, 512M or a number of bytes.")
    return size


def size_text(size: float) -> str:
    """`8 GiB`, `1.5 MiB`, `300 B`."""
    for unit, name in (("T", "TiB"), ("G", "GiB"), ("M", "MiB"), ("K", "KiB")):
        shown = size / _UNITS[unit]
        if shown >= 1:
            return f"{shown:,.0f} {name}" if shown >= 100 else f"{shown:.3g} {name}"
    return f"{size:.0f} B"
