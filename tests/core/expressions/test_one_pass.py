"""One expression in one layer and direction: over a part of the steps it is what it is over all of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.expressions.one_pass import OnePass
from packviz.core.expressions.parse import ExpressionError, parse
from packviz.core.moments import Moment
from tests.core.expressions.test_evaluate import TRUTHS, Here, trace_of

TEXTS = ("absmax(h)", "norm(c)", "change(max(h))", "step * 2 + layer", "h[1, 0]", "std(g)")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(TRUTHS)),
    st.sampled_from(TEXTS),
    st.lists(st.integers(1, 5), min_size=2, max_size=5),
    st.sampled_from([0, 1]),
    st.dictionaries(st.integers(0, 40), st.sampled_from([math.nan, math.inf]), max_size=2),
    st.data(),
)
def test_over_a_span_it_is_what_it_is_over_all_steps(
    truth: str, number: str, lengths: list[int], direction: int, spoilt: dict[int, float], data: st.DataObject
) -> None:
    trace = trace_of(lengths, 1, 2, spoilt)
    start = data.draw(st.integers(0, trace.steps - 1))
    stop = data.draw(st.integers(start + 1, trace.steps))
    whole, part = (OnePass(parse(truth), trace, (0, direction), span) for span in ((0, trace.steps), (start, stop)))
    assert part.truth().tolist() == whole.truth()[start:stop].tolist()
    for step in start + np.flatnonzero(part.truth()):
        row = part.row_at(int(step))
        assert row == whole.row_at(int(step))
        assert row == -1 or row in Here(trace, Moment(int(step), 0, direction)).rows
    whole, part = (OnePass(parse(number), trace, (0, direction), span) for span in ((0, trace.steps), (start, stop)))
    np.testing.assert_array_equal(part.number(), whole.number()[start:stop])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("f > 0", r"at character 1: nn\.LSTM\(1, 3\) has no 'f': it has h, c, g\."),
        ("1 < h[7, 0]", r"at character 5: h\[7, 0\] is asked for, but there are 3 rows, from 0\."),
        ("h[0, 2] > 0", r"at character 1: h\[0, 2\] is asked for, but there are 2 units, from 0\."),
        ("h < c", r"at character 3: 2 units stand on one side and 3 on the other\."),
    ],
)
def test_what_the_run_does_not_have_is_said(text: str, said: str) -> None:
    trace = trace_of([2, 4, 3], 1, 1)
    with pytest.raises(ExpressionError, match=said):
        OnePass(parse(text), trace, (0, 0), (0, trace.steps))


def test_more_than_one_number_is_no_number() -> None:
    trace = trace_of([2, 4, 3], 1, 1)
    with pytest.raises(ExpressionError, match="this is a number for each row"):
        OnePass(parse("norm(c[row])"), trace, (0, 0), (0, 4)).number()
    with pytest.raises(ExpressionError, match="this is a number for each unit"):
        OnePass(parse("h[1]"), trace, (0, 0), (0, 4)).number()
