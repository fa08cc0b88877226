"""What a call looks like from outside: its sizes, and what does not hold of it as far as every call is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Call
from packviz.core.invariants import flags_of_cells, flags_of_lengths, flags_of_numbers, flags_of_packed
from packviz.torch_side.recording.facts import Known
from packviz.torch_side.recording.looks import State, are_whole
from packviz.torch_side.recording.made import SEQUENCES
from packviz.torch_side.recording.views import Look, as_numbers


class Sizes(NamedTuple):
    """What is told of a call in a line, as in NotedCall and in its order."""

    rows: int = 0
    steps: int = 0
    features: tuple[int, ...] = ()
    total: int = 0
    shortest: int = 0
    longest: int = 0
    dtype: str = ""
    device: str = "cpu"


class Shown(Protocol):
    """What torch is given in a call, as it lies there or as a copy of it: see Looks."""

    @property
    def parts(self) -> Sequence[Look | None]: ...

    def read(self) -> tuple[Sequence[NDArray[Any] | None], object]:
        """The numbers of its parts, of which only the shapes, dtypes and devices hold: None where there is none, or
        they lie on another device. And its lengths: their numbers where they are a tensor, None where that lies on
        another device; else as they are."""
        ...

    @property
    def known(self) -> Known | None: ...

    @property
    def state(self) -> State | None: ...


class Seen(NamedTuple):
    """`flags`: what does not hold of the call."""

    sizes: Sizes
    flags: frozenset[str]


NOTHING = Seen(Sizes(), frozenset())
"""Of a call that can't be read."""


def seen(call: str, options: Call, packed: bool, shown: Shown) -> Seen:
    """What a call looks like. `call`: as in NotedCall. `packed`: torch is given a PackedSequence."""
    if packed:
        found = _packed(shown, options)
    elif call == SEQUENCES:
        found = _sequences(shown, options)
    elif shown.known is not None:
        found = _unpacked(shown, options)
    else:
        found = _padded(shown, options)
    if shown.known is None:
        return found
    return Seen(
        found.sizes, found.flags | _of_module(shown.known, shown.state, found.sizes, not packed and _alone(shown))
    )


def _packed(shown: Shown, options: Call) -> Seen:
    (data, _, *places), ((numbers, sizes, *indices), _) = shown.parts, shown.read()
    assert data is not None
    assert sizes is not None
    total = data.shape[0] if data.shape else 0
    if any(part is not None and held is None for part, held in zip(places, indices, strict=True)):
        indices = [None, None]  # they lie on another device
    flags = flags_of_packed(sizes, total, *indices) | _numbers(numbers, data.dtype)
    counts = sizes.tolist() if sizes.ndim == 1 else []
    steps, rows = len(counts), int(counts[0]) if counts else 0
    shortest = counts.count(rows) if rows else 0
    longest = options.total_length
    if longest is not None and longest < steps:
        flags |= {"total"}
    return Seen(Sizes(rows, steps, data.shape[1:], total, shortest, steps, data.dtype, data.device), flags)


def _sequences(shown: Shown, options: Call) -> Seen:
    looks = [look for look in shown.parts if look is not None]
    lengths = [look.shape[0] if look.shape else 0 for look in looks]
    steps, total = max(lengths, default=0), sum(lengths)
    flags = flags_of_lengths(lengths, len(looks), steps, descending=options.enforce_sorted)
    if len({(look.shape[1:], look.dtype) for look in looks}) > 1:
        flags |= {"shapes"}
    for look, numbers in zip(looks, shown.read()[0], strict=True):
        flags |= _numbers(numbers, look.dtype)
    if not looks:
        return Seen(Sizes(), flags)
    first = looks[0]
    sizes = Sizes(len(looks), steps, first.shape[1:], total, min(lengths), steps, first.dtype, first.device)
    return Seen(sizes, flags)


def _unpacked(shown: Shown, options: Call) -> Seen:
    """Of a batch that goes through a module unpacked."""
    [x], ([numbers], _) = shown.parts, shown.read()
    assert x is not None
    whole = x.shape
    if len(whole) == 2:  # one row that has no dimension for rows
        whole = (1, *whole) if options.batch_first else (whole[0], 1, *whole[1:])
    rows, steps = _rows_and_steps(whole, options)
    sizes = Sizes(rows, steps, whole[2:], rows * steps, steps, steps, x.dtype, x.device)
    return Seen(sizes, _numbers(numbers, x.dtype))


def _padded(shown: Shown, options: Call) -> Seen:
    [x], ([numbers], lengths) = shown.parts, shown.read()
    assert x is not None
    rows, steps = _rows_and_steps(x.shape, options)
    vector = _vector(lengths)
    counts = None if vector is None else vector.tolist()
    flags = flags_of_lengths(counts, rows, steps, descending=options.enforce_sorted)
    if len(x.shape) < 2:
        flags |= {"rank"}
    total, shortest, longest = (sum(counts), min(counts), max(counts)) if counts else (0, 0, 0)
    sizes = Sizes(rows, steps, x.shape[2:], total, shortest, longest, x.dtype, x.device)
    if flags or vector is None or numbers is None:
        return Seen(sizes, flags | _numbers(numbers, x.dtype))
    numbers = as_numbers(numbers, x.dtype)
    return Seen(sizes, flags_of_cells(numbers if options.batch_first else numbers.swapaxes(0, 1), vector))


def _numbers(numbers: NDArray[Any] | None, dtype: str) -> frozenset[str]:
    """What does not hold of numbers that `read` gave."""
    return frozenset() if numbers is None else flags_of_numbers(as_numbers(numbers, dtype))


def _rows_and_steps(shape: tuple[int, ...], options: Call) -> tuple[int, int]:
    if len(shape) < 2:
        return 1, shape[0] if shape else 0
    return (shape[0], shape[1]) if options.batch_first else (shape[1], shape[0])


def _vector(lengths: object) -> NDArray[np.int64] | None:
    """The lengths as a vector of whole numbers; None where they are none."""
    if isinstance(lengths, np.ndarray):
        whole = lengths.ndim == 1 and lengths.dtype.kind in "iu"
        return lengths.astype(np.int64, copy=False) if whole else None
    if are_whole(lengths):
        try:
            return np.array(lengths, dtype=np.int64)
        except OverflowError:
            return None
    return None


def _alone(shown: Shown) -> bool:
    """Whether x is one row that has no dimension for rows."""
    x = shown.parts[0]
    return x is not None and len(x.shape) == 2


def _of_module(known: Known, state: State | None, sizes: Sizes, alone: bool) -> frozenset[str]:
    """ "input" where x is none that the module takes; "hx" where its initial state does not fit."""
    fit, found = known.fit, set()
    if fit is None:
        return frozenset()
    if sizes.features != (fit.inputs,) or sizes.dtype != fit.dtype:
        found.add("input")
    if state is not None:
        wanted = tuple([(fit.layers, width) if alone else (fit.layers, sizes.rows, width) for width in fit.widths])
        if state.shapes != wanted or state.pair != (len(fit.widths) == 2):
            found.add("hx")
    return frozenset(found)
