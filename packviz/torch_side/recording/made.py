"""One call that a program makes: what torch was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import copysign
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Call
from packviz.torch_side.recording.views import Unreadable

if TYPE_CHECKING:
    import torch

PACK, SEQUENCES, UNPACK = "pack_padded_sequence", "pack_sequence", "pad_packed_sequence"
STAGE = {PACK: "pack", SEQUENCES: "pack", UNPACK: "unpack"}
"""The call at which a finding's error is raised; of a module, "run"."""


_NUMBER = int, float


@dataclass(eq=False, slots=True)  # not frozen, which takes longer: one is made of every call
class Made:
    """One call. `call`: as in NotedCall. `x`, `lengths`: as torch is given them. `options`: of the call, as given.
    `module`, `hx`: of a recurrent forward. `packed`: x is a PackedSequence. It holds what is the program's, for as long
    as the call runs."""

    call: str
    x: Any
    lengths: Any = None
    options: Call = field(default_factory=Call)
    module: torch.nn.RNNBase | None = None
    hx: Any = None
    packed: bool = False


def made_by(kind: str, given: tuple[Any, ...]) -> Made:
    """The call of this kind with these arguments, in the order of torch's function. Raises Unreadable where an option
    is none that the function takes."""
    if kind == PACK:
        x, lengths, batch_first, enforce_sorted = given
        return Made(kind, x, lengths, _options(_truth(batch_first), _truth(enforce_sorted)))
    if kind == SEQUENCES:
        return Made(kind, given[0], None, _options(True, _truth(given[1])))
    if kind == UNPACK:
        x, batch_first, value, total = given
        if isinstance(value, bool) or not isinstance(value, _NUMBER) or not (total is None or isinstance(total, int)):
            raise Unreadable("a padding_value or total_length that is no plain number")
        return Made(kind, x, None, _unpacking(_truth(batch_first), value, total), packed=_packed(x))
    module, x, hx = given
    return Made(f"nn.{kind}", x, None, _options(bool(module.batch_first), True), module, hx, _packed(x))


@cache
def _options(batch_first: bool, enforce_sorted: bool) -> Call:
    return Call(batch_first, enforce_sorted)


def _unpacking(batch_first: bool, value: float, total: int | None) -> Call:
    if type(value) is not float or not (total is None or type(total) is int):
        return Call(batch_first, padding_value=value, total_length=total)
    return _unpacking_with(batch_first, value, copysign(1.0, value) < 0, total)


@lru_cache(64)
def _unpacking_with(batch_first: bool, value: float, negative: bool, total: int | None) -> Call:
    """`negative`: as -0.0 is, which else equals 0.0."""
    return Call(batch_first, padding_value=value, total_length=total)


def _packed(x: Any) -> bool:
    return isinstance(x, tuple) and hasattr(x, "batch_sizes")


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else bool(value)
