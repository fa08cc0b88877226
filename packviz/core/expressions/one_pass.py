"""What an expression is in one layer and direction of a run, at all of its steps at once.

Numbers stand by packed cell, (N,) or (N, units), or by step, (L,) or (L, units): see `_Values`. A row counts at the
steps that it takes: one that has ended, or has not begun, is looked at no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.columns import slab
from packviz.core.expressions.parse import Expression, ExpressionError
from packviz.core.expressions.tree import EACH, Both, Call, Name, Negative, Node, Not, Number, Pick, Span, State
from packviz.core.replaying import Steps
from packviz.core.trace import Pass, Trace

Numbers = NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Values:
    """Numbers or truths. `rows`: the first axis are the N packed cells, else the L steps. `units`: there is a second
    axis. `there`: along the first axis, what there is a value of; None of all. `each`: rows are kept apart."""

    array: Numbers
    rows: bool = False
    units: bool = False
    there: NDArray[np.bool_] | None = None
    each: bool = False


class OnePass:
    """One expression in one layer and direction, over the steps of a span. Raises ExpressionError where the run has no
    such state, row or unit.

    A step more is read at either end, where there is one: `change` looks at the one before. Steps and cells are counted
    from the first one that is read."""

    def __init__(self, expression: Expression, trace: Trace, at: Pass, span: Steps) -> None:
        self._text, self._root, self._trace, self._at = expression.text, expression.root, trace, at
        self._packing, self._span = trace.packing, span
        self._first, stop = max(0, span[0] - 1), min(trace.steps, span[1] + 1)
        self._steps = stop - self._first
        offsets = self._packing.offsets
        self._start, self._end = int(offsets[self._first]), int(offsets[stop])
        self._step_of = np.repeat(np.arange(self._steps), self._packing.batch_sizes[self._first : stop])
        self._begins = offsets[self._first : stop] - self._start
        self._rank = np.arange(len(self._step_of)) - self._begins[self._step_of]
        with np.errstate(all="ignore"):  # NaN and infinities are what is looked for
            self._found = self._of(expression.root)

    def truth(self) -> NDArray[np.bool_]:
        """Of each step of the span whether it is true after it, in some active row and unit, (steps,)."""
        return np.asarray(self._inside(self._any(self._found)))

    def _inside(self, of_steps: Numbers) -> Numbers:
        """Without the steps around the span."""
        return of_steps[self._span[0] - self._first : self._span[1] - self._first]

    def number(self) -> Numbers:
        """The number that it is after each step of the span, (steps,) float64; NaN where there is none. Raises
        ExpressionError where it is more than one."""
        found = self._found
        if found.rows or found.units:
            many = "a number for each row" if found.rows else "a number for each unit"
            raise ExpressionError(
                self._text, 0, f"this is {many}, but one number a step is expected, such as absmax(h)"
            )
        array = np.broadcast_to(found.array, self._steps).astype(np.float64)
        return self._inside(array if found.there is None else np.where(found.there, array, np.nan))

    def there(self) -> NDArray[np.bool_]:
        """After which steps of the span there is a number at all, (steps,): none of a row that is not active."""
        there = self._found.there
        return np.asarray(self._inside(np.ones(self._steps, dtype=bool) if there is None else there))

    def row_at(self, step: int) -> int:
        """The first row, in the order of the batch, in which it is true after a step of the span; -1 of none in
        particular."""
        found = self._found
        if not found.rows:
            return _row_named(self._root, self._trace) if found.there is not None else -1
        first, stop = (int(self._packing.offsets[each]) - self._start for each in (step, step + 1))
        ranks = np.flatnonzero(self._true(found)[first:stop])
        return int(self._packing.sorted_indices[ranks].min()) if len(ranks) else -1

    # ---- the parts -------------------------------------------------------------------------------------------------

    def _of(self, node: Node) -> _Values:
        match node:
            case Number():
                return _Values(np.array(node.value))
            case Name():
                return _Values(self._named(node.name))
            case State():
                return self._state(node)
            case Negative():
                inner = self._of(node.of)
                return replace(inner, array=-inner.array)
            case Not():
                inner = self._of(node.of)
                return replace(inner, array=~inner.array)
            case Call():
                return self._called(node.function, self._of(node.of))
            case Both():
                return self._both(node)

    def _named(self, name: str) -> Numbers:
        layer, direction = self._at
        constants = {"layer": layer, "direction": direction, "forward": 0, "backward": 1, "inf": np.inf, "nan": np.nan}
        return self._first + np.arange(self._steps) if name == "step" else np.array(constants[name])

    def _state(self, node: State) -> _Values:
        states = self._trace.states[self._at]
        if node.name not in states:
            have = ", ".join(states)
            raise ExpressionError(self._text, node.at, f"{self._trace.module} has no {node.name!r}: it has {have}")
        array = slab(states[node.name], self._start, self._end)
        if node.units is not None:
            array = array[:, self._chosen(node.units, array.shape[1], node, "unit")]
        found = _Values(array, rows=True, units=array.ndim > 1, each=node.rows == EACH)
        if node.rows is None or node.rows == EACH or node.rows == Span():
            return found
        rows = self._chosen(node.rows, self._packing.rows, node, "row")
        return self._of_row(found, rows) if isinstance(rows, int) else self._of_rows(found, rows)

    def _chosen(self, index: Pick, size: int, node: State, what: str) -> Any:
        if isinstance(index, Span):
            return slice(index.first, index.stop)
        assert isinstance(index, int)
        if not -size <= index < size:
            raise ExpressionError(self._text, node.at, f"{node} is asked for, but there are {size} {what}s, from 0")
        return index % size

    def _of_row(self, found: _Values, row: int) -> _Values:
        """The values of one row by step."""
        k = self._packing.index(row, self._first + np.arange(self._steps))
        return _Values(found.array[np.maximum(k - self._start, 0)], units=found.units, there=k >= 0)

    def _of_rows(self, found: _Values, rows: slice) -> _Values:
        """Of some rows; of the others there is nothing."""
        chosen = np.zeros(self._packing.rows, dtype=bool)
        chosen[rows] = True
        return replace(found, there=chosen[self._packing.sorted_indices[self._rank]])

    def _called(self, function: str, of: _Values) -> _Values:
        if function in ("isnan", "isinf", "isfinite"):
            return replace(of, array=getattr(np, function)(of.array))
        if function == "abs":
            return replace(of, array=np.abs(of.array))
        if function == "change":
            return self._change(of)
        if function == "any":
            return _Values(self._any(of))
        if function == "all":
            return _Values(~self._any(replace(of, array=~of.array)))
        return self._reduced(function, of)

    def _reduced(self, function: str, of: _Values) -> _Values:
        """One number of all units, and of all active rows unless they are kept apart; of none at all there is none."""
        rows_too = of.rows and not of.each
        there = of.there
        if rows_too and there is not None:
            there = np.logical_or.reduceat(there, self._begins)
        if function in ("absmax", "max", "min"):
            array = np.abs(of.array) if function == "absmax" else of.array
            join: Any = np.fmin if function == "min" else np.fmax  # which pass over NaN
            array = join.reduce(array, axis=1) if of.units else array
            if rows_too:
                if of.there is not None:
                    array = np.where(of.there, array, np.nan)
                array = join.reduceat(array, self._begins)
            return _Values(array, of.rows and of.each, False, there, of.each)
        wide = of.array.astype(np.float64)
        units = wide.shape[1] if of.units else 1
        sums, squares = (part.sum(axis=1) if of.units else part for part in (wide, wide * wide))
        count: Numbers = np.full(sums.shape, float(units))
        if rows_too:
            parts = [part if of.there is None else np.where(of.there, part, 0) for part in (sums, squares, count)]
            sums, squares, count = (np.add.reduceat(part, self._begins) for part in parts)
        return _Values(_moment_of(function, sums, squares, count), of.rows and of.each, False, there, of.each)

    def _change(self, of: _Values) -> _Values:
        """Since the step that was taken before, in this direction; there is none at the first one."""
        back = 1 if self._at[1] else -1
        if of.rows:
            step = self._first + self._step_of + back
            k = self._packing.index(self._packing.sorted_indices[self._rank], step)
            before = np.where((k >= self._start) & (k < self._end), k - self._start, -1)
            array = of.array
        else:
            steps = np.arange(self._steps) + back
            before = np.where((steps >= 0) & (steps < self._steps), steps, -1)
            array = np.broadcast_to(of.array, (self._steps, *of.array.shape[1:]))
        known, before = before >= 0, np.maximum(before, 0)
        if of.there is not None:
            known = known & of.there & of.there[before]
        return replace(of, array=array - array[before], there=known)

    def _both(self, node: Both) -> _Values:
        left, right = self._of(node.left), self._of(node.right)
        if node.operator in ("and", "or"):  # what is not there is not true
            left, right = (replace(part, array=self._filled(part), there=None) for part in (left, right))
        rows, units = left.rows or right.rows, left.units or right.units
        sizes = {part.array.shape[1] for part in (left, right) if part.units}
        if len(sizes) > 1:
            a, b = sorted(sizes)
            raise ExpressionError(self._text, node.at, f"{a} units stand on one side and {b} on the other")
        made = _OPERATORS[node.operator](*(self._wide(part, rows, units) for part in (left, right)))
        there: NDArray[np.bool_] | None = None
        for part in (left, right):
            if part.there is not None:
                own = part.there if part.rows or not rows else part.there[self._step_of]
                there = own if there is None else there & own
        return _Values(made, rows, units, there, left.each or right.each)

    def _wide(self, part: _Values, rows: bool, units: bool) -> Numbers:
        """As an array that the other one can be computed with."""
        array = part.array
        if array.ndim == 0:
            return array
        if rows and not part.rows:
            array = array[self._step_of]
        return array[:, None] if units and not part.units else array

    def _filled(self, of: _Values) -> Numbers:
        """Truths, false where there is none."""
        if of.there is None:
            return of.array
        return of.array & (of.there[:, None] if of.units else of.there)

    def _true(self, of: _Values) -> NDArray[np.bool_]:
        """Along the first axis, whether it is true in some unit."""
        array = of.array.any(axis=1) if of.units else of.array
        return np.asarray(array if of.there is None else array & of.there)

    def _any(self, of: _Values) -> NDArray[np.bool_]:
        """(L,) whether it is true of some active row and unit."""
        array = self._true(of)
        if of.rows:
            array = np.logical_or.reduceat(array, self._begins)
        return np.broadcast_to(array, self._steps)


def _moment_of(function: str, sums: Numbers, squares: Numbers, count: Numbers) -> Numbers:
    """The sum, the norm, the mean or the standard deviation of numbers whose sums these are."""
    if function == "sum":
        return sums
    if function == "norm":
        return np.asarray(np.sqrt(squares))
    mean = sums / count
    return np.asarray(mean if function == "mean" else np.sqrt(np.maximum(squares / count - mean**2, 0)))


def _row_named(root: Node, trace: Trace) -> int:
    """The row that an expression about one row is about, where it names only one; else -1."""
    found = _rows_in(root)
    return next(iter(found)) % trace.packing.rows if len(found) == 1 else -1


def _rows_in(node: Node) -> set[int]:
    match node:
        case State():
            return {node.rows} if isinstance(node.rows, int) else set()
        case Negative() | Not() | Call():
            return _rows_in(node.of)
        case Both():
            return _rows_in(node.left) | _rows_in(node.right)
        case _:
            return set()


_OPERATORS: dict[str, Any] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
}
