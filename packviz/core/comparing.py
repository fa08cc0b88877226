"""Two ways to the same numbers, held against each other: where they first differ, and in which rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.expressions.evaluate import Place
from packviz.core.moments import pass_name
from packviz.core.texts.wording import rows_listed

TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
}
"""(rtol, atol) of torch.testing.assert_close, by dtype."""


@dataclass(frozen=True)
class Comparison:
    """One thing computed in two ways.

    `name`: which, as it is written in a program; `against`: what with. `rows`: those in which they differ by more than
    torch.testing.assert_close allows; `largest`: the largest absolute difference, infinite where one is NaN alone.
    `first`: where they first differ, if they have steps. `why`: what it means, in a sentence.
    """

    name: str
    against: str
    rows: tuple[int, ...]
    largest: float
    first: Place | None = None
    why: str = ""
    directions: int = 1

    @property
    def equal(self) -> bool:
        """Whether no row differs."""
        return not self.rows

    @property
    def told(self) -> str:
        """`out[:, -1] against h_n: differs in rows 0, 1, by 0.38 at most.`"""
        if self.equal:
            return f"{self.name} against {self.against}: the same."
        first = self.first
        here = ""
        if first is not None:
            named = f", {pass_name(first.layer, first.direction, self.directions)}" if self.directions > 1 else ""
            here = f", first after t{first.step}{named} in row {first.row}"
        said = f"differs in {rows_listed(self.rows)}{here}, by {self.largest:.2g} at most"
        return f"{self.name} against {self.against}: {said}."


def apart(a: NDArray[Any], b: NDArray[Any], dtype: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Where two arrays differ beyond the tolerance of the dtype, and by how much; the same NaN or infinity is no
    difference, one alone an infinite one."""
    rtol, atol = TOLERANCES[dtype]
    with np.errstate(invalid="ignore"):
        by = np.abs(a.astype(np.float64) - b.astype(np.float64))
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        by = np.where(same, 0.0, np.where(np.isnan(by), np.inf, by))
        return np.asarray(by > atol + rtol * np.abs(np.where(np.isfinite(b), b, 0))), by
