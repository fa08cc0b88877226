"""Histograms: every number is counted once, between the two edges that it lies between, or beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from packviz.core.look.spread import spread_of


@given(
    arrays(np.float32, st.integers(0, 40), elements=st.floats(width=32))
    | arrays(np.float64, st.integers(0, 40), elements=st.floats())
    | arrays(np.int64, st.integers(0, 40))
    | arrays(np.bool_, st.integers(0, 40)),
    st.integers(1, 9),
)
def test_every_number_is_counted_once(values: np.ndarray, bins: int) -> None:
    found = spread_of(values, bins)
    wide = values.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    assert found.total == values.size
    assert (found.nan, found.infinite) == (int(np.isnan(wide).sum()), int(np.isinf(wide).sum()))
    assert len(found.edges) == (len(found.counts) + 1 if len(finite) else 0)
    assert (found.edges[1:] > found.edges[:-1]).all()
    if len(finite):
        assert found.edges[0] <= finite.min()
        assert found.edges[-1] >= finite.max()
    assert not found.counts.flags.writeable


def test_the_counts_are_those_between_the_edges() -> None:
    found = spread_of(np.array([[0.0, 1.0], [2.0, 4.0]]), 4)
    assert found.edges.tolist() == [0, 1, 2, 3, 4]
    assert found.counts.tolist() == [1, 1, 1, 1]
    alone = spread_of(np.full(7, 3.0), 2)
    assert alone.edges.tolist() == [2.5, 3.0, 3.5]
    assert alone.counts.sum() == 7
    assert spread_of(np.array([-1e308, 1e308])).counts.sum() == 2
    largest = np.finfo(np.float64).max
    for above in (9.97920155e291, np.nextafter(2.0**970, 0), 2.0**970, 1e300):
        for bins in (1, 2, 64):
            assert spread_of(np.array([-largest, above]), bins).counts.sum() == 2


@pytest.mark.parametrize("value", [2.0**60, 2.0**50, 1e308, -1e300])
def test_one_large_number_alone_is_counted(value: float) -> None:
    assert spread_of(np.array([value])).counts.sum() == 1
    assert spread_of(np.array([value, np.nextafter(value, np.inf)])).counts.sum() == 2
