"""Numbers as they stand in a cell, and in full."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def number_row(values: NDArray[Any]) -> list[str]:
    """Numbers as they stand in cells: short, integers without a point."""
    return [number(v) for v in values.tolist()]


def number(value: Any) -> str:
    """One number as it stands in a cell: `3`, `-0.21`, `1.2e+05`, `nan`, `inf`, `1+2j`."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, complex):
        return f"{value:.2g}"
    if isinstance(value, float) and value != int(value if abs(value) < 1e15 else 0) and abs(value) < 1e15:
        return f"{value:.2f}" if 0.01 <= abs(value) < 100 else f"{value:.3g}"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) < 100_000 else f"{value:.3g}"
    return str(value)


def full(value: np.generic) -> str:
    """One number with all the digits that it has: `3`, `-0.21034`, `1e-08`, `nan`, `(1+2j)`."""
    text = str(int(value) if isinstance(value, np.bool_) else value)
    return text.removesuffix(".0")


def state_text(value: float, short: bool = False) -> str:
    """A state as it stands in a cell, with two digits: `-0.21`; where it is to be `short`, in four characters if they
    are enough: `-.21`, `-2.1`, `14`."""
    if not short:
        return f"{value:.2f}"
    text = f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.1f}"
    return text if len(text) <= 4 or "n" in text else f"{value:.0f}"
