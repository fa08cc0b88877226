"""How far a part of a result has looked: which steps it has read, and a half of its features that has read one only.

The last output of the backward direction has read its last step alone; the whole row it has read at its first step.
States are looked at where they come out, and where they go into another module of the model: a layer on top mixes the
halves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from packviz.core.cells.bits import Bools, Ints
from packviz.core.steps_read import Cut, Narrowing, Reached, cuts
from packviz.torch_side.probe.caller import Caller
from packviz.torch_side.probe.crossing import changed
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, laid, laid_all
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    from torch import Tensor, nn

LONG = 2
"""Rows of more steps than that are looked at: of fewer, one step is a half of the row."""

ALONE = ("first", "last")
"""The steps that are changed at first: what has read both has looked at the whole of its row, as far as can be told."""

ENDS = ("all", "but last", "but first")
"""And where not all has, in this order."""

SPARE = 1
"""Passes that are left for the statistics."""

HALVES, ALL = ("first half", "second half"), ("all features",)
HOW = "The first steps of each row were changed, or its last ones: what stays has read none of them."

States = dict[str, "Tensor"]
"""What a state is, in words → the state, (B, …, F)."""


class Half(NamedTuple):
    """A half of the features of a state: `told`, which one; `second` of the halves; `step`: "first" or "last", the only
    one that it has read, in the rows, (n,)."""

    told: str
    second: bool
    step: str
    rows: Ints


class Extents(NamedTuple):
    """`halves`: those that have read one step only. `reached`: which steps each state of the result has read."""

    halves: list[Half]
    reached: list[Reached]


def extents(
    caller: Caller, parts: list[Part], judge: Judge, module: nn.Module | None = None, spare: int = SPARE
) -> Extents:
    """How far the states of a result have looked. `module`: what its parts are given is looked at, too, for halves that
    have read one step only, of states of an even number of features. `spare`: passes that are left for others."""
    lengths = caller.padding.lengths
    long = lengths > LONG
    states = [at for at, part in enumerate(parts) if part.reading.step is None and not is_whole(part)]
    if not states and (module is None or not long.any()):
        return Extents([], [])
    base = _some({parts[at].name: laid(parts[at], parts[at].value, caller.batch.rows) for at in states})
    results = frozenset(base)
    if module is not None and long.any():
        heard: States = {}
        caller(hooked=_listening(module, heard, caller.batch.rows))
        base |= {told: was for told, was in heard.items() if _is_even(was)}
    if not base:
        return Extents([], [])
    known = {told: Narrowing(lengths, 2 if _is_even(base[told]) else 1) for told in results}
    named = cuts(lengths)
    even = [told for told, was in base.items() if _is_even(was)]
    ends: list[dict[str, Bools]] = []
    if caller.left >= len(ALONE) + len(ENDS) + spare:
        for name in ALONE:
            if (moved := _cut(caller, parts, module, judge, base, known, named[name])) is None:
                return Extents([], [])
            ends.append(moved)
    if ends and all(moved[told][long].all() for moved in ends for told in base):
        return Extents([], _reached(known))  # all have read both ends
    there, but_last, but_first = (_cut(caller, parts, module, judge, base, known, named[name]) for name in ENDS)
    if there is None or but_last is None or but_first is None:
        return Extents([], [])
    found = [half for told in even for half in _halves(told, there[told], but_last[told], but_first[told], long)]
    mine = [half for half in found if half.told in results]
    _narrow(caller, parts, judge, {told: base[told] for told in results}, known, spare)
    return Extents(mine or found[:1], _reached(known))  # what comes in further on follows from the first


def _narrow(
    caller: Caller, parts: list[Part], judge: Judge, base: States, known: dict[str, Narrowing], spare: int
) -> None:
    """Go on as long as passes are left, and something is not known."""
    while caller.left > spare and known:
        cut = next(filter(None, (one.next() for one in known.values())), None)
        if cut is None or _cut(caller, parts, None, judge, base, known, cut) is None:
            return


def _reached(known: dict[str, Narrowing]) -> list[Reached]:
    return [one.reached(told, HALVES if one.first.shape[1] == 2 else ALL, HOW) for told, one in known.items()]


def _cut(
    caller: Caller,
    parts: list[Part],
    module: nn.Module | None,
    judge: Judge,
    base: States,
    known: dict[str, Narrowing],
    cut: Cut,
) -> dict[str, Bools] | None:
    """Which halves of which states move, in which rows, with other data in these steps: (B, G) bool of each state; None
    where no data can be changed."""
    lengths = caller.padding.lengths
    x = changed(caller, cut.cells(lengths, caller.batch.steps) & ~caller.padding.cells)
    if x is None:
        return None
    new = _states(caller, parts, module, x)
    whole = not cut.after and bool((cut.at >= lengths).all())
    moved = {told: _moved(judge, new.get(told), was, whole) for told, was in base.items()}
    for told, one in known.items():
        if told in new and new[told].shape == base[told].shape:
            one.take(cut, moved[told])
    return moved


def _halves(told: str, there: Bools, but_last: Bools, but_first: Bools, long: Bools) -> Iterator[Half]:
    """Of one state; each (B, 2) bool, in which rows which half moves."""
    for step, rest in (("last", but_last), ("first", but_first)):
        blind = there & ~rest & long[:, None]  # it moves with all of the row, but not with all but this step
        sees = there & rest & long[:, None]
        for half in (0, 1):
            mine = blind[:, half]
            if mine.any() and (mine == (there[:, half] & long)).all() and sees[mine, 1 - half].all():
                yield Half(told, bool(half), step, np.flatnonzero(mine))


def _states(caller: Caller, parts: list[Part], module: nn.Module | None, x: Tensor) -> States:
    """All states over this x."""
    heard: States = {}
    result = caller(x, hooked=None if module is None else _listening(module, heard, caller.batch.rows))
    values = laid_all(parts, result, caller.batch.rows)
    return {part.name: value for part, value in zip(parts, values, strict=True) if value is not None} | heard


def _some(states: dict[str, Any]) -> States:
    """Those that are there, and have numbers."""
    return {told: was for told, was in states.items() if was is not None and was.numel()}


def _is_even(state: Tensor) -> bool:
    """Whether it has two halves."""
    return state.ndim > 1 and state.shape[-1] % 2 == 0


def _listening(module: nn.Module, into: States, rows: int) -> Callable[[], None]:
    """What sets hooks that note each state, (B, F), that a part of the module is given."""

    def hear(told: str) -> Callable[[Any, Any], None]:
        def heard(part: nn.Module, given: Any) -> None:
            value: Any = given[0] if given else None
            if getattr(value, "ndim", 0) == 2 and len(value) == rows and value.is_floating_point():
                into.setdefault(told, value.detach().clone())

        return heard

    def hooked() -> None:
        for name, part in module.named_modules():
            if name:
                part.register_forward_pre_hook(hear(f"what `{name}` ({type(part).__name__}) is given"))

    return hooked


def _moved(judge: Judge, value: Tensor | None, was: Tensor, strong: bool) -> Bools:
    """(B, G) bool: in which rows which of two halves moves, or the whole state where it has none; by more than rounding
    where `strong`."""
    groups = 2 if _is_even(was) else 1
    if value is None or value.shape != was.shape:
        return np.full((len(was), groups), not strong)
    # What a half has not read leaves its bits as they are: a faint trace of other steps is a trace.
    apart = judge.apart(value, was) if strong else (value != was) & ~(value.isnan() & was.isnan())
    size = apart.shape[-1] // groups if apart.ndim > 1 else 1
    halved = apart.reshape(len(apart), -1, groups, size)
    return to_array(halved.transpose(1, 2).reshape(len(apart), groups, -1).any(dim=2))
