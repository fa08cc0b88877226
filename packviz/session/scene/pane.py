"""One pane of cells, as a part of the scene."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.session.scene.grids import Grid
from packviz.session.scene.scale import Scale

NO_MARKS: NDArray[np.int64] = np.empty((0, 4), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Pane(ReadOnly):
    """One pane of cells. `empty` is shown instead where there is no grid.

    `marks`: (n, 4) int64, spans to outline: column, first step, step after the last, rank of the severity.
    `ends`: (m,) int64, where each column's sequence ends, as handles to drag; None where there are none.
    `scale`: of its colours, where they are those of values.
    `of`: of what the grid is, where that is not the present batch and module: "the last lengths"; the new one is being
    computed.
    """

    name: str
    title: str
    subtitle: str = ""
    footer: str = ""
    grid: Grid | None = None
    empty: str = ""
    marks: NDArray[np.int64] = field(default_factory=lambda: NO_MARKS)
    ends: NDArray[np.int64] | None = None
    of: str = ""
    scale: Scale | None = None

    @property
    def stale(self) -> bool:
        """It is of an edit ago."""
        return bool(self.of)
