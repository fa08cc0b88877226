"""The same call again: a state that is kept between calls, told from numbers that are drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from packviz.torch_side.probe.caller import Caller, Result
from packviz.torch_side.probe.results import differences, is_tensor, same_shapes


@dataclass(frozen=True)
class Again:
    """`kept`: the second call differs from the first, with the same random numbers. `drawn`: it differs with others.
    `restless`: it differs though nothing does. `rested`: without dropout nothing is drawn."""

    kept: bool = False
    drawn: bool = False
    restless: bool = False
    rested: bool = False


def again(caller: Caller, first: Result) -> Again:
    """Call it again: right after the first call, from the same state as it, and with other random numbers."""
    kept = not alike(first, caller(fresh=False))
    restless = kept and not alike(first, caller())
    if restless:
        return Again(drawn=True, restless=True)
    if alike(first, caller(seed=12345)):
        return Again(kept)
    caller.resting = True
    rested = alike(caller(), caller(seed=12345))
    caller.resting = rested
    return Again(kept, True, rested=rested)


def alike(old: Result, new: Result) -> bool:
    """Whether two results are the same, but for rounding."""
    same = same_shapes(old, new) and not any(bool(d.any()) for d in differences(old, new))
    return same and changed_number(old, new) is None


def changed_number(old: Result, new: Result) -> str | None:
    """The name of the first thing that is no tensor and differs."""
    plain, others = ([(n, v) for n, v in result if not is_tensor(v)] for result in (old, new))
    if [name for name, _ in plain] != [name for name, _ in others]:
        return "what it returns beside its tensors"
    return next((name for (name, a), (_, b) in zip(plain, others, strict=True) if _told(a) != _told(b)), None)


def _told(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
