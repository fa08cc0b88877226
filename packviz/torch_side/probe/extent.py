"""How far a part of a result has looked: a half of its features that has read one step of each row only.

The last output of the backward direction has read its last step alone; the whole row it has read at its first step.
States are looked at where they come out, and where they go into another module of the model: a layer on top mixes the
halves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from packviz.core.cells.bits import Bools, Ints
from packviz.torch_side.probe.caller import Caller
from packviz.torch_side.probe.crossing import changed
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, laid, laid_all
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    from torch import Tensor, nn

LONG = 2
"""Rows of more steps than that are looked at: of fewer, one step is a half of the row."""

States = dict[str, "Tensor"]
"""What a state is, in words → the state, (B, …, F)."""


class Half(NamedTuple):
    """A half of the features of a state: `told`, which one; `second` of the halves; `step`: "first" or "last", the only
    one that it has read, in the rows, (n,)."""

    told: str
    second: bool
    step: str
    rows: Ints


def halves(caller: Caller, parts: list[Part], judge: Judge, module: nn.Module | None = None) -> list[Half]:
    """The halves that have read one step only, of states of an even number of features. `module`: what its parts are
    given is looked at, too."""
    lengths, steps = caller.padding.lengths, np.arange(caller.batch.steps)
    long = lengths > LONG
    states = [at for at, part in enumerate(parts) if part.reading.step is None and not is_whole(part)]
    if not long.any() or not (states or module is not None):
        return []
    base = _even({parts[at].name: laid(parts[at], parts[at].value, caller.batch.rows) for at in states})
    if module is not None:
        heard: States = {}
        caller(hooked=_listening(module, heard, caller.batch.rows))
        base |= _even(heard)
    if not base:
        return []
    valid = ~caller.padding.cells
    cells = {"all": valid, "last": valid & (steps != lengths[:, None] - 1), "first": valid & (steps != 0)}
    moved: dict[str, dict[str, Bools]] = {}
    for name, chosen in cells.items():
        new = _states(caller, parts, module, chosen)
        moved[name] = {told: _moved(judge, new.get(told), was, name == "all") for told, was in base.items()}
    found = [
        half
        for told in base
        for half in _halves(told, moved["all"][told], moved["last"][told], moved["first"][told], long)
    ]
    results = [half for half in found if half.told in {part.name for part in parts}]
    return results or found[:1]  # what comes in further on follows from the first


def _halves(told: str, there: Bools, but_last: Bools, but_first: Bools, long: Bools) -> Iterator[Half]:
    """Of one state; each (B, 2) bool, in which rows which half moves."""
    for step, rest in (("last", but_last), ("first", but_first)):
        blind = there & ~rest & long[:, None]  # it moves with all of the row, but not with all but this step
        sees = there & rest & long[:, None]
        for half in (0, 1):
            mine = blind[:, half]
            if mine.any() and (mine == (there[:, half] & long)).all() and sees[mine, 1 - half].all():
                yield Half(told, bool(half), step, np.flatnonzero(mine))


def _states(caller: Caller, parts: list[Part], module: nn.Module | None, cells: Bools) -> States:
    """All states, with other data in these cells."""
    x = changed(caller, cells)
    if x is None:
        return {}
    heard: States = {}
    result = caller(x, hooked=None if module is None else _listening(module, heard, caller.batch.rows))
    values = laid_all(parts, result, caller.batch.rows)
    return {part.name: value for part, value in zip(parts, values, strict=True) if value is not None} | heard


def _even(states: dict[str, Any]) -> States:
    """Those that have two halves."""
    return {told: was for told, was in states.items() if was is not None and was.ndim > 1 and was.shape[-1] % 2 == 0}


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
    """(B, 2) bool: in which rows which half moves, by more than rounding where `strong`."""
    if value is None or value.shape != was.shape:
        return np.full((len(was), 2), not strong)
    # What a half has not read leaves its bits as they are: a faint trace of other steps is a trace.
    apart = judge.apart(value, was) if strong else (value != was) & ~(value.isnan() & was.isnan())
    halved = apart.reshape(len(apart), -1, 2, apart.shape[-1] // 2)
    return to_array(halved.transpose(1, 2).reshape(len(apart), 2, -1).any(dim=2))
