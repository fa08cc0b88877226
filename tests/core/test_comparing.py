"""Two arrays, held against each other as torch.testing.assert_close does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.comparing import TOLERANCES, Comparison, apart
from packviz.core.expressions.evaluate import Place

odd = st.sampled_from([0.0, 1.0, 1.0000001, 1.001, np.nan, np.inf, -np.inf, 1e-6, -5.0])


@given(odd, odd, st.sampled_from(sorted(TOLERANCES)))
def test_they_differ_where_assert_close_says_so(a: float, b: float, dtype: str) -> None:
    kind = getattr(torch, dtype)
    ours, theirs = torch.tensor([a], dtype=kind), torch.tensor([b], dtype=kind)
    try:
        torch.testing.assert_close(ours, theirs, equal_nan=True)
        close = True
    except AssertionError:
        close = False
    wrong, by = apart(ours.double().numpy(), theirs.double().numpy(), dtype)
    assert bool(wrong[0]) == (not close)
    assert not np.isnan(by).any()


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (None, "differs in rows 0, 2, by 0.5 at most."),
        (Place(3, 2, 1, 0), "rows 0, 2, first after t3 in row 2, by 0.5"),
    ],
)
def test_it_says_rows_and_where(first: Place | None, said: str) -> None:
    assert said in Comparison("a", "b", (0, 2), 0.5, first).told
