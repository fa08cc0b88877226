"""How many bytes the values of one file, paste or call may take: asked before they are made, not after."""

from __future__ import annotations

from packviz.core.errors import BatchError

BYTES = 2**31
"""Bytes of values that are made in one go, unless somebody allows more."""


def afford(what: str, bytes: int, budget: int | None = None) -> None:
    """Nothing, where `what` fits in the budget (BYTES unless given). Raises BatchError that says how much was wanted.

    `what`: in words, such as "x"; `bytes`: what it would take.
    """
    most = BYTES if budget is None else budget
    if bytes > most:
        raise BatchError(
            f"{what} would take {size(bytes)}, more than the {size(most)} that are read: allow more with --memory."
        )


def size(bytes: int) -> str:
    """A number of bytes in words: "3.5 GiB", "12 MiB", "800 bytes"."""
    for unit, exponent in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if bytes >= 1 << exponent:
            tenths = (bytes * 10) >> exponent
            if tenths >= 10**7:
                return f"more than 1,000,000 {unit}"
            return f"{tenths // 10:,}{f'.{tenths % 10}' if tenths < 100 and tenths % 10 else ''} {unit}"
    return f"{bytes} bytes"
