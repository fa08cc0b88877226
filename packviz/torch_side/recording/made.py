"""One call that a program makes: what torch was given, what it looks like from outside, and a copy of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Call
from packviz.core.invariants import flags_of_cells, flags_of_lengths, flags_of_numbers, flags_of_packed
from packviz.torch_side.recording.views import Look, Unreadable, as_numbers, look

if TYPE_CHECKING:
    import torch

PACK, SEQUENCES, UNPACK = "pack_padded_sequence", "pack_sequence", "pad_packed_sequence"
STAGE = {PACK: "pack", SEQUENCES: "pack", UNPACK: "unpack"}
"""The call at which a finding's error is raised; of a module, "run"."""


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


@dataclass(eq=False, slots=True)  # not frozen, which takes longer: one is made of every call
class Made:
    """One call. `call`: as in NotedCall. `x`, `lengths`: as torch is given them. `options`: of the call, as given.
    `module`, `hx`: of a recurrent forward. It holds what is the program's, for as long as the call runs."""

    call: str
    x: Any
    lengths: Any = None
    options: Call = field(default_factory=Call)
    module: torch.nn.RNNBase | None = None
    hx: Any = None

    @property
    def stage(self) -> str:
        return STAGE.get(self.call, "run")

    @property
    def packed(self) -> bool:
        """Whether torch is given a PackedSequence."""
        return isinstance(self.x, tuple) and hasattr(self.x, "batch_sizes")


def made_by(kind: str, given: tuple[Any, ...]) -> Made:
    """The call of this kind with these arguments, in the order of torch's function. Raises Unreadable where an option
    is none that the function takes."""
    if kind == PACK:
        x, lengths, batch_first, enforce_sorted = given
        return Made(kind, x, lengths, _options(_truth(batch_first), _truth(enforce_sorted)))
    if kind == SEQUENCES:
        return Made(kind, given[0], None, Call(True, _truth(given[1])))
    if kind == UNPACK:
        x, batch_first, value, total = given
        if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(total, int | None):
            raise Unreadable("a padding_value or total_length that is no plain number")
        return Made(kind, x, None, Call(_truth(batch_first), padding_value=value, total_length=total))
    module, x, hx = given
    return Made(f"nn.{kind}", x, None, _options(bool(module.batch_first), True), module, hx)


@cache
def _options(batch_first: bool, enforce_sorted: bool) -> Call:
    return Call(batch_first, enforce_sorted)


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else bool(value)


class Seen:
    """What a call looks like from outside: its sizes, and `flags`, what does not hold of it as far as every call is
    looked at. Views of the program's memory: to be let go of when the call ends."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.looks: tuple[Look | None, ...] = ()
        self.lengths: Look | None = None
        if made.packed:
            self._see_packed()
        elif made.call == SEQUENCES:
            self._see_sequences()
        else:
            self._see_padded()
        if made.module is not None:
            self.flags |= _module_flags(made, self.sizes)

    def _see_packed(self) -> None:
        packed = self.made.x
        data, sizes = look(packed.data), look(packed.batch_sizes)
        order, back = (
            None if part is None else look(part) for part in (packed.sorted_indices, packed.unsorted_indices)
        )
        if sizes.numbers is None:
            raise Unreadable("batch_sizes that lie on another device")
        on_device = any(part is not None and part.numbers is None for part in (order, back))
        indices = (None, None) if on_device else tuple(None if p is None else p.numbers for p in (order, back))
        total = data.shape[0] if data.shape else 0
        self.flags = flags_of_packed(sizes.numbers, total, *indices)
        self.looks = (data, sizes, order, back)
        if data.numbers is not None:
            self.flags |= flags_of_numbers(as_numbers(data.numbers, data.dtype))
        counts = sizes.numbers
        steps, rows = (len(counts), int(counts[0])) if counts.ndim == 1 and len(counts) else (0, 0)
        shortest = int(np.count_nonzero(counts == rows)) if rows else 0
        self.sizes = Sizes(rows, steps, data.shape[1:], total, shortest, steps, data.dtype, data.device)
        longest = self.made.options.total_length
        if longest is not None and longest < steps:
            self.flags |= {"total"}

    def _see_sequences(self) -> None:
        rows = self.made.x
        if not isinstance(rows, list | tuple):
            raise Unreadable(f"a {type(rows).__name__} in the place of a list of sequences")
        looks = tuple(look(row) for row in rows)
        self.looks = looks
        lengths = [seen.shape[0] if seen.shape else 0 for seen in looks]
        first = looks[0] if looks else None
        steps = max(lengths, default=0)
        self.sizes = Sizes(
            len(looks),
            steps,
            () if first is None else first.shape[1:],
            sum(lengths),
            min(lengths, default=0),
            steps,
            "" if first is None else first.dtype,
            "cpu" if first is None else first.device,
        )
        self.flags = flags_of_lengths(lengths, len(looks), steps, descending=self.made.options.enforce_sorted)
        if len({(seen.shape[1:], seen.dtype) for seen in looks}) > 1:
            self.flags |= {"shapes"}
        for seen in looks:
            if seen.numbers is not None:
                self.flags |= flags_of_numbers(as_numbers(seen.numbers, seen.dtype))

    def _see_padded(self) -> None:
        made = self.made
        x = look(made.x)
        self.looks = (x,)
        batch_first, whole = made.options.batch_first, x.shape
        if made.module is not None and len(whole) == 2:  # one row that has no dimension for rows
            whole = (1, *whole) if batch_first else (whole[0], 1, *whole[1:])
        rows, steps = (whole[:2] if batch_first else whole[1::-1]) if len(whole) >= 2 else (1, *whole, 0)[:2]
        if made.module is not None:
            self.counts: NDArray[np.int64] | None = None
            n = rows * steps, steps, steps
            self.flags = frozenset[str]()
        else:
            self.lengths = look(made.lengths) if _is_tensor(made.lengths) else None
            self.counts = _vector(made.lengths, self.lengths)
            counts = None if self.counts is None else self.counts.tolist()
            self.flags = flags_of_lengths(counts, rows, steps, descending=made.options.enforce_sorted)
            n = (sum(counts), min(counts), max(counts)) if counts else (0, 0, 0)
            if len(whole) < 2:
                self.flags |= {"rank"}
        self.sizes = Sizes(rows, steps, whole[2:], *n, x.dtype, x.device)
        if x.numbers is None:
            return
        numbers = as_numbers(x.numbers, x.dtype)
        if self.flags or made.module is not None or self.counts is None:
            self.flags |= flags_of_numbers(numbers)
        else:
            self.flags |= flags_of_cells(numbers if batch_first else numbers.swapaxes(0, 1), self.counts)


def _is_tensor(lengths: Any) -> bool:
    import torch

    return isinstance(lengths, torch.Tensor)


def _vector(lengths: Any, seen: Look | None) -> NDArray[np.int64] | None:
    """The lengths as a vector of whole numbers; None where they are none. `seen`: the look at those of a tensor."""
    if seen is not None:
        found = seen.numbers
        whole = found is not None and found.ndim == 1 and found.dtype.kind in "iu"
        return found.astype(np.int64, copy=False) if whole and found is not None else None
    if isinstance(lengths, np.ndarray):
        return lengths.astype(np.int64) if lengths.ndim == 1 and lengths.dtype.kind in "iu" else None
    if isinstance(lengths, list | tuple) and all(type(length) is int for length in lengths):
        try:
            return np.array(lengths, dtype=np.int64)
        except OverflowError:
            return None
    return None


def _module_flags(made: Made, sizes: Sizes) -> frozenset[str]:
    """ "input" where x is none that the module takes; "hx" where its initial state does not fit."""
    module = made.module
    assert module is not None
    found = set()
    weight: Any = module._flat_weights[0]
    if weight is None:  # taken away, as for a parametrisation that has yet to make it
        return frozenset()
    if sizes.features != (module.input_size,) or f"torch.{sizes.dtype}" != str(weight.dtype):
        found.add("input")
    if made.hx is not None:
        states = made.hx if isinstance(made.hx, tuple) else (made.hx,)
        layers, rows = module.num_layers * (2 if module.bidirectional else 1), sizes.rows
        widths = (module.proj_size or module.hidden_size, module.hidden_size)[: 2 if module.mode == "LSTM" else 1]
        shapes = [tuple(getattr(state, "shape", ())) for state in states]
        alone = not made.packed and made.x.ndim == 2
        wanted = [(layers, width) if alone else (layers, rows, width) for width in widths]
        if shapes != wanted or isinstance(made.hx, tuple) != (module.mode == "LSTM"):
            found.add("hx")
    return frozenset(found)
