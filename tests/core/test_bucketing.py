"""What sorting rows by length saves, against plain loops over every cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.bucketing import Bucketing, Buckets, cells_sorted

Rows = list[list[int]]

batches = st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 40), min_size=0, max_size=7)), max_size=12)


def dealt(rows: Rows) -> int:
    """The cells of batches whose rows are sorted, the shortest first, and dealt out again, row by row."""
    left = sorted(length for batch in rows for length in batch)
    cells = 0
    for batch in rows:
        mine = [left.pop(0) for _ in batch]
        cells += sum(max(mine) for _ in mine) if mine else 0
    return cells


@given(batches, st.integers(1, 5))
def test_all_counts_are_those_of_dealing_the_rows_out_one_by_one(
    drawn: list[tuple[int, list[int]]], window: int
) -> None:
    counter = Buckets(window)
    for beyond, lengths in drawn:
        counter.add(max(lengths, default=0) + beyond, np.array(lengths, dtype=np.int64))
    rows = [lengths for _, lengths in drawn if lengths]
    steps = [max(lengths) + beyond for beyond, lengths in drawn if lengths]
    found = counter.counted()
    assert found.cells == sum(len(batch) * t for batch, t in zip(rows, steps, strict=True))
    assert found.data == sum(map(sum, rows))
    assert found.cut == sum(len(batch) * max(batch) for batch in rows)
    assert found.windowed == sum(dealt(rows[i : i + window]) for i in range(0, len(rows), window))
    assert found.sorted == dealt(rows)
    assert found == counter.counted()  # asking changes nothing


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.data())
def test_lengths_with_counts_are_the_same_as_lengths_one_by_one(sizes: list[int], data: st.DataObject) -> None:
    lengths = np.sort(np.array(data.draw(st.lists(st.integers(0, 9), min_size=sum(sizes), max_size=sum(sizes)))))
    values, counts = np.unique(lengths, return_counts=True)
    assert cells_sorted(values, sizes, counts) == cells_sorted(lengths, sizes)


@given(batches, st.integers(1, 5))
def test_sorting_never_costs_cells_where_batches_are_of_one_size(
    drawn: list[tuple[int, list[int]]], window: int
) -> None:
    counter = Buckets(window)
    for beyond, lengths in drawn:
        whole = (lengths + [1] * 7)[:7]
        counter.add(max(whole) + beyond, np.array(whole, dtype=np.int64))
    found = counter.counted()
    assert found.data <= found.sorted <= found.windowed <= found.cut <= found.cells


def test_shares_are_of_todays_cells() -> None:
    found = Bucketing(window=2, cells=100, data=40, cut=80, windowed=50, sorted=40)
    assert found.padding == pytest.approx(0.6)
    assert found.share(found.windowed) == pytest.approx(0.2)
    assert found.saved(found.windowed) == pytest.approx(0.5)
    assert found.to_dict()["saved"] == {"cut": pytest.approx(0.2), "windowed": 0.5, "sorted": pytest.approx(0.6)}
    assert Bucketing().padding == Bucketing().saved(0) == 0.0
