"""The work that is never done on the GUI thread: frozen requests, and what each of them does.

A request carries all that it needs. `do` runs on a worker thread; it must touch nothing but its request.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import Watch
from packviz.core.module import Drawn, Module, Stored
from packviz.core.packing import Packing, Refusal, has_one_order, pack


@dataclass(frozen=True)
class LoadRequest:
    """Read a file, a paste or a sample into a Batch. Exactly one of `path`, `text`, `sample`, `data` is set.

    `data`: what was piped in, bytes of any format.

    `call`: the options, for want of others; what the file or the text says itself wins over them, except over those
    named in `typed`, which were typed on the command line. `serial` tells two requests for the same thing apart.
    """

    kind: ClassVar[str] = "load"
    serial: int
    path: str | None = None
    text: str | None = None
    sample: str | None = None
    data: bytes | None = None
    call: Call = field(default_factory=Call)
    typed: frozenset[str] = frozenset()
    lengths: tuple[float, ...] | None = None
    note: str = ""  # a sentence to show once it is open

    @property
    def name(self) -> str:
        """What is being read, in a word."""
        if self.data is not None:
            return "standard input"
        return self.sample or (Path(self.path).name if self.path else "the paste")

    def do(self, watch: Watch) -> Any:
        """The batch, and the module that a sample asks for; of a paste with an error message, a Pasted.

        Raises BatchError, Cancelled.
        """
        if self.sample is not None:
            from packviz.core.samples import sample

            found = sample(self.sample)
            return found.load(), found.module
        if self.path is not None:
            from packviz.files.registry import load

            return load(self.path, self.call, self.typed, lengths=self.lengths, watch=watch), None
        if self.data is not None:
            from packviz.files.registry import loads

            return loads(self.data, self.name, self.call, self.typed, lengths=self.lengths, watch=watch), None
        from packviz.files.paste.pasted import read_paste

        pasted = read_paste(self.text or "", self.call, self.typed, watch=watch)
        return (pasted.batch, None) if pasted.explanation is None else pasted


@dataclass(frozen=True)
class WeightsRequest:
    """Read the weights of the module from a state_dict; a load like any other, so that there is one at a time."""

    kind: ClassVar[str] = "load"
    serial: int
    path: str

    @property
    def name(self) -> str:
        """What is being read, in a word."""
        return Path(self.path).name

    def do(self, watch: Watch) -> Stored:
        """The weights. Raises BatchError, Cancelled."""
        from packviz.files.weights import load_weights

        return load_weights(self.path, watch)


@dataclass(frozen=True)
class CheckRequest:
    """Run all rules over a batch. `ordered`: whether torch is asked for the order of the rows, see `ordered_by`.
    `loaded`: the module that it must go through, where it is not made to fit, see `loaded_in`."""

    kind: ClassVar[str] = "check"
    batch: Batch
    ordered: bool = False
    loaded: Module | None = None

    def do(self, watch: Watch) -> Any:
        """A Report, without torch's verdict."""
        from packviz.core.rules import check

        # Where torch's own order matters and is missing, the rules name no packed index that might differ.
        return check(self.batch, packing_of(self.batch, True) if self.ordered else None, self.loaded)


@dataclass(frozen=True)
class TorchRequest:
    """Import torch, once, after the window is up."""

    kind: ClassVar[str] = "torch"

    def do(self, watch: Watch) -> Any:
        """(version, devices)."""
        from packviz.torch_side import devices

        found = devices.version(), devices.available()
        # torch's modules live as long as we do: a collection in the middle of a frame need not walk through them.
        gc.freeze()
        return found


@dataclass(frozen=True)
class VerdictRequest:
    """Ask torch what it does with this call."""

    kind: ClassVar[str] = "verdict"
    batch: Batch
    spec: Module

    def do(self, watch: Watch) -> Any:
        """A Verdict."""
        from packviz.torch_side.asking.verdict import ask
        from packviz.torch_side.memory import give_back

        try:
            return ask(self.batch, self.spec)
        finally:
            give_back(self.batch.x.nbytes)


@dataclass(frozen=True)
class TraceRequest:
    """Step the module over the packed batch, keeping every state."""

    kind: ClassVar[str] = "trace"
    batch: Batch
    spec: Module

    def do(self, watch: Watch) -> Any:
        """A Trace. Raises BatchError where the batch can't be packed or stepped, Cancelled."""
        from packviz.torch_side.stepping.trace import run

        packing = packing_of(self.batch, True)
        if isinstance(packing, Refusal):
            raise BatchError(packing.reason)
        return run(self.batch, packing, self.spec, watch=watch)


@dataclass(frozen=True)
class ProbeRequest:
    """Fill the padding with something else, and see which outputs and final states of the module change."""

    kind: ClassVar[str] = "probe"
    batch: Batch
    spec: Module

    def do(self, watch: Watch) -> Any:
        """A ProbeReport. Raises BatchError where x does not go through the module, Cancelled."""
        from packviz.torch_side.memory import give_back
        from packviz.torch_side.probe.probes import probe_spec

        try:
            return probe_spec(self.batch, self.spec, watch=watch)
        finally:
            give_back(self.batch.x.nbytes)


UNASKED = 256 << 20  # bytes; a larger trace is made when somebody steps, not when a batch is opened

Request = LoadRequest | WeightsRequest | CheckRequest | TorchRequest | VerdictRequest | TraceRequest | ProbeRequest


def ordered_by(torch: object, batch: Batch) -> bool:
    """Whether a batch is packed in the order that torch is asked for: where it is there, not None, and its order is not
    certain without it. What is certain stays as it is when torch arrives."""
    return torch is not None and not has_one_order(batch)


def loaded_in(spec: Module) -> Module | None:
    """What the checks look at of a module that is there already; None of one that is made to fit, whatever it is."""
    return None if isinstance(spec.weights, Drawn) else replace(spec, seed=0)


def packing_of(batch: Batch, ordered: bool) -> Packing | Refusal:
    """The packing of a batch in torch's own order where `ordered`, else in the stable one.

    The two differ only in the order of equal lengths, and only above 16 rows: torch's sort is not stable.
    """
    from packviz.torch_side.order import pack_in_torch_order

    return pack_in_torch_order(batch) if ordered else pack(batch)


def trace_bytes(batch: Batch, spec: Module) -> int:
    """What the trace of a batch will hold, in bytes: N rows of H units of each state."""
    cells = int(np.clip(batch.counts[: batch.rows], 0, batch.steps).sum())
    return cells * spec.hidden * len(spec.states) * (8 if batch.dtype == "float64" else 4)
