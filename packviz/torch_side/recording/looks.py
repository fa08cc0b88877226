"""The tensors of a call as they lie in the program's memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from packviz.torch_side.recording.facts import Known, known_of
from packviz.torch_side.recording.made import SEQUENCES, Made
from packviz.torch_side.recording.views import Look, Unreadable, look

if TYPE_CHECKING:
    import torch


class State(NamedTuple):
    """The initial state that a module is given, from outside: the shapes of its tensors, and whether it came as a
    tuple."""

    shapes: tuple[tuple[int, ...], ...]
    pair: bool


class Looks(NamedTuple):
    """Views of what is the program's: to be let go of when the call ends.

    `parts`: x; its sequences; or the fields of a PackedSequence, None where it has none. `lengths`: a look at them
    where they are a tensor, else as they are. `known`: of the module; `state`: None where it is given none.
    """

    parts: tuple[Look | None, ...]
    lengths: object = None
    known: Known | None = None
    state: State | None = None

    def read(self) -> tuple[Sequence[NDArray[Any] | None], object]:
        """The numbers of its parts, and its lengths: see Shown."""
        lengths = self.lengths
        if isinstance(lengths, Look):
            lengths = lengths.numbers if lengths.device == "cpu" else None
        return [None if part is None else part.numbers for part in self.parts], lengths

    @property
    def near(self) -> bool:
        """Whether x lies in the processor's memory: to look at it waits for nothing."""
        first = self.parts[0] if self.parts else None
        return first is None or first.here


def looks_at(made: Made) -> Looks:
    """The tensors of a call. Raises Unreadable where there is none in the place of one, or one that can't be read."""
    if made.packed:
        parts = _packed(made.x)
    elif made.call == SEQUENCES:
        if not isinstance(made.x, list | tuple):
            raise Unreadable(f"a {type(made.x).__name__} in the place of a list of sequences")
        parts = tuple(map(look, made.x))
    else:
        parts = (look(made.x),)
    lengths = made.lengths
    if lengths is not None:
        return Looks(parts, look(lengths) if isinstance(lengths, _tensor()) else lengths)
    if made.module is None:
        return Looks(parts)
    return Looks(parts, None, known_of(made.module), None if made.hx is None else _state(made.hx))


def _packed(packed: Any) -> tuple[Look | None, ...]:
    order, back = packed.sorted_indices, packed.unsorted_indices
    sizes = look(packed.batch_sizes)
    if not sizes.here:
        raise Unreadable("batch_sizes that lie on another device")
    return look(packed.data), sizes, None if order is None else look(order), None if back is None else look(back)


def _state(hx: Any) -> State:
    states = hx if isinstance(hx, tuple) else (hx,)
    return State(tuple([tuple(getattr(state, "shape", ())) for state in states]), isinstance(hx, tuple))


def are_whole(lengths: object) -> TypeGuard[Sequence[int]]:
    """Whether lengths are a list of whole numbers, of Python's or NumPy's own."""
    return isinstance(lengths, list | tuple) and all(
        type(length) is int or isinstance(length, np.integer) for length in lengths
    )


@cache
def _tensor() -> type[torch.Tensor]:
    import torch

    return torch.Tensor
