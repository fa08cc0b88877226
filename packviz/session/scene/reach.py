"""Where a cell of x goes, as a part of the scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from packviz.core.batch import Batch
from packviz.core.origins import OfX
from packviz.core.reach import Reach
from packviz.session.cursor import Place
from packviz.session.scene.pointed import cell_text
from packviz.session.state import NORM


@dataclass(frozen=True, eq=False)
class ReachPart:
    """Where a cell of x goes, that somebody has asked for: the `reach`, or `why` there is none yet, or at all. `cell`:
    the cell in words: `x[2, 4] = 0.5 → data[13] (t4, sorted row 0)`. `features`: how many a cell has."""

    of: OfX | None = None
    reach: Reach | None = None
    why: str = ""
    cell: str = ""
    features: int = 1


def reach_part(of: OfX | None, reach: Reach | None, why: str, batch: Batch | None, packing: Any) -> ReachPart:
    """The part of the scene; `packing`: as of `pointed.cell_text`."""
    if of is None or batch is None:
        return ReachPart()
    said = cell_text(batch, packing, Place(of.row, of.step), max(of.feature, NORM))
    return ReachPart(of, reach, "" if reach is not None else why, said, batch.feature_count)
