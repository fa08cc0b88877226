"""The parts of an origin."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.moments import Moment
from packviz.core.origins import OfState, Origin, Term, largest, short


@given(st.lists(st.floats(-100, 100), max_size=20), st.integers(1, 8))
def test_the_largest_terms_and_the_rest_add_up_to_all(values: list[float], most: int) -> None:
    kept, rest, others = largest([Term(str(i), value) for i, value in enumerate(values)], most)
    assert len(kept) + others == len(values)
    assert sum(term.value for term in kept) + rest == pytest.approx(sum(values), abs=1e-9)
    least = abs(rest) / max(1, others)
    assert all(abs(term.value) >= least * (1 - 1e-12) for term in kept)  # the rest is rounded


def test_nan_comes_first() -> None:
    assert largest([Term("a", 9.0), Term("b", math.nan)], 1)[0][0].symbol == "b"


@pytest.mark.parametrize(
    ("value", "said"), [(0.123456, "0.1235"), (2.0, "2"), (math.nan, "nan"), (-math.inf, "-inf"), (1e-9, "1e-09")]
)
def test_numbers_are_short(value: float, said: str) -> None:
    assert short(value) == said


def test_an_origin_says_which_number_it_is_of() -> None:
    of = OfState("h", Moment(1, 2, 1), 3, 4)
    origin = Origin(of, 0.5, "h' = …", "… = 0.5", (), 0.5)
    assert origin.title(2, True) == "h[3, 4] = 0.5 after t1, layer 2 ←"
    assert origin.title(1, False) == "h[3, 4] = 0.5 after t1"
    assert Term("f[3]", 0.55).told == "f[3] = 0.55"
