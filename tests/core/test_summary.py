"""The nouns of a summary: how lengths are spread, and its JSON."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.checked import Checked
from packviz.core.summary import BINS, QUANTILES, LengthSpread, Summary
from packviz.core.tally import Tally


def spread(lengths: list[int]) -> LengthSpread:
    values, counts = np.unique(np.array(lengths, dtype=np.int64), return_counts=True)
    return LengthSpread(values, counts)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_the_histogram_has_every_row_once_in_spans_of_one_width(lengths: list[int]) -> None:
    found = spread(lengths).histogram()
    assert len(found) <= BINS
    for start, end, rows in found:
        assert rows == sum(start <= length <= end for length in lengths)
    assert sum(rows for *_, rows in found) == len(lengths)
    assert found[0][0] == min(lengths)
    assert found[-1][1] == max(lengths)
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(found))
    assert len({end - start for start, end, _ in found[:-1]}) <= 1


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_quantiles_and_the_mean_are_those_of_the_rows(lengths: list[int]) -> None:
    found, ordered = spread(lengths), sorted(lengths)
    for share in QUANTILES:
        smallest = next(n for n in ordered if sum(m <= n for m in ordered) >= share * len(ordered))
        assert found.quantile(share) == smallest
    assert found.mean == pytest.approx(sum(lengths) / len(lengths))
    assert found.rows == len(lengths)


def test_no_batch_at_all_is_a_summary_too() -> None:
    found = Summary()
    assert found.ok
    assert json.loads(json.dumps(found.to_dict()))["lengths"] == {"rows": 0}
    assert str(found).startswith("0 batches, 0 rows: 0 are fine, 0 wrong")
    assert found.lengths.histogram() == []


def test_the_json_has_all_of_it() -> None:
    tally = Tally()
    tally.add(Checked("a.npz", 2, 5, np.array([5, 2])))
    found = tally.summary().to_dict()
    assert json.loads(json.dumps(found)) == found
    assert (found["ok"], found["batches"], found["padding"]["data"], found["lengths"]["longest"]) == (True, 1, 7, 5)
    assert repr(tally.summary()) == str(tally.summary())
