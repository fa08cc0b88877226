"""The requests about a run: its trace, and what is found in it, computed of it or held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cancel import Watch
from packviz.core.comparing import Comparison
from packviz.core.expressions.parse import Expression
from packviz.core.gradients import Gradients, Of
from packviz.core.module import Module
from packviz.core.origins import OfState, OfX, Origin
from packviz.core.reach import Reach
from packviz.core.replaying import RowsHeld, Segment, rows_held
from packviz.core.stops import Searched, Stop, search
from packviz.core.trace import Trace
from packviz.core.two_runs import TwoRuns, held_against
from packviz.session.requests import Circumstances, NeedsTorch, OfBatch, Request, is_packed

UNASKED = 256 << 20  # bytes; a larger trace is made when somebody steps, not when a batch is opened


@dataclass(frozen=True)
class TraceRequest(NeedsTorch["Trace"]):
    """Step the module over the packed batch, keeping every state."""

    kind: ClassVar[str] = "trace"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "stepping…"
    batch: Batch
    module: Module

    def do(self, watch: Watch) -> Trace:
        """A Trace. Raises BatchError where the batch can't be packed or stepped, Cancelled."""
        return _traced(self.batch, self.module, watch)

    def wanted(self, now: Circumstances) -> bool:
        if now.torch is None or self.module.cell is None or not is_packed(self.batch):
            return False
        return not self._too_large(now)

    def why_not(self, now: Circumstances) -> str:
        if self.batch.contradictory is not None:
            return "Nothing to step: the PackedSequence contradicts itself."
        if not is_packed(self.batch):
            return "Nothing to step: the batch is not packed."
        if self.module.cell is None:
            name = self.module.name
            return f"This batch brings its own {name}: choose one in the menu Module to step that instead."
        if now.torch is not None and self._too_large(now):
            size = trace_bytes(self.batch, self.module, self._cells()) / 2**20
            return f"All states of this run take {size:,.0f} MiB: press F10 to step, and they are computed."
        return super().why_not(now)

    def _too_large(self, now: Circumstances) -> bool:
        return not now.stepped and trace_bytes(self.batch, self.module, self._cells()) > UNASKED

    def _cells(self) -> int:
        """N."""
        return packed_cells(self.batch)

    def nbytes(self, result: Trace) -> int:
        return result.nbytes


@dataclass(frozen=True)
class OtherTraceRequest(TraceRequest):
    """The same of the run that the open one is held against. `unpacked`: every row goes on to the end of x."""

    kind: ClassVar[str] = "other"
    waiting: ClassVar[str] = "stepping the other run…"
    unpacked: bool = False

    def do(self, watch: Watch) -> Trace:
        """A Trace. Raises as that of a TraceRequest."""
        whole = np.full(len(self.batch.counts), self.batch.steps)
        batch = self.batch.with_lengths(whole) if self.unpacked else self.batch
        return _traced(batch, self.module, watch)

    def _cells(self) -> int:
        return len(self.batch.counts) * self.batch.steps if self.unpacked else super()._cells()


@dataclass(frozen=True)
class ReplayRequest(Request[Segment]):
    """Compute the states of some steps of a run again, which is kept as checkpoints. `number`: of its spans."""

    kind: ClassVar[str] = "replay"
    trace: Trace
    number: int

    def do(self, watch: Watch) -> Segment:
        """The segment. Raises Cancelled."""
        assert self.trace.replays is not None
        return self.trace.replays.segment(self.number, watch)

    def why_not(self, now: Circumstances) -> str:
        first, stop = self.trace.spans[self.number]
        return f"computing t{first} to t{stop - 1} again, from the nearest checkpoint…"

    def nbytes(self, result: Segment) -> int:
        return result.nbytes


@dataclass(frozen=True)
class AheadRequest(ReplayRequest):
    """The same of the steps to which the walk comes next, so that it need not wait there."""

    kind: ClassVar[str] = "ahead"


@dataclass(frozen=True)
class OtherReplayRequest(ReplayRequest):
    """The same of the run that the open one is held against."""

    kind: ClassVar[str] = "other replay"


@dataclass(frozen=True)
class RowsRequest(Request[RowsHeld]):
    """Compute the states of some rows over all of their steps, of a run that is kept as checkpoints."""

    kind: ClassVar[str] = "rows"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "computing the row again…"
    trace: Trace
    rows: tuple[int, ...]

    def do(self, watch: Watch) -> RowsHeld:
        """The rows. Raises Cancelled."""
        assert self.trace.replays is not None
        return rows_held(self.trace.replays, self.trace.packing, self.rows, watch)

    def nbytes(self, result: RowsHeld) -> int:
        return result.nbytes


@dataclass(frozen=True)
class TwoRunsRequest(Request[TwoRuns]):
    """Hold one run against another."""

    kind: ClassVar[str] = "two runs"
    waiting: ClassVar[str] = "comparing…"
    one: Trace
    other: Trace
    name: str
    against: str

    def do(self, watch: Watch) -> TwoRuns:
        """What they have in common. Raises BatchError where they can't be compared, Cancelled."""
        return held_against(self.one, self.other, self.name, self.against, watch=watch)

    def nbytes(self, result: TwoRuns) -> int:
        return result.apart.nbytes + result.differ.nbytes


@dataclass(frozen=True)
class GradientRequest(NeedsTorch[Gradients]):
    """How much the sum of h_n, or another scalar of the run, hangs on every cell of x and on every h."""

    kind: ClassVar[str] = "gradient"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "gradients: computing…"
    batch: Batch
    module: Module
    of: Of = "h_n"

    def do(self, watch: Watch) -> Gradients:
        """Gradients. Raises BatchError where the batch can't be packed or stepped, Cancelled."""
        from packviz.torch_side.memory import giving_back
        from packviz.torch_side.order import packed_or_refused
        from packviz.torch_side.stepping.gradients import run_gradients

        with giving_back(self.batch.x.nbytes):
            return run_gradients(self.batch, packed_or_refused(self.batch), self.module, self.of, watch=watch)

    def wanted(self, now: Circumstances) -> bool:
        return super().wanted(now) and self.module.cell is not None and is_packed(self.batch)

    def why_not(self, now: Circumstances) -> str:
        if not is_packed(self.batch) or self.module.cell is None:
            return "gradients: nothing is stepped"
        return super().why_not(now)

    def nbytes(self, result: Gradients) -> int:
        return result.x.nbytes + sum(values.nbytes for values in result.states.values())


@dataclass(frozen=True)
class SearchRequest(Request[Searched]):
    """Look for stops and watches in the states of a run."""

    kind: ClassVar[str] = "search"
    waiting: ClassVar[str] = "searching…"
    trace: Trace
    stops: tuple[Stop, ...]
    watches: tuple[Expression, ...]

    def do(self, watch: Watch) -> Searched:
        """Their truths and numbers. Raises Cancelled."""
        return search(self.trace, self.stops, self.watches, watch)

    def nbytes(self, result: Searched) -> int:
        return sum(
            array.nbytes for array in (*result.truths.values(), *result.numbers.values(), *result.there.values())
        )


@dataclass(frozen=True)
class OriginRequest(OfBatch[Origin]):
    """Compute one number of a run again, from its weights and the states before."""

    kind: ClassVar[str] = "origin"
    waiting: ClassVar[str] = "computing it again…"
    batch: Batch
    module: Module
    trace: Trace
    of: OfState

    def do(self, watch: Watch) -> Origin:
        """An Origin. Raises BatchError where the row does not take that step."""
        from packviz.torch_side.stepping.origins import origin_of

        return origin_of(self.batch, self.module, self.trace, self.of)


@dataclass(frozen=True)
class ReachRequest(OfBatch[Reach]):
    """Follow a cell of x forward through a run."""

    kind: ClassVar[str] = "reach"
    waiting: ClassVar[str] = "following it…"
    batch: Batch
    module: Module
    trace: Trace
    of: OfX

    def do(self, watch: Watch) -> Reach:
        """A Reach. Raises BatchError where there is no such cell or nothing reads it, Cancelled."""
        from packviz.torch_side.memory import giving_back
        from packviz.torch_side.stepping.reach import reach_of

        with giving_back(self.batch.x.nbytes):
            return reach_of(self.batch, self.module, self.trace, self.of, watch=watch)

    def nbytes(self, result: Reach) -> int:
        return sum(values.nbytes for values in result.influence.values())


@dataclass(frozen=True)
class CompareRequest(OfBatch[tuple[Comparison, ...]]):
    """Hold the run against the unpacked one, and against what is often taken for its last output."""

    kind: ClassVar[str] = "compare"
    waiting: ClassVar[str] = "comparing…"
    batch: Batch
    module: Module
    trace: Trace

    def do(self, watch: Watch) -> tuple[Comparison, ...]:
        """The comparisons. Raises BatchError, Cancelled."""
        from packviz.torch_side.memory import giving_back
        from packviz.torch_side.stepping.comparisons import compare

        with giving_back(self.batch.x.nbytes):
            return compare(self.batch, self.module, self.trace, watch=watch)


def _traced(batch: Batch, module: Module, watch: Watch) -> Trace:
    from packviz.torch_side.order import packed_or_refused
    from packviz.torch_side.stepping.trace import run

    return run(batch, packed_or_refused(batch), module, watch=watch)


def trace_bytes(batch: Batch, module: Module, cells: int | None = None) -> int:
    """What the trace of a batch will hold, in bytes: N rows of H units of each state of each layer and direction; h of
    `proj_size` units where there is a projection. `cells`: N, where it is not that of the batch."""
    cells = packed_cells(batch) if cells is None else cells
    units = module.hidden * (len(module.states) - 1) + module.outputs
    passes = module.layers * module.directions
    return cells * units * passes * (8 if batch.dtype == "float64" else 4)


def packed_cells(batch: Batch) -> int:
    """N, the cells that are packed."""
    return int(np.clip(batch.counts[: batch.rows], 0, batch.steps).sum())
