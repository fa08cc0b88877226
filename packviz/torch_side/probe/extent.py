"""How far a part of a result has looked: a half of its features that has read one step of each row only.

The last output of the backward direction has read its last step alone; the whole row it has read at its first step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from packviz.core.cells.bits import Bools, Ints
from packviz.torch_side.probe.caller import Caller
from packviz.torch_side.probe.crossing import changed
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, laid, laid_all
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    from torch import Tensor


class Half(NamedTuple):
    """A half of the features of a part of the result: `part` of the result, `second` of the halves; `step`: "first" or
    "last", the only one that it has read, in the rows, (n,)."""

    part: int
    second: bool
    step: str
    rows: Ints


def halves(caller: Caller, parts: list[Part], judge: Judge) -> list[Half]:
    """The halves that have read one step only, of states of an even number of features."""
    rows, lengths = caller.batch.rows, caller.padding.lengths
    which = [
        at
        for at, part in enumerate(parts)
        if part.reading.step is None and not is_whole(part) and not hasattr(part.value, "batch_sizes")
    ]
    base = {at: laid(parts[at], parts[at].value, rows) for at in which}
    which = [at for at in which if (was := base[at]) is not None and was.ndim > 1 and was.shape[-1] % 2 == 0]
    if not which or not (lengths > 2).any():
        return []
    steps = np.arange(caller.batch.steps)
    valid = ~caller.padding.cells
    seen = {
        "all": _moved(caller, parts, judge, base, which, valid, strong=True),
        "last": _moved(caller, parts, judge, base, which, valid & (steps != lengths[:, None] - 1)),
        "first": _moved(caller, parts, judge, base, which, valid & (steps != 0)),
    }
    found = []
    for at in which:
        there, long = seen["all"][at], lengths > 2
        for step in ("last", "first"):
            rest = seen[step][at]
            blind = there & ~rest & long[:, None]  # it moves with all of the row, but not with all but this step
            sees = there & rest & long[:, None]
            for second in (False, True):
                mine, other = blind[:, int(second)], sees[:, int(not second)]
                if mine.any() and (mine == (there[:, int(second)] & long)).all() and other[mine].all():
                    found.append(Half(at, second, step, np.flatnonzero(mine)))
    return found


def _moved(
    caller: Caller,
    parts: list[Part],
    judge: Judge,
    base: dict[int, Tensor | None],
    which: list[int],
    cells: Bools,
    strong: bool = False,
) -> dict[int, Bools]:
    """Of each part, (B, 2) bool: in which rows which half moves with other data in these cells, by more than rounding
    where `strong`."""
    x = changed(caller, cells)
    if x is None:
        return {at: np.zeros((caller.batch.rows, 2), dtype=bool) for at in which}
    got = laid_all(parts, caller(x), caller.batch.rows)
    moved = {}
    for at in which:
        value, was = got[at], base[at]
        if value is None or was is None or value.shape != was.shape:
            moved[at] = np.ones((caller.batch.rows, 2), dtype=bool)
            continue
        # What a half has not read leaves its bits as they are: a faint trace of other steps is a trace.
        apart = judge.apart(value, was) if strong else (value != was) & ~(value.isnan() & was.isnan())
        halved = apart.reshape(len(apart), -1, 2, apart.shape[-1] // 2)
        moved[at] = to_array(halved.transpose(1, 2).reshape(len(apart), 2, -1).any(dim=2))
    return moved
