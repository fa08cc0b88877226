"""What a call was given, copied: nothing of it is the program's any more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from packviz.core.batch import OPTIONS, Batch, Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.cells.masks import with_mask_read
from packviz.core.invariants import filled_with
from packviz.core.module import Module
from packviz.files.lengths import lengths_given
from packviz.files.packed import PackedParts
from packviz.files.paste.found import Found, SequenceList
from packviz.files.settle import settle
from packviz.torch_side.recording.buffers import Raw, views
from packviz.torch_side.recording.facts import Known
from packviz.torch_side.recording.grabbed import LAST, Grabbed
from packviz.torch_side.recording.looks import State
from packviz.torch_side.recording.made import SEQUENCES
from packviz.torch_side.recording.views import Look


@dataclass(eq=False)  # not frozen, which takes longer: one is made of every call
class Taken:
    """A copy of what torch was given.

    `parts`: of x; its `sequences`; or the fields of a PackedSequence, `packed`. `lengths`: None where there were none,
    a Look where they were a tensor. `known`: of the module, `hx`: its initial state, which is of this `state` from
    outside. `raw`: the memory that was lent for it, in which nothing may be read once that is given back; None where it
    may be for ever. `nbytes`: what it takes.
    """

    call: str
    options: Call
    parts: tuple[Look | None, ...]
    lengths: object = None
    known: Known | None = None
    state: State | None = None
    hx: tuple[Look, ...] = ()
    module: Module | None = None
    packed: bool = False
    sequences: bool = False
    raw: Raw | None = None
    nbytes: int = 0

    @cached_property
    def batch(self) -> Batch:
        """The batch that the call is about, as the rules and the window take it: a PackedSequence padded again, and a
        batch that goes unpacked through a module with lengths guessed. Raises BatchError where there is none."""
        return self.named(self.call)

    @property
    def states(self) -> tuple[NDArray[Any], ...]:
        """The numbers of the initial state, of what there was of it."""
        return tuple(state.values().array for state in self.hx)

    def packed_from(self, origin: Taken) -> Taken:
        """The same call, its PackedSequence as what it was packed from."""
        hx, module = self.hx, self.module
        return replace(origin.kept(), call=self.call, known=self.known, state=self.state, module=module, hx=hx)

    def kept(self) -> Taken:
        """The same in memory of its own, which may be read for as long as one likes."""
        if self.raw is None:
            return self
        parts = tuple(None if part is None else part.again() for part in self.parts)
        lengths = self.lengths.again() if isinstance(self.lengths, Look) else self.lengths
        return replace(self, parts=parts, lengths=lengths, hx=tuple(state.again() for state in self.hx), raw=None)

    def named(self, source: str) -> Batch:
        """The batch, from this source."""
        given, parts = frozenset(OPTIONS), [None if part is None else part.values() for part in self.parts]
        if self.packed:
            return settle(Found(PackedParts(*parts)), self.options, given, source)
        if self.sequences:
            return settle(Found(SequenceList(tuple(parts))), self.options, given, source)
        x = parts[0]
        assert x is not None
        array = x.array
        if self.known is not None and array.ndim == 2:
            array = array[None] if self.options.batch_first else array[:, None]
        if self.lengths is None:
            return guessed(make_batch(array, [], self.options, source=source, dtype=x.dtype))
        lengths = lengths_given(self.lengths.values() if isinstance(self.lengths, Look) else self.lengths)
        made = with_mask_read(make_batch(array, lengths, self.options, source=source, dtype=x.dtype))
        return _as_padded(made)


def taken(grabbed: Grabbed) -> Taken:
    """The copy, of what was copied."""
    copies = list(grabbed.looks) if grabbed.raw is None else views(grabbed.looks, grabbed.raw)
    lengths = copies.pop() if grabbed.lengths is LAST else grabbed.lengths
    many = grabbed.many
    return Taken(
        grabbed.call,
        grabbed.options,
        tuple(copies[:many]),
        lengths,
        grabbed.known,
        grabbed.state,
        tuple([state for state in copies[many:] if state is not None]),
        grabbed.module,
        grabbed.packed,
        grabbed.call == SEQUENCES,
        grabbed.raw,
        sum([copy.nbytes for copy in copies if copy is not None]),
    )


def _as_padded(batch: Batch) -> Batch:
    """The batch, with the number that it is padded with: a program that packs says of none."""
    counts, steps = batch.counts, batch.steps
    right = batch.x.ndim >= 2 and batch.given.is_vector and len(counts) == batch.rows and batch.x.size > 0
    if not right or int(counts.min(initial=1)) < 1 or int(counts.max(initial=0)) > steps:
        return batch
    value = filled_with(batch.grid, counts)
    return batch if value is None or value == batch.call.padding_value else batch.with_call(padding_value=value)
