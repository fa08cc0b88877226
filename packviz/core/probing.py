"""The leak probe: which cells of a batch are padding, and which outputs and final states turned out to read them.

The padding is filled with something else, and the module run again: what changes has read padding. NaN shows every way
that leads from the padding to a result, however faint; large finite values show what a NaN can't where something on the
way puts a number in its place (`nan_to_num`, `fmax`). torch_side/probe/probes.py does it.

It can't see a batch_first that is the wrong way round where x is square (B == T): rows taken for steps are complete
rows, and the cells beyond the lengths stay padding to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.carrier import Sequences
from packviz.core.cells.bits import Bools, Ints
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.rows_read import Crossing
from packviz.core.steps_read import Reached
from packviz.core.texts.wording import NAN as NAN
from packviz.core.texts.wording import count as amount

RunName = Literal["packed", "unpacked", "called"]


@dataclass(frozen=True, eq=False, repr=False)
class Padding:
    """Which cells a probe fills, and which steps of a row count. All arrays are read-only.

    `cells`: (B, T) bool, padding: at steps >= length; inside the length, what the data say is padding; and what stands
    left of the data of a left-padded row. `lengths`: (B,) int64, the steps whose outputs are looked at; those of a row
    without a length of its own are its data's. `counted`: (B,) bool, rows whose length counts padding. `left`: (B,)
    bool, rows that are padded on the left.
    """

    cells: Bools
    lengths: Ints
    counted: Bools
    left: Bools

    @cached_property
    def count(self) -> int:
        """How many cells are filled."""
        return int(np.count_nonzero(self.cells))

    @property
    def rows(self) -> int:
        """In how many rows they lie."""
        return int(np.count_nonzero(self.cells.any(axis=1)))

    def __repr__(self) -> str:
        return f"<Padding: {amount(self.count, 'cell')} of {amount(self.rows, 'row')}>"


def find_padding(evidence: Evidence) -> Padding:
    """The padding of a batch: what its lengths leave out, and what its data say is padding though they do not.

    The padding value between the data of a row is data; before them it is padding where rows are padded on the left.
    """
    batch, rows, steps = evidence.batch, evidence.rows, evidence.steps
    ends, own = evidence.data_end, np.maximum(evidence.data_end, 1)
    lengths = own.copy()
    if evidence.paired:
        n = min(rows, len(evidence.counts))
        lengths[:n] = np.clip(evidence.counts[:n], 0, steps)
    # Sequences say their own lengths, and guessed ones come from the padding: neither can count any.
    certain = isinstance(batch.carrier, Sequences) or batch.given.origin == "guessed"
    counted = np.zeros(rows, dtype=bool) if certain else lengths > own
    step = np.arange(steps)
    cells = step >= np.where(counted, ends, lengths)[:, None]
    found, left = evidence.left, np.zeros(rows, dtype=bool)
    left[found.rows] = True
    cells[found.rows] |= step < found.leads[:, None]
    return Padding(frozen(cells), frozen(lengths), frozen(counted), frozen(left))


@dataclass(frozen=True, eq=False, repr=False)
class Reads:
    """What one fill changed. All arrays are (L, D, B), rows in the order of the batch, read-only.

    `fill`: what the padding held: "NaN", "±10000", "id 7". `out`: an output at a step before the row's length changed.
    `first`: int64, the first such step, -1 where there is none. `final`: "h_n", "c_n" (of any other module "state") →
    bool, the final state changed. `error`: what the module raised over this fill and not over x, else nothing.
    `undecided`: of a result that may hold steps or be a state, nothing changed but what lies beyond the row's length
    if it holds steps; None: there is no such row.
    """

    fill: str
    out: Bools
    first: Ints
    final: Mapping[str, Bools] = field(default_factory=lambda: MappingProxyType({}))
    error: str = ""
    undecided: Bools | None = None

    def __post_init__(self) -> None:
        kept = MappingProxyType({name: frozen(changed) for name, changed in self.final.items()})
        object.__setattr__(self, "final", kept)

    @property
    def any(self) -> Bools:
        """(L, D, B) bool: anything of the row read padding in this layer and direction."""
        return reduce(np.logical_or, self.final.values(), self.out)

    def __repr__(self) -> str:
        from packviz.core.texts.probe import reads_line

        return f"<Reads {self.fill}: {self.error or reads_line(self)}>"


@dataclass(frozen=True, eq=False, repr=False)
class ProbeRun:
    """One way to run the module: "packed", "unpacked" (over the padded x), or "called" (a callable, as it is).

    `reads`: one for each fill. `error`: what the module raised over x as it is, or why it was not run; then nothing was
    compared, and `reads` is empty.
    """

    name: RunName
    reads: tuple[Reads, ...] = ()
    error: str = ""

    @property
    def errors(self) -> tuple[str, ...]:
        """What was raised: over x itself, or over which fill."""
        if self.error:
            return (self.error,)
        return tuple(f"over padding filled with {reads.fill}: {reads.error}" for reads in self.reads if reads.error)

    @cached_property
    def union(self) -> Reads | None:
        """What any of the fills changed; None where nothing could be compared."""
        found = [reads for reads in self.reads if not reads.error]
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        outs, firsts = [reads.out for reads in found], np.stack([reads.first for reads in found])
        first = np.where(firsts < 0, np.iinfo(np.int64).max, firsts).min(axis=0)
        out = reduce(np.logical_or, outs)
        final = {name: reduce(np.logical_or, [reads.final[name] for reads in found]) for name in found[0].final}
        fills = " or ".join(reads.fill for reads in found)
        merged = Reads(fills, frozen(out), frozen(np.where(out, first, -1)), MappingProxyType(final))
        maybe = [reads.undecided for reads in found if reads.undecided is not None]
        return replace(merged, undecided=frozen(reduce(np.logical_or, maybe) & ~merged.any)) if maybe else merged

    @property
    def rows(self) -> Ints:
        """The rows that read padding, in any layer and direction."""
        union = self.union
        return np.empty(0, dtype=np.int64) if union is None else np.flatnonzero(union.any.any(axis=(0, 1)))

    @property
    def undecided(self) -> Ints:
        """The rows that read padding if a result of the callable is a state, and don't if it holds steps."""
        maybe = None if self.union is None else self.union.undecided
        return np.empty(0, dtype=np.int64) if maybe is None else np.flatnonzero(maybe.any(axis=(0, 1)))

    @property
    def clean(self) -> bool:
        """It ran over every fill, and certainly no row read any."""
        return not self.errors and len(self.rows) == 0 and len(self.undecided) == 0

    def __repr__(self) -> str:
        from packviz.core.texts.probe import run_line

        return f"<ProbeRun {self.name}: {run_line(self)}>"

    def to_dict(self) -> dict[str, Any]:
        """As in the JSON of a report."""
        return {
            "run": self.name,
            "clean": self.clean,
            "rows": self.rows.tolist(),
            "undecided_rows": self.undecided.tolist(),
            "error": self.error or None,
            "reads": [_reads_dict(reads) for reads in self.reads],
        }


def _reads_dict(reads: Reads) -> dict[str, Any]:
    return {
        "fill": reads.fill,
        "error": reads.error or None,
        "outputs": reads.out.tolist(),
        "first_step": reads.first.tolist(),
        "final": {name: read.tolist() for name, read in reads.final.items()},
    }


@dataclass(frozen=True, eq=False, repr=False)
class ProbeReport:
    """What a module reads of the padding of a batch.

    `module`: in a few words, "nn.LSTM(1, 6)". `padding`: what was filled. `runs`: the packed run first, or the one call
    of a callable. `notes`: sentences on how it was done, and on what it can't see. `findings`: where the law is broken,
    worst first. `broken`: the first submodule at which it is, in words. `untested`: what could not be tested, which is
    said in `notes`, too. `judged`: it was held against the whole law, not for padding alone. `crossings`: which row of
    each result reads which row of x; `reached`: which steps of its own row it has read; as far as either was tested.
    """

    batch: Batch
    module: str
    padding: Padding
    runs: tuple[ProbeRun, ...]
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: str = ""
    untested: tuple[str, ...] = ()
    judged: bool = False
    crossings: tuple[Crossing, ...] = ()
    reached: tuple[Reached, ...] = ()

    @property
    def ok(self) -> bool:
        """The packed run, or the callable, ran, and the law holds: nothing found is above a note, and nothing was left
        untested. Where it was probed for padding alone, it certainly read none."""
        if not self.judged:
            return self.runs[0].clean
        run = self.runs[0]
        wrong = any(finding.severity is not Severity.NOTE for finding in self.findings)
        return not (run.errors or len(run.undecided) or self.untested or wrong)

    @property
    def packed(self) -> ProbeRun:
        """The run over the packed batch; the one call of a callable, which packs or masks by itself."""
        return self.runs[0]

    @property
    def unpacked(self) -> ProbeRun | None:
        """The run over the padded x; a callable has none."""
        return next((run for run in self.runs if run.name == "unpacked"), None)

    def to_dict(self) -> dict[str, Any]:
        """One JSON object. Lists by layer, direction and row are nested in this order."""
        return {
            "version": 1,
            "source": self.batch.source.shown,
            "module": self.module,
            "ok": self.ok,
            "rows": self.batch.rows,
            "steps": self.batch.steps,
            "padding_cells": self.padding.count,
            "rows_counting_padding": np.flatnonzero(self.padding.counted).tolist(),
            "rows_padded_left": np.flatnonzero(self.padding.left).tolist(),
            "runs": [run.to_dict() for run in self.runs],
            "notes": list(self.notes),
            "findings": [finding.to_dict() for finding in self.findings],
            "broken": self.broken or None,
            "untested": list(self.untested),
            "rows_read": [crossing.to_dict() for crossing in self.crossings],
            "steps_read": [reached.to_dict() for reached in self.reached],
        }

    def __str__(self) -> str:
        from packviz.core.texts.probe import probe_text

        return probe_text(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from packviz.core.texts.html.probe import probe_html

        return probe_html(self)


def nothing_read(layers: int, directions: int, rows: int, names: Sequence[str] = ()) -> dict[str, Any]:
    """The arrays of a Reads in which no row reads anything."""
    shape = (layers, directions, rows)
    none: NDArray[np.bool_] = frozen(np.zeros(shape, dtype=bool))
    final = MappingProxyType(dict.fromkeys(names, none))
    return {"out": none, "first": frozen(np.full(shape, -1, dtype=np.int64)), "final": final}
