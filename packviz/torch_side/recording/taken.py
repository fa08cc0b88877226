"""What a call was given, copied: nothing of it is the program's any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import OPTIONS, Batch, Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.cells.masks import with_mask_read
from packviz.core.invariants import filled_with
from packviz.core.module import Module
from packviz.files.arrays import Values
from packviz.files.lengths import lengths_given
from packviz.files.packed import PackedParts
from packviz.files.paste.found import Found, SequenceList
from packviz.files.settle import settle
from packviz.torch_side.recording.facts import known_of
from packviz.torch_side.recording.made import SEQUENCES
from packviz.torch_side.recording.views import Look, copied

if TYPE_CHECKING:
    from packviz.torch_side.recording.keeping import Buffers
    from packviz.torch_side.recording.made import Made


@dataclass(frozen=True, eq=False)
class Taken:
    """A copy of what torch was given.

    `parts`: x; its `sequences`; or the fields of a PackedSequence, `packed`. `given`: the lengths, None where there
    were none. `module`: what is known of it, `hx`: the numbers of its initial state. `buffers`: the memory that was
    lent for it, in which nothing may be read once that is given back; none where it may be for ever. `nbytes`: what it
    takes.
    """

    call: str
    options: Call
    parts: tuple[Values | None, ...]
    given: object = None
    module: Module | None = None
    hx: tuple[NDArray[Any], ...] = ()
    packed: bool = False
    sequences: bool = False
    buffers: tuple[NDArray[np.uint8], ...] = ()
    nbytes: int = 0

    @cached_property
    def batch(self) -> Batch:
        """The batch that the call is about, as the rules and the window take it: a PackedSequence padded again, and a
        batch that goes unpacked through a module with lengths guessed. Raises BatchError where there is none."""
        return self.named(self.call)

    def packed_from(self, origin: Taken) -> Taken:
        """The same call, its PackedSequence as what it was packed from."""
        parts = tuple(None if part is None else replace(part, array=part.array.copy()) for part in origin.parts)
        return replace(origin, call=self.call, module=self.module, hx=self.hx, parts=parts, buffers=())

    def named(self, source: str) -> Batch:
        """The batch, from this source."""
        given = frozenset(OPTIONS)
        if self.packed:
            return settle(Found(PackedParts(*self.parts)), self.options, given, source)
        if self.sequences:
            return settle(Found(SequenceList(self.parts)), self.options, given, source)
        x = self.parts[0]
        assert x is not None
        array = x.array
        if self.module is not None and self.given is None and array.ndim == 2:
            array = array[None] if self.options.batch_first else array[:, None]
        if self.given is None:
            return guessed(make_batch(array, [], self.options, source=source, dtype=x.dtype))
        lengths = lengths_given(self.given)
        made = with_mask_read(make_batch(array, lengths, self.options, source=source, dtype=x.dtype))
        return _as_padded(made)


def taken(
    made: Made, looks: Sequence[Look | None] = (), buffers: Buffers | None = None, lengths: Look | None = None
) -> Taken:
    """A copy of what the call is given: from a GPU it is waited for. `looks`: at the tensors of x, `lengths`: at those,
    where they were looked at. `buffers`: whose memory it is copied into. Raises Unreadable, and BatchError of lengths
    that torch takes for none."""
    copy = None if buffers is None else buffers.copy
    tensors = made.x if made.packed or isinstance(made.x, list | tuple) else (made.x,)
    known = looks if len(looks) == len(tensors) else (None,) * len(tensors)
    parts = tuple(
        [None if part is None else copied(part, look, copy) for part, look in zip(tensors, known, strict=True)]
    )
    given = None if made.lengths is None else _lengths(made.lengths, lengths)
    module, hx = (None, ()) if made.module is None else _module(made)
    size = sum([part.array.nbytes for part in parts if part is not None]) + sum([state.nbytes for state in hx])
    lent = () if buffers is None else buffers.lent()
    sequences = made.call == SEQUENCES
    return Taken(made.call, made.options, parts, given, module, hx, made.packed, sequences, lent, size)


def _lengths(given: Any, seen: Look | None) -> object:
    """A copy of lengths, whatever they are, which says where they lay."""
    if seen is not None and seen.numbers is not None:
        return seen.values()
    import torch

    if isinstance(given, torch.Tensor):
        return Values(np.zeros(tuple(given.shape)), "int64", "meta") if given.is_meta else copied(given)
    if isinstance(given, np.ndarray):
        return given.copy()
    if isinstance(given, list | tuple) and all(type(length) is int for length in given):
        return list(given)
    lengths = lengths_given(given)  # what holds tensors of the program must not be held
    return Values(lengths.array, lengths.array.dtype.name, lengths.device, lengths.listed)


def _module(made: Made) -> tuple[Module, tuple[NDArray[Any], ...]]:
    """What is known of the module and its initial state, and the numbers of that, of what there is of it."""
    import torch

    module, hx = made.module, made.hx
    assert module is not None
    states = hx if isinstance(hx, tuple | list) else () if hx is None else (hx,)
    return known_of(module, hx), tuple(copied(state).array for state in states[:2] if isinstance(state, torch.Tensor))


def _as_padded(batch: Batch) -> Batch:
    """The batch, with the number that it is padded with: a program that packs says of none."""
    counts, steps = batch.counts, batch.steps
    right = batch.x.ndim >= 2 and batch.given.is_vector and len(counts) == batch.rows and batch.x.size > 0
    if not right or int(counts.min(initial=1)) < 1 or int(counts.max(initial=0)) > steps:
        return batch
    value = filled_with(batch.grid, counts)
    return batch if value is None or value == batch.call.padding_value else batch.with_call(padding_value=value)
