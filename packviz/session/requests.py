"""The work that is never done on the GUI thread: frozen requests, and what each of them does.

A request carries all that it needs. `do` runs on a worker thread; it must touch nothing but its request. Each class
says itself when its result is wanted, whether it waits for a pause in the edits, and why there is none. Requests about
a document are made in `selectors.py` alone; those about a run are in `runs.py`, those that read something are in
`loads.py`.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from packviz.core.batch import Batch
from packviz.core.cancel import Watch
from packviz.core.module import Drawn, Module
from packviz.core.packing import Packing, Refusal, has_one_order, is_too_long, pack
from packviz.core.refusals import refused
from packviz.core.report import Report
from packviz.core.verdict import Verdict

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport

R = TypeVar("R")

HINT = (
    "Fills the padding with NaN, and then with large values, runs the module over the packed batch and over the padded "
    "x, and shows in which rows the outputs and the final states change: these read padding. Then it changes rows and "
    "steps of x, runs rows alone, and shows which of them each row's result reads."
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


class OfBatch(Request[R]):
    """Work about a batch."""

    batch: Batch

    @property
    def about(self) -> Batch:
        return self.batch


@dataclass(frozen=True)
class CheckRequest(OfBatch[Report]):
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


class NeedsTorch(OfBatch[R]):
    """What can only be asked once torch is there."""

    def wanted(self, now: Circumstances) -> bool:
        return now.torch is not None

    def why_not(self, now: Circumstances) -> str:
        return now.torch_missing if now.torch is None else ""


@dataclass(frozen=True)
class VerdictRequest(NeedsTorch[Verdict]):
    """Ask torch what it does with this call."""

    kind: ClassVar[str] = "verdict"
    patient: ClassVar[bool] = True
    waiting: ClassVar[str] = "asking torch…"
    batch: Batch
    module: Module

    def do(self, watch: Watch) -> Verdict:
        """What packing, the run and unpacking really did."""
        from packviz.torch_side.asking.verdict import ask
        from packviz.torch_side.memory import giving_back

        with giving_back(self.batch.x.nbytes):
            return ask(self.batch, self.module, watch=watch)


@dataclass(frozen=True)
class ProbeRequest(NeedsTorch["ProbeReport"]):
    """Fill the padding with something else, and see which outputs and final states of the module change."""

    kind: ClassVar[str] = "probe"
    waiting: ClassVar[str] = "probing…"
    batch: Batch
    module: Module

    def do(self, watch: Watch) -> ProbeReport:
        """A ProbeReport. Raises BatchError where x does not go through the module, Cancelled."""
        from packviz.torch_side.memory import giving_back
        from packviz.torch_side.probe.probes import probe_spec

        with giving_back(self.batch.x.nbytes):
            return probe_spec(self.batch, self.module, watch=watch)

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
