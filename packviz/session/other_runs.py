"""Of what batch and module the other run is, that the open one is held against."""

from __future__ import annotations

from dataclasses import dataclass, replace

from packviz.core.batch import Batch
from packviz.core.module import Drawn, Module
from packviz.session.document import Document
from packviz.session.others import BeforeEdit, Kept, OnDevice, Other, OtherWeights, Unpacked
from packviz.session.state import State


@dataclass(frozen=True, eq=False)
class OtherRun:
    """What the other run is of; `name`: in a sentence, `said`: in all words. `unpacked`: all of its lengths are T."""

    batch: Batch
    module: Module
    name: str
    said: str
    unpacked: bool = False


def others(state: State) -> tuple[tuple[Other, str], ...]:
    """Those that there are for the open batch, each with its words, in the order in which they are offered."""
    devices = () if state.torch is None else state.torch.devices
    every: tuple[Other, ...] = (Unpacked(), BeforeEdit(), Kept(), OtherWeights(), *map(OnDevice, devices))
    found = ((other, other_run(state, other)) for other in every)
    return tuple((other, run.said) for other, run in found if run is not None)


def other_run(state: State, other: Other) -> OtherRun | None:
    """What that run is of; None where there is none such for the open batch."""
    document = state.document
    if document is None:
        return None
    batch, module = document.batch, document.module
    match other:
        case Unpacked():
            return OtherRun(
                batch, module, "the unpacked run", "unpacked: every row goes on to the end of x", unpacked=True
            )
        case BeforeEdit():
            found = _before(state, document)
            if found is None:
                return None
            then, label = found
            return OtherRun(then.batch, then.module, "the run before the edit", f"before the edit: {label}")
        case Kept():
            kept = state.kept
            if kept is None or (kept.batch is batch and kept.module == module):
                return None
            return OtherRun(kept.batch, kept.module, "the kept run", f"kept: {_told(kept)}")
        case OtherWeights():
            if not isinstance(module.weights, Drawn):
                return None
            seed = module.seed + 1
            return OtherRun(batch, replace(module, seed=seed), f"the run of seed {seed}", f"weights of seed {seed}")
        case OnDevice():
            if other.device == module.device:
                return None
            there = replace(module, device=other.device)
            return OtherRun(batch, there, f"the run on {other.device}", f"on {other.device}")


def _before(state: State, document: Document) -> tuple[Document, str] | None:
    """The open document before the last edit that changed its batch or module, and what was edited."""
    for snapshot in reversed(state.history.past):
        then = next((one for one in snapshot.documents.all if one.number == document.number), None)
        if then is None:
            return None
        if then.batch is not document.batch or then.module != document.module:
            return then, snapshot.label
    return None


def _told(document: Document) -> str:
    module = document.module
    weights = f"seed {module.seed}" if isinstance(module.weights, Drawn) else "weights of a file"
    lengths = document.batch.counts
    some = ", ".join(map(str, lengths[:6].tolist()))
    return f"lengths {some}{', …' if len(lengths) > 6 else ''} · {module.name}, {weights}"
