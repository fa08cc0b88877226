"""What the checks have to say: Finding, Severity, and the Edit that mends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import OPTIONS, Batch, frozen
from packviz.core.verdict import Stage

if TYPE_CHECKING:
    pass


class Severity(StrEnum):
    """What torch does about it, worst first."""

    ERROR = "error"  # it raises, in this call or the next
    SILENT = "silent"  # it says nothing, and the result is wrong
    WARNING = "warning"  # likely wrong, but the data alone cannot prove it
    NOTE = "note"  # worth knowing, nothing is wrong

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True)
class Edit:
    """A fix as an edit of the batch: what is not None is set. `label` is the text of its button."""

    label: str
    lengths: tuple[int, ...] | None = None
    batch_first: bool | None = None
    enforce_sorted: bool | None = None
    padding_value: float | None = None
    total_length: int | None = None
    one_row: bool = False  # an x of fewer than two dimensions becomes one row
    shift: tuple[int, ...] | None = None  # steps each row moves towards t0; what leaves it comes in at its end

    def apply(self, batch: Batch) -> Batch:
        """The batch as the fix leaves it."""
        if self.one_row:
            batch = batch.with_rows_of_steps()
        if self.shift is not None:
            batch = batch.with_rows_shifted(np.array(self.shift, dtype=np.int64))
        if self.lengths is not None:
            batch = batch.with_lengths(np.array(self.lengths, dtype=np.int64))
        options = {name: getattr(self, name) for name in OPTIONS if getattr(self, name) is not None}
        return batch.with_call(**options) if options else batch


NO_SPANS = frozen(np.empty((0, 3), dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that the checks have to say.

    `rows`: the rows it is about, in the order of the batch. `spans`: (n, 3) int64, read-only, the cells it is about, as
    (row, first step, step after the last). `torch`: what torch does about it, once torch has been asked.
    `fix`: Python to copy. `edit`: the same as an edit in the window. `stage`: for an error, where torch raises.
    `behind`: the code of the finding at which torch stops before it gets to this one; torch names one cause only.
    `also`: the later stages that raise for the same cause. `asked`: whether it is an error or silent is for torch to
    say: it becomes an error where one of its stages raised, and silent where none did, once torch has been asked.
    `more`: how many cells it is about beyond those of `spans`, where there are too many runs to lay them all out.
    `instead`: the codes of the findings that follow from it, and are left out because it says all of it.
    """

    code: str
    severity: Severity
    title: str
    detail: str
    rows: tuple[int, ...] = ()
    spans: NDArray[np.int64] = field(default_factory=lambda: NO_SPANS)
    fix: str | None = None
    edit: Edit | None = None
    stage: Stage | None = None
    torch: str | None = None
    behind: str | None = None
    also: tuple[Stage, ...] = ()
    asked: bool = False
    more: int = 0
    instead: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", frozen(self.spans))

    def says(self, code: str) -> bool:
        """Whether it is the finding of this code, or stands in its place."""
        return code == self.code or code in self.instead

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The calls that raise for this cause."""
        return self.also if self.stage is None else (self.stage, *self.also)

    @property
    def cell_count(self) -> int:
        """How many cells it is about."""
        return self.laid_out + self.more

    @property
    def cells(self) -> list[tuple[int, int]]:
        """The (row, step) cells it is about, row by row, as far as `spans` has them."""
        return self.first_cells(self.cell_count)

    def first_cells(self, most: int) -> list[tuple[int, int]]:
        """The first `most` of its cells: there may be millions."""
        found: list[tuple[int, int]] = []
        for row, first, stop in self.spans.tolist():
            if len(found) >= most:
                break
            found.extend((row, step) for step in range(first, min(stop, first + most - len(found))))
        return found

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """(n + 1,) int64: how many cells come before each span, and in all."""
        return frozen(np.concatenate([[0], np.cumsum(self.spans[:, 2] - self.spans[:, 1])]).astype(np.int64))

    @property
    def laid_out(self) -> int:
        """How many of its cells `spans` has."""
        return int(self._starts[-1])

    def cell(self, k: int) -> tuple[int, int]:
        """The k-th of `cells`, as (row, step), without a list of them: there may be millions. IndexError where there is
        none."""
        if not 0 <= k < self.laid_out:
            raise IndexError(f"there is no cell {k}: {self.code} has {self.laid_out} of them")
        span = int(np.searchsorted(self._starts, k, side="right")) - 1
        row, first, _ = self.spans[span].tolist()
        return row, first + k - int(self._starts[span])

    def first_cell_of(self, row: int) -> int | None:
        """k of the first cell in this row; None where it has none there."""
        here = np.flatnonzero((self.spans[:, 0] == row) & (self.spans[:, 1] < self.spans[:, 2]))
        return int(self._starts[here[0]]) if len(here) else None

    def to_dict(self) -> dict[str, Any]:
        """As in the JSON of `packviz check`; at most CELLS_IN_JSON cells are listed, `cell_count` counts all."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "rows": list(self.rows),
            "cells": [list(cell) for cell in self.first_cells(CELLS_IN_JSON)],
            "cell_count": self.cell_count,
            "title": self.title,
            "detail": self.detail,
            "torch": self.torch,
            "fix": self.fix,
            "instead": list(self.instead),
        }


CELLS_IN_JSON = 10_000
