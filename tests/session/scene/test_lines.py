"""A unit over time: the numbers of its trace, row by row."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.packing import Packing, pack
from packviz.session.scene.lines import MOST_LINES, lines_of
from tests.traces import numbered_trace

BATCH = make_batch(np.zeros((3, 3)), [2, 3, 1], Call(True, False))


def test_a_line_is_one_unit_of_one_row_in_its_layer_and_direction() -> None:
    packing = pack(BATCH)
    assert isinstance(packing, Packing)
    trace = numbered_trace(packing, 2, 2)
    for at in trace.states:
        for name in trace.names:
            lines = lines_of(trace, name, 1, (0, 2, 1), at)
            assert [line.row for line in lines] == [0, 2, 1]
            for line in lines:
                expected = trace.row(name, line.row, layer=at[0], direction=at[1])[:, 1]
                assert line.values.tolist() == expected.tolist()
    assert lines_of(trace, "h", 2, (0,), (0, 0)) == ()  # of a projection
    assert lines_of(trace, "q", 0, (0,), (0, 0)) == lines_of(None, "h", 0, (0,), (0, 0)) == ()
    assert [line.row for line in lines_of(trace, "h", 0, (1, 7), (0, 0))] == [1]


def test_no_more_are_drawn_than_can_be_told_apart() -> None:
    many = make_batch(np.zeros((40, 2)), np.full(40, 2), Call(True))
    packing = pack(many)
    assert isinstance(packing, Packing)
    assert len(lines_of(numbered_trace(packing), "h", 0, tuple(range(40)), (0, 0))) == MOST_LINES
