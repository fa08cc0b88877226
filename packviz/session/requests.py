"""The work that is never done on the GUI thread: frozen requests, and what each of them does.

A request carries all that it needs. `do` runs on a worker thread; it must touch nothing but its request. Each class
says itself when its result is wanted, whether it waits for a pause in the edits, and why there is none. Requests about
a document are made in `selectors.py` alone; those that read something are in `loads.py`.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cancel import Watch
from packviz.core.comparing import Comparison
from packviz.core.expressions.parse import Expression
from packviz.core.gradients import Gradients
from packviz.core.module import Drawn, Module
from packviz.core.origins import OfState, Origin
from packviz.core.packing import Packing, Refusal, has_one_order, is_too_long, pack
from packviz.core.refusals import refused
from packviz.core.report import Report
from packviz.core.stops import Searched, Stop, search
from packviz.core.trace import Trace
from packviz.core.verdict import Verdict

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport

R = TypeVar("R")

UNASKED = 256 << 20  # bytes; a larger trace is made when somebody steps, not when a batch is opened

HINT = (
    "Fills the padding with NaN, and then with large values, runs the module over the packed batch and over the padded "
    "x, and shows in which rows the outputs and the final states change: these read padding."
)


@dataclass(frozen=True)
class TorchInfo:
    """What there is once torch is imported: its version, and the devices that can be stepped on."""

    version: str
    devices: tuple[str, ...] = ("cpu",)


class Circumstances(Protocol):
    """What a request may ask about the window before it says whether it is wanted, and why not."""

    @property
    def torch(self) -> TorchInfo | None: ...

    @property
    def torch_missing(self) -> str:
        """Why torch can't be asked, yet or at all."""

    @property
    def stepped(self) -> bool:
        """Somebody has stepped over this batch, so that even a large trace is worth its memory."""

    @property
    def asked(self) -> Request[Any] | None:
        """What somebody has asked for by hand."""


class Request(Generic[R]):
    """One piece of work with a result of type R.

    `kind`: at most one of a kind is under way. `patient`: it waits for a pause in the edits, so that a drag is never
    held up. `waiting`: what is said while it is under way.
    """

    kind: ClassVar[str]
    patient: ClassVar[bool] = False
    waiting: ClassVar[str] = ""

    @property
    def about(self) -> Batch | None:
        """The batch that it is about, if any."""
        return None

    def do(self, watch: Watch) -> R:
        """The result. Raises BatchError, whose text is shown; Cancelled."""
        raise NotImplementedError

    def wanted(self, now: Circumstances) -> bool:
        """Whether its result is wanted now, if it is not there."""
        return True

    def why_not(self, now: Circumstances) -> str:
        """Why it is not wanted now, in words to show; nothing where it is."""
        return ""

    def nbytes(self, result: R) -> int:
        """The bytes that the result takes; only what is large counts."""
        return 0


@dataclass(frozen=True)
class TorchRequest(Request[TorchInfo]):
    """Import torch, once, after the window is up."""

    kind: ClassVar[str] = "torch"
    waiting: ClassVar[str] = "torch is being imported…"

    def do(self, watch: Watch) -> TorchInfo:
        """Its version and devices."""
        from packviz.torch_side import devices
        from packviz.torch_side.memory import keep_little

        keep_little()
        found = TorchInfo(devices.version(), devices.available())
        # torch's modules live as long as we do: a collection in the middle of a frame need not walk through them.
        gc.freeze()
        return found

    def wanted(self, now: Circumstances) -> bool:
        return now.torch is None


class _OfBatch(Request[R]):
    batch: Batch

    @property
    def about(self) -> Batch:
        return self.batch


@dataclass(frozen=True)
class CheckRequest(_OfBatch[Report]):
    """Run all rules over a batch. `ordered`: whether torch is asked for the order of the rows, see `ordered_by`.
    `loaded`: the module that it must go through, where it is not made to fit, see `loaded_in`."""

    kind: ClassVar[str] = "check"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "checking…"
    batch: Batch
    ordered: bool = False
    loaded: Module | None = None

    def do(self, watch: Watch) -> Report:
        """A Report, without torch's verdict."""
        from packviz.core.rules import check
        from packviz.core.rules.meant import with_meant

        # Where torch's own order matters and is missing, the rules name no packed index that might differ.
        return with_meant(check(self.batch, packing_of(self.batch, True) if self.ordered else None, self.loaded))

    def nbytes(self, result: Report) -> int:
        return sum(finding.spans.nbytes for finding in result.findings)


@dataclass(frozen=True)
class ShelfCheckRequest(CheckRequest):
    """The same of a batch that is open behind another one: so that the list can say what is wrong with it."""

    kind: ClassVar[str] = "shelf"
    waiting: ClassVar[str] = "not checked yet"


class _NeedsTorch(_OfBatch[R]):
    """What can only be asked once torch is there."""

    def wanted(self, now: Circumstances) -> bool:
        return now.torch is not None

    def why_not(self, now: Circumstances) -> str:
        return now.torch_missing if now.torch is None else ""


@dataclass(frozen=True)
class VerdictRequest(_NeedsTorch[Verdict]):
    """Ask torch what it does with this call."""

    kind: ClassVar[str] = "verdict"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "asking torch…"
    batch: Batch
    module: Module

    def do(self, watch: Watch) -> Verdict:
        """What packing, the run and unpacking really did."""
        from packviz.torch_side.asking.verdict import ask
        from packviz.torch_side.memory import give_back

        try:
            return ask(self.batch, self.module, watch=watch)
        finally:
            give_back(self.batch.x.nbytes)


@dataclass(frozen=True)
class TraceRequest(_NeedsTorch["Trace"]):
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
class GradientRequest(_NeedsTorch[Gradients]):
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
class OriginRequest(_OfBatch[Origin]):
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
class CompareRequest(_OfBatch[tuple[Comparison, ...]]):
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


@dataclass(frozen=True)
class ProbeRequest(_NeedsTorch["ProbeReport"]):
    """Fill the padding with something else, and see which outputs and final states of the module change."""

    kind: ClassVar[str] = "probe"
    waiting: ClassVar[str] = "probing…"
    batch: Batch
    module: Module

    def do(self, watch: Watch) -> ProbeReport:
        """A ProbeReport. Raises BatchError where x does not go through the module, Cancelled."""
        from packviz.torch_side.memory import give_back
        from packviz.torch_side.probe.probes import probe_spec

        try:
            return probe_spec(self.batch, self.module, watch=watch)
        finally:
            give_back(self.batch.x.nbytes)

    def wanted(self, now: Circumstances) -> bool:
        return now.torch is not None and now.asked == self

    def why_not(self, now: Circumstances) -> str:
        if now.asked is None:
            return HINT
        if now.asked != self:
            return "The batch or the module has changed since it was probed: probe it again."
        return super().why_not(now)


def ordered_by(torch: TorchInfo | None, batch: Batch) -> bool:
    """Whether a batch is packed in the order that torch is asked for: where it is there, not None, and its order is not
    certain without it. What is certain stays as it is when torch arrives."""
    return torch is not None and not has_one_order(batch)


def loaded_in(module: Module) -> Module | None:
    """What the checks look at of a module: of one that is made to fit, only how x gets in, where that was chosen."""
    if not isinstance(module.weights, Drawn):
        return replace(module, seed=0)
    return None if module.inputs == "auto" else Module(inputs=module.inputs, embedding_size=module.embedding_size)


def packing_of(batch: Batch, ordered: bool) -> Packing | Refusal:
    """The packing of a batch in torch's own order where `ordered`, else in the stable one.

    The two differ only in the order of equal lengths, and only above 16 rows: torch's sort is not stable.
    """
    from packviz.torch_side.order import pack_in_torch_order

    return pack_in_torch_order(batch) if ordered else pack(batch)


def is_packed(batch: Batch) -> bool:
    """Whether torch packs this batch at all."""
    return batch.contradictory is None and refused(batch) is None and not is_too_long(batch)


def trace_bytes(batch: Batch, module: Module) -> int:
    """What the trace of a batch will hold, in bytes: N rows of H units of each state of each layer and direction; h of
    `proj_size` units where there is a projection."""
    cells = int(np.clip(batch.counts[: batch.rows], 0, batch.steps).sum())
    units = module.hidden * (len(module.states) - 1) + module.outputs
    passes = module.layers * module.directions
    return cells * units * passes * (8 if batch.dtype == "float64" else 4)
