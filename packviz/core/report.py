"""Report: all that the checks have to say of one batch, with torch's own verdict where it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch
from packviz.core.cells.masks import beside, in_place_of_lengths
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.module import Module
from packviz.core.packing import Packing
from packviz.core.stopping import heard
from packviz.core.verdict import STAGES, Outcome, Verdict

if TYPE_CHECKING:
    from packviz.core.cells.layout import Layout


LEADING = (
    "lengths-one-cause",
    "layout-swapped",
    "lengths-are-mask",
    "packed-inconsistent",
    "padding-left",
    "lengths-guessed",
)
"""What others of the same severity follow from, or must not be overlooked: these come first."""


def place(finding: Finding) -> tuple[int, bool, bool, str]:
    """Where it stands among the others: worst first; of those, what torch stops at first; then by code."""
    return finding.severity.rank, finding.behind is not None, finding.code not in LEADING, finding.code


@dataclass(frozen=True)
class Meant:
    """The call that a batch is meant for: `edit` gives it those options; `gone`: the codes of the findings that follow
    from those that it has now."""

    edit: Edit
    gone: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """All findings on one batch, worst first; `packing` is None where torch packs nothing; `layout` says how x lies;
    `module` is the one that the batch was held against.

    `verdict`: None where torch was not asked. `exact`: whether the order of the rows in `packing` is torch's own; where
    it was not asked, torch may put equal lengths in another order. `meant`: the call that the batch is meant for, where
    the options of this one are why there are several findings and that was looked for. `left_out`: findings that
    nobody asked for: they don't count, but what torch raises may be about them.
    """

    batch: Batch
    packing: Packing | None
    findings: tuple[Finding, ...]
    verdict: Verdict | None = None
    layout: Layout | None = None
    exact: bool = True
    module: Module | None = None
    meant: Meant | None = None
    left_out: tuple[Finding, ...] = ()

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
        known = (*self.findings, *self.left_out)
        explained = {stage for f in known if f.severity is Severity.ERROR for stage in f.stages}
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
        return replace(self, verdict=verdict, findings=tuple(sorted(heard(self.findings, verdict), key=place)))

    def to_dict(self) -> dict[str, Any]:
        """One JSON object, as `packviz check --format json` prints it; "torch" is None where it was not asked,
        "unexplained" what it raised that no finding is about, "left_out" the codes of what nobody asked for."""
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
                "mask": _mask(batch),
                "read_as": list(batch.read_as),
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
            "left_out": [finding.code for finding in self.left_out],
            "unexplained": self.unexplained_text or None,
        }

    def __str__(self) -> str:
        from packviz.core.texts.report import report_text

        return report_text(self)

    def _repr_html_(self) -> str:
        from packviz.core.texts.html.report import report_html

        return report_html(self)

    __repr__ = __str__  # what somebody sees who calls check in a console


def _lengths(batch: Batch) -> list[Any] | None:
    """The lengths for JSON, which knows no complex numbers; None where they have no values."""
    if not batch.given.known:
        return None
    return [str(n) if isinstance(n, complex) else n for n in batch.lengths.tolist()]


def _mask(batch: Batch) -> dict[str, Any] | None:
    """How the mask beside x, or in the place of its lengths, was read; None where there was none. `axes`: "BT" or "TB",
    of the mask as it came; `true_at`: "data" or "padding"; `steps`: its own, where these are fewer than those of x."""
    reading = beside(batch) or in_place_of_lengths(batch)
    if reading is None:
        return None
    inverted = batch.mask_inverted or reading.inverted
    return {
        "axes": "BT" if reading.time else "TB",
        "true_at": "padding" if inverted else "data",
        "steps": batch.mask_steps,
    }


def _in_order(batch: Batch) -> bool:
    """enforce_sorted=True leaves sorted_indices None in torch."""
    return batch.call.enforce_sorted
