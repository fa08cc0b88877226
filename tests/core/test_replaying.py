"""Columns, rows and pieces of a run whose segments are computed again, here by hand and counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.packing import Packing, pack_in_order
from packviz.core.replaying import Replayed, Segment, Steps, pieces_of, rows_held, span_of


class ByHand:
    """Segments of a packing whose state "h" of a cell is its packed index."""

    def __init__(self, packing: Packing, length: int) -> None:
        self.packing, self.asked = packing, list[int]()
        self.spans: tuple[Steps, ...] = tuple(
            (at, min(at + length, packing.longest)) for at in range(0, packing.longest, length)
        )
        self.nbytes = 7

    def segment(self, number: int, watch: Watch = UNWATCHED) -> Segment:
        watch.check()
        self.asked.append(number)
        first, stop = self.spans[number]
        start, end = int(self.packing.offsets[first]), int(self.packing.offsets[stop])
        return Segment((first, stop), start, {(0, 0): {"h": np.arange(start, end, dtype=np.float64)[:, None]}})


def packing_of(lengths: list[int]) -> Packing:
    return pack_in_order(lengths, np.argsort(-np.array(lengths), kind="stable"), 9)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 5), st.data())
def test_a_column_finds_each_cell_in_its_segment(lengths: list[int], length: int, data: st.DataObject) -> None:
    packing = packing_of(lengths)
    replays = ByHand(packing, length)
    column = Replayed(replays, packing, (0, 0), "h", (packing.size, 1), np.float64)
    k = np.array(data.draw(st.lists(st.integers(0, packing.size - 1), max_size=9)), dtype=np.int64)
    np.testing.assert_array_equal(column.take(k), k[:, None].astype(float))
    assert len(replays.asked) == len(set(replays.asked))
    np.testing.assert_array_equal(np.asarray(column)[:, 0], np.arange(packing.size))
    for step in range(-1, 12):
        number = span_of(replays.spans, step)
        first, stop = replays.spans[number]
        assert first <= min(max(step, 0), packing.longest - 1) < stop


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 5), st.data())
def test_rows_are_gathered_from_the_segments_in_which_they_have_steps(
    lengths: list[int], length: int, data: st.DataObject
) -> None:
    packing = packing_of(lengths)
    replays = ByHand(packing, length)
    rows = tuple(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, unique=True)))
    held = rows_held(replays, packing, rows)
    expected = np.sort(np.concatenate([packing.index(row, np.arange(lengths[row])) for row in rows]))
    np.testing.assert_array_equal(held.cells, expected)
    np.testing.assert_array_equal(held.states[0, 0]["h"][:, 0], expected)
    longest = max(lengths[row] for row in rows)
    assert replays.asked == list(range(-(-longest // length)))
    pieces = pieces_of((0, 0), "h", (packing.size, 1), np.float64, None, held)
    assert pieces.known(np.arange(packing.size)).sum() == len(expected)


def test_gathering_rows_can_be_given_up_and_tells_how_far_it_is() -> None:
    packing, told = packing_of([8, 8]), list[float]()
    with pytest.raises(Cancelled):
        rows_held(ByHand(packing, 2), packing, (0,), Watch(cancelled=lambda: True))
    rows_held(ByHand(packing, 2), packing, (0,), Watch(progress=told.append))
    assert told == [0, 0.25, 0.5, 0.75]


def test_a_segment_can_not_be_written_to() -> None:
    segment = ByHand(packing_of([4, 2]), 2).segment(1)
    assert segment.nbytes == 16
    with pytest.raises(ValueError, match="read-only"):
        segment.states[0, 0]["h"][0, 0] = 1
