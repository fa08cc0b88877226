"""What a histogram shows: x in its valid cells, a state of the active rows, how many gates are saturated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.trace import Trace
from packviz.session.runs import TraceRequest
from packviz.session.scene import spread
from packviz.session.scene.spread import (
    names_of,
    saturated,
    spread_of_cells,
    spread_of_state,
    stride_of,
    told,
)

X = np.array([[1, 2, np.nan, 99, 99], [4, np.inf, 99, 99, 99], [6, 7, 8, 9, 99]], dtype=np.float32)
BATCH = make_batch(X, [3, 2, 4], Call(True, False))


def traced(scale: float = 1.0, **module: Any) -> Trace:
    x = np.where(np.isfinite(X), X, 0) * np.float32(scale)
    return TraceRequest(make_batch(x, [3, 2, 4], Call(True, False)), Module(**module)).do(UNWATCHED)


def test_padding_is_not_counted_and_what_is_not_finite_is_told() -> None:
    found = spread_of_cells(BATCH, 0)
    assert found is not None
    assert (found.total, found.nan, found.infinite) == (9, 1, 1)
    assert found.edges[-1] == 9
    assert told(found, "x") == "9 numbers of x, 1 NaN, 1 infinite"
    turned = make_batch(X.T.copy(), [3, 2, 4], Call(False, False))
    again = spread_of_cells(turned, 0)
    assert again is not None
    assert again.counts.tolist() == found.counts.tolist()


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 500))
def test_of_many_cells_some_are_counted_spread_evenly(rows: int, steps: int, most: int) -> None:
    batch = make_batch(np.zeros((rows, steps)), np.full(rows, steps), Call(True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "MOST", most)
        stride, found = stride_of(batch), spread_of_cells(batch, 0)
    assert found is not None
    assert found.total == -(-rows // stride) * -(-steps // stride)
    assert stride == 1 or rows * steps > most


def test_there_is_none_of_complex_numbers_and_of_no_cells() -> None:
    assert spread_of_cells(None, 0) is None
    assert spread_of_cells(make_batch(np.zeros((2, 3), dtype=np.complex64), [3, 2], Call(True)), 0) is None
    assert spread_of_cells(make_batch(np.zeros((2, 0)), [0, 0], Call(True)), 0) is None


@pytest.mark.parametrize("moment", [Moment(0), Moment(3), Moment(2, 1, 1)])
def test_a_state_is_counted_in_the_rows_that_take_the_step(moment: Moment) -> None:
    trace = traced(layers=2, directions=2)
    for name in trace.names:
        found = spread_of_state(trace, name, moment)
        assert found.total == int((trace.packing.lengths > moment.step).sum()) * 6
    assert [name for name, _ in names_of(trace)] == list(trace.names)
    assert names_of(None) == ()


def test_saturated_gates_are_counted() -> None:
    trace, moment = traced(1000.0), Moment(1)
    values = trace.state("i", moment)[trace.packing.lengths > 1]
    near = int(((values < 0.01) | (values > 0.99)).sum())
    assert near > 3
    assert saturated(trace, "i", moment) == f"{near} of {values.size} are saturated: nearer than 0.01 to 0 or 1"
    cell = trace.state("g", moment)[trace.packing.lengths > 1]
    both = int((np.abs(cell) > 0.99).sum())
    assert saturated(trace, "g", moment).startswith(f"{both} of {cell.size} ")
    assert saturated(trace, "g", moment).endswith("to -1 or 1")
    assert saturated(trace, "h", moment) == saturated(trace, "c", moment) == ""
