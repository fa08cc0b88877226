"""What the checks have to say: Finding, Severity, Report, and torch's own Verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import OPTIONS, Batch, frozen
from packviz.core.module import Module
from packviz.core.packing import Packing

if TYPE_CHECKING:
    from packviz.core.cells.layout import Layout

Stage = Literal["pack", "run", "unpack"]
STAGES: tuple[Stage, ...] = ("pack", "run", "unpack")


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", frozen(self.spans))

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
        }


CELLS_IN_JSON = 10_000


@dataclass(frozen=True)
class Outcome:
    """What one call really did: `ok` and what came back, or the exception, its class and exact message.

    `ok` is None where the call was not made, because the one before it raised; `text` then says so.
    """

    call: str  # "pack_padded_sequence", "nn.LSTM", "pad_packed_sequence"
    ok: bool | None
    text: str  # "returns data (9,), batch_sizes [3, 3, 2, 1]" or "RuntimeError: ..."

    @property
    def said(self) -> str:
        """`raises RuntimeError: …`; of what is no exception, its text as it is."""
        return f"raises {self.text}" if self.ok is False and not self.text.startswith(CRASHES) else self.text

    def to_dict(self) -> dict[str, Any]:
        return {"call": self.call, "ok": self.ok, "text": self.text}


@dataclass(frozen=True)
class Verdict:
    """What the installed torch did with exactly this call: pack, run, unpack, really asked."""

    version: str
    pack: Outcome
    run: Outcome
    unpack: Outcome

    @property
    def outcomes(self) -> tuple[Outcome, Outcome, Outcome]:
        """What the calls did, in the order in which they are made."""
        return self.pack, self.run, self.unpack

    def to_dict(self) -> dict[str, Any]:
        return {"version": self.version, **{stage: getattr(self, stage).to_dict() for stage in STAGES}}


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """All findings on one batch, worst first; `packing` is None where torch packs nothing; `layout` says how x lies;
    `module` is the one that the batch was held against.

    `verdict`: None where torch was not asked. `exact`: whether the order of the rows in `packing` is torch's own; where
    it was not asked, torch may put equal lengths in another order.
    """

    batch: Batch
    packing: Packing | None
    findings: tuple[Finding, ...]
    verdict: Verdict | None = None
    layout: Layout | None = None
    exact: bool = True
    module: Module | None = None

    @property
    def ok(self) -> bool:
        """No error and no silent finding, and nothing that torch raised, where it has been asked."""
        wrong = any(f.severity in (Severity.ERROR, Severity.SILENT) for f in self.findings)
        return not wrong and self.unexplained is None

    @property
    def unexplained(self) -> Outcome | None:
        """What torch raised first that no error finding is about. What it raises after that may follow from it."""
        if self.verdict is None:
            return None
        explained = {stage for f in self.findings if f.severity is Severity.ERROR for stage in f.stages}
        first = next((stage for stage in STAGES if getattr(self.verdict, stage).ok is False), None)
        return None if first is None or first in explained else getattr(self.verdict, first)

    @property
    def unexplained_text(self) -> str:
        """The sentence that says so, or nothing."""
        raised = self.unexplained
        return "" if raised is None else f"{raised.call} raises, as quoted, and no finding explains it."

    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity that occurs, worst first."""
        return {s: n for s in Severity if (n := sum(f.severity is s for f in self.findings))}

    def with_verdict(self, verdict: Verdict) -> Report:
        """The report with torch's own words beside each finding."""
        return replace(self, verdict=verdict, findings=tuple(_quote(f, verdict) for f in self.findings))

    def to_dict(self) -> dict[str, Any]:
        """One JSON object, as `packviz check --format json` prints it; "torch" is None where it was not asked."""
        batch, packing = self.batch, self.packing
        ordered = packing if self.exact and not _in_order(batch) else None
        return {
            "version": 1,
            "source": batch.source.shown,
            "batch": {
                "rows": batch.rows,
                "steps": batch.steps,
                "features": list(batch.features),
                "dtype": batch.dtype,
                "lengths": _lengths(batch),
                "lengths_from": batch.given.origin,
                "batch_first": batch.call.batch_first,
                "enforce_sorted": batch.call.enforce_sorted,
                "padding_value": batch.call.padding_value,
                "total_length": batch.call.total_length,
                "batch_sizes": packing.batch_sizes.tolist() if packing else None,
                "sorted_indices": ordered.sorted_indices.tolist() if ordered else None,
                "unsorted_indices": ordered.unsorted_indices.tolist() if ordered else None,
            },
            "torch": self.verdict.to_dict() if self.verdict else None,
            "layout": self.layout.to_dict() if self.layout else None,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def __str__(self) -> str:
        from packviz.core.texts.report import report_text

        return report_text(self)

    __repr__ = __str__  # what somebody sees who calls check in a console


def _lengths(batch: Batch) -> list[Any] | None:
    """The lengths for JSON, which knows no complex numbers; None where they have no values."""
    if not batch.given.known:
        return None
    return [str(n) if isinstance(n, complex) else n for n in batch.lengths.tolist()]


def _in_order(batch: Batch) -> bool:
    """enforce_sorted=True leaves sorted_indices None in torch."""
    return batch.call.enforce_sorted


def _quote(finding: Finding, verdict: Verdict) -> Finding:
    """The finding with what torch did about it; where torch decides the severity, with that."""
    if finding.asked:
        did = {stage: getattr(verdict, stage).ok for stage in finding.stages}
        raising = next((stage for stage, ok in did.items() if ok is False), None)
        if raising is None and True in did.values():
            finding = replace(finding, severity=Severity.SILENT, also=(), behind=None)
        elif raising is not None and finding.behind is None:
            finding = replace(finding, severity=Severity.ERROR, stage=raising, also=())
        # Else torch did not get to it, or was not asked: it stays as the rule has it.
    if finding.behind is not None:
        return replace(finding, torch=f"does not get here: it stops at {finding.behind}")
    if finding.severity is Severity.SILENT:
        return replace(finding, torch="says nothing")
    if finding.stage is None:
        return replace(finding, torch=None)
    outcome: Outcome = getattr(verdict, finding.stage)
    return replace(finding, torch=f"{outcome.call} {outcome.said}" if outcome.ok is False else None)


CRASHES = "brings the interpreter down"
"""How the text of an outcome begins that is no exception: Python itself is gone."""
