"""What a call was given, copied: nothing of it is the program's any more."""

from __future__ import annotations

from collections.abc import Sequence
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
from packviz.torch_side.recording.buffers import Raw, arrays
from packviz.torch_side.recording.facts import Known
from packviz.torch_side.recording.looks import State
from packviz.torch_side.recording.views import Look

LAST = object()
"""Stands for lengths that are the last of the looks."""


@dataclass(eq=False)  # not frozen, which takes longer: one is made of every call
class Taken:
    """A copy of what torch was given.

    `looks`: at the `many` parts, which are x, its `sequences`, or the fields of a PackedSequence, `packed`; at the
    tensors of the initial state; and at the lengths, where `lengths` is LAST. What they say of shapes, dtypes and
    devices holds. Their numbers were copied into `raw`, memory that was lent, in which nothing may be read once that is
    given back; where that is None, they are those of the looks, for ever. `lengths`: as they were, where they were no
    tensor, None where there were none. `known`, `module`: of the module; `state`: its initial state from outside.
    `pinned`: bytes of memory that was lent, in which the numbers of the looks lie for ever.
    """

    call: str
    options: Call
    packed: bool
    sequences: bool
    looks: Sequence[Look | None]
    many: int
    raw: Raw | None
    lengths: object = None
    known: Known | None = None
    state: State | None = None
    module: Module | None = None
    pinned: int = 0

    @cached_property
    def batch(self) -> Batch:
        """The batch that the call is about, as the rules and the window take it: a PackedSequence padded again, and a
        batch that goes unpacked through a module with lengths guessed. Raises BatchError where there is none."""
        return self.named(self.call)

    @property
    def parts(self) -> Sequence[Look | None]:
        """Looks at x, its sequences, or the fields of a PackedSequence; `read` gives their numbers."""
        return self.looks[: self.many]

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        if self.raw is not None:
            return self.raw.nbytes
        return self.pinned or sum([look.nbytes for look in self.looks if look is not None])

    @property
    def states(self) -> tuple[NDArray[Any], ...]:
        """The numbers of the initial state, of what there was of it."""
        held = self.lasting().looks[self.many : -1 if self.lengths is LAST else None]
        return tuple(look.values().array for look in held if look is not None)

    def read(self) -> tuple[Sequence[NDArray[Any] | None], object]:
        """The numbers of its parts, and its lengths: see Shown."""
        numbers = self._numbers()
        lengths = self.lengths
        if lengths is LAST:
            look = self.looks[-1]
            lengths = numbers[-1] if look is not None and look.device == "cpu" else None
        elif isinstance(lengths, Look):  # it says only where they lay
            lengths = None
        return numbers[: self.many], lengths

    def packed_from(self, origin: Taken) -> Taken:
        """The same call, its PackedSequence as what it was packed from."""
        origin, states = origin.kept(), self.lasting().looks[self.many :]
        looks = (*origin.parts, *states, *origin.looks[origin.many :])
        return replace(origin, call=self.call, looks=looks, known=self.known, state=self.state, module=self.module)

    def lasting(self) -> Taken:
        """The same in the same memory, which is never given back."""
        return self if self.raw is None else self._of(self._numbers(), self.raw.nbytes)

    def kept(self) -> Taken:
        """The same in memory of its own, which may be read for as long as one likes."""
        if self.raw is None:
            return self
        return self._of([None if numbers is None else numbers.copy() for numbers in self._numbers()])

    def _of(self, numbers: Sequence[NDArray[Any] | None], pinned: int = 0) -> Taken:
        both = zip(self.looks, numbers, strict=True)
        looks = [None if look is None or array is None else look.of(array) for look, array in both]
        return replace(self, looks=looks, raw=None, pinned=pinned)

    def _numbers(self) -> list[NDArray[Any] | None]:
        if self.raw is None:
            return [None if look is None else look.numbers for look in self.looks]
        return arrays(self.looks, self.raw)

    def named(self, source: str) -> Batch:
        """The batch, from this source."""
        held = self.lasting()
        given, parts = frozenset(OPTIONS), [None if part is None else part.values() for part in held.parts]
        if self.packed:
            return settle(Found(PackedParts(*parts)), self.options, given, source)
        if self.sequences:
            return settle(Found(SequenceList(tuple(parts))), self.options, given, source)
        x = parts[0]
        assert x is not None
        array = x.array
        if self.known is not None and array.ndim == 2:
            array = array[None] if self.options.batch_first else array[:, None]
        lengths = held.looks[-1] if self.lengths is LAST else self.lengths
        if lengths is None:
            return guessed(make_batch(array, [], self.options, source=source, dtype=x.dtype))
        counts = lengths_given(lengths.values() if isinstance(lengths, Look) else lengths)
        made = with_mask_read(make_batch(array, counts, self.options, source=source, dtype=x.dtype))
        return _as_padded(made)


def _as_padded(batch: Batch) -> Batch:
    """The batch, with the number that it is padded with: a program that packs says of none."""
    counts, steps = batch.counts, batch.steps
    right = batch.x.ndim >= 2 and batch.given.is_vector and len(counts) == batch.rows and batch.x.size > 0
    if not right or int(counts.min(initial=1)) < 1 or int(counts.max(initial=0)) > steps:
        return batch
    value = filled_with(batch.grid, counts)
    return batch if value is None or value == batch.call.padding_value else batch.with_call(padding_value=value)
