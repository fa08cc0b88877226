"""The requests about a run: its trace, and what is found in it, computed of it or held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cancel import Watch
from packviz.core.comparing import Comparison
from packviz.core.expressions.parse import Expression
from packviz.core.gradients import Gradients
from packviz.core.module import Module
from packviz.core.origins import OfState, Origin
from packviz.core.stops import Searched, Stop, search
from packviz.core.trace import Trace
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
        from packviz.torch_side.order import packed_or_refused
        from packviz.torch_side.stepping.trace import run

        return run(self.batch, packed_or_refused(self.batch), self.module, watch=watch)

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
            size = trace_bytes(self.batch, self.module) / 2**20
            return f"All states of this run take {size:,.0f} MiB: press F10 to step, and they are computed."
        return super().why_not(now)

    def _too_large(self, now: Circumstances) -> bool:
        return not now.stepped and trace_bytes(self.batch, self.module) > UNASKED

    def nbytes(self, result: Trace) -> int:
        return result.nbytes


@dataclass(frozen=True)
class GradientRequest(NeedsTorch[Gradients]):
    """How much the sum of h_n hangs on every cell of x."""

    kind: ClassVar[str] = "gradient"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "gradients: computing…"
    batch: Batch
    module: Module

    def do(self, watch: Watch) -> Gradients:
        """Gradients. Raises BatchError where the batch can't be packed or stepped, Cancelled."""
        from packviz.torch_side.memory import give_back
        from packviz.torch_side.order import packed_or_refused
        from packviz.torch_side.stepping.gradients import run_gradients

        try:
            return run_gradients(self.batch, packed_or_refused(self.batch), self.module, watch=watch)
        finally:
            give_back(self.batch.x.nbytes)

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
        return sum(array.nbytes for array in (*result.truths.values(), *result.numbers.values()))


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
class CompareRequest(OfBatch[tuple[Comparison, ...]]):
    """Hold the run against the unpacked one, and against what is often taken for its last output."""

    kind: ClassVar[str] = "compare"
    waiting: ClassVar[str] = "comparing…"
    batch: Batch
    module: Module
    trace: Trace

    def do(self, watch: Watch) -> tuple[Comparison, ...]:
        """The comparisons. Raises BatchError, Cancelled."""
        from packviz.torch_side.memory import give_back
        from packviz.torch_side.stepping.comparisons import compare

        try:
            return compare(self.batch, self.module, self.trace, watch=watch)
        finally:
            give_back(self.batch.x.nbytes)


def trace_bytes(batch: Batch, module: Module) -> int:
    """What the trace of a batch will hold, in bytes: N rows of H units of each state of each layer and direction; h of
    `proj_size` units where there is a projection."""
    cells = int(np.clip(batch.counts[: batch.rows], 0, batch.steps).sum())
    units = module.hidden * (len(module.states) - 1) + module.outputs
    passes = module.layers * module.directions
    return cells * units * passes * (8 if batch.dtype == "float64" else 4)
