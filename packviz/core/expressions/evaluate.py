"""What an expression is after every moment of a run, as a truth or as a number, and where it first holds."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.expressions.one_pass import OnePass
from packviz.core.expressions.parse import Expression, ExpressionError
from packviz.core.moments import Moment
from packviz.core.replaying import span_of
from packviz.core.trace import Trace


class Place(NamedTuple):
    """Where an expression is true: a row after a step, in a layer and direction; a row of -1 where it is true of the
    moment and of no row in particular."""

    step: int
    row: int
    layer: int = 0
    direction: int = 0


def truths(expression: Expression, trace: Trace) -> NDArray[np.bool_]:
    """Of each moment of the walk whether the expression is true after it, in some active row and unit, (M,), read-only.
    Raises ExpressionError where the run has no such state, row or unit."""
    _check_truth(expression)
    moments = trace.moments
    held = np.zeros((moments.layers, moments.directions, moments.steps), dtype=bool)
    for span, (layer, direction) in product(trace.spans, trace.states):
        held[layer, direction, slice(*span)] = OnePass(expression, trace, (layer, direction), span).truth()
    return moments.along(held)


class Readings(NamedTuple):
    """What an expression is after each moment of a walk, (M,) each, read-only. `numbers`: float64, NaN where it is
    none; `there`: where it is one, NaN or not. There is none of a row that is not active."""

    numbers: NDArray[np.float64]
    there: NDArray[np.bool_]


def readings(expression: Expression, trace: Trace) -> Readings:
    """The number that the expression is after each moment of the walk, and where there is one. A truth is 1 or 0.
    Raises ExpressionError, also where it is more than one."""
    moments = trace.moments
    held = np.zeros((moments.layers, moments.directions, moments.steps))
    there = np.ones(held.shape, dtype=bool)
    for span, (layer, direction) in product(trace.spans, trace.states):
        one = OnePass(expression, trace, (layer, direction), span)
        held[layer, direction, slice(*span)] = one.truth() if expression.truth else one.number()
        if not expression.truth:
            there[layer, direction, slice(*span)] = one.there()
    return Readings(moments.along(held), moments.along(there))


def numbers(expression: Expression, trace: Trace) -> NDArray[np.float64]:
    """The numbers of `readings`."""
    return readings(expression, trace).numbers


def first(expression: Expression, trace: Trace) -> Place | None:
    """Where the expression first holds, in the order of the walk, and in the first row of the batch in which it does;
    None where it never does. Raises ExpressionError."""
    _check_truth(expression)
    if trace.replays is not None:  # one sweep over all segments, not one for each layer and direction
        held = np.flatnonzero(truths(expression, trace))
        if not len(held):
            return None
        moment = trace.moments[int(held[0])]
        span = trace.spans[span_of(trace.spans, moment.step)]
        one = OnePass(expression, trace, (moment.layer, moment.direction), span)
        return Place(moment.step, one.row_at(moment.step), moment.layer, moment.direction)
    for layer, direction in trace.states:
        one = OnePass(expression, trace, (layer, direction), (0, trace.steps))
        steps = np.flatnonzero(one.truth())
        if len(steps):
            step = int(steps[-1] if direction else steps[0])
            return Place(step, one.row_at(step), layer, direction)
    return None


def _check_truth(expression: Expression) -> None:
    if not expression.truth:
        raise ExpressionError(expression.text, 0, "this is a number, but a comparison is expected")


def moment_of(place: Place) -> Moment:
    """The moment of a place."""
    return Moment(place.step, place.layer, place.direction)
