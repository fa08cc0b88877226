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
from packviz.torch_side.facts import device_of, with_hx
from packviz.torch_side.recording.facts import Known
from packviz.torch_side.recording.looks import Looks, State
from packviz.torch_side.recording.made import SEQUENCES
from packviz.torch_side.recording.views import Look, copied, look

if TYPE_CHECKING:
    from torch import Tensor

    from packviz.torch_side.recording.keeping import Buffers
    from packviz.torch_side.recording.made import Made


@dataclass(frozen=True, eq=False)
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
    raw: NDArray[np.uint8] | None = None
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


def taken(made: Made, looks: Looks, buffers: Buffers | None = None) -> Taken:
    """A copy of what the call is given: from a GPU it is waited for. `looks`: at its tensors. `buffers`: whose memory
    it is copied into. Raises Unreadable, and BatchError of lengths that torch takes for none."""
    sequences = made.call == SEQUENCES
    tensors = list(made.x) if made.packed or sequences else [made.x]
    states = _tensors_of(made.hx)
    tensors += states
    found, many = [*looks.parts, *map(look, states)], len(looks.parts)
    lengths = made.lengths
    if isinstance(looks.lengths, Look) and looks.lengths.device != "meta":
        tensors.append(lengths)
        found.append(looks.lengths)
        copies, raw = _copies(tensors, found, buffers)
        lengths = copies.pop()
    else:
        copies, raw = _copies(tensors, found, buffers)
        lengths = None if lengths is None else _lengths(lengths)
    module = None if looks.known is None else looks.known.facts
    if module is not None and made.module is not None and made.hx is not None:
        module = with_hx(module, made.hx, device_of(made.module))
    size = sum([copy.numbers.nbytes for copy in copies if copy is not None and copy.numbers is not None])
    return Taken(
        made.call,
        made.options,
        tuple(copies[:many]),
        lengths,
        looks.known,
        looks.state,
        tuple([state for state in copies[many:] if state is not None]),
        module,
        made.packed,
        sequences,
        raw,
        size,
    )


def _tensors_of(hx: Any) -> list[Tensor]:
    """The tensors of an initial state, as far as it may have any."""
    if hx is None:
        return []
    import torch

    states = hx if isinstance(hx, tuple | list) else (hx,)
    return [state for state in states[:2] if isinstance(state, torch.Tensor)]


def _copies(
    tensors: Sequence[Any], looks: Sequence[Look | None], buffers: Buffers | None
) -> tuple[list[Look | None], NDArray[np.uint8] | None]:
    """Copies of these tensors, and the memory that was lent for them."""
    if buffers is None or any(look is not None and look.numbers is None for look in looks):
        pairs = zip(tensors, looks, strict=True)
        return [None if look is None else copied(tensor, look) for tensor, look in pairs], None
    return buffers.copies(looks)


def _lengths(given: Any) -> object:
    """A copy of lengths that are no tensor, or one without numbers, which says where they lay."""
    import torch

    if isinstance(given, torch.Tensor):
        return Look(tuple(given.shape), "int64", "meta", np.zeros(tuple(given.shape), dtype=np.int64))
    if isinstance(given, np.ndarray):
        return given.copy()
    if isinstance(given, list | tuple) and all(type(length) is int for length in given):
        return list(given)
    lengths = lengths_given(given)  # what holds tensors of the program must not be held
    return Values(lengths.array, lengths.array.dtype.name, lengths.device, lengths.listed)


def _as_padded(batch: Batch) -> Batch:
    """The batch, with the number that it is padded with: a program that packs says of none."""
    counts, steps = batch.counts, batch.steps
    right = batch.x.ndim >= 2 and batch.given.is_vector and len(counts) == batch.rows and batch.x.size > 0
    if not right or int(counts.min(initial=1)) < 1 or int(counts.max(initial=0)) > steps:
        return batch
    value = filled_with(batch.grid, counts)
    return batch if value is None or value == batch.call.padding_value else batch.with_call(padding_value=value)
