"""Numbers as they stand in a cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.session.scene.numbers import number, number_row, state_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (-7, "-7"),
        (True, "1"),
        (False, "0"),
        (3.0, "3"),
        (0.0, "0"),
        (-0.21, "-0.21"),
        (0.5, "0.50"),
        (12.345, "12.35"),
        (0.00123, "0.00123"),
        (120.5, "120"),
        (99999.0, "99999"),
        (123456.0, "1.23e+05"),
        (1e30, "1e+30"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (1 + 2j, "1+2j"),
    ],
)
def test_a_number_is_short(value: complex, text: str) -> None:
    assert number(value) == text


@given(st.floats(width=32))
def test_every_float_has_a_text_that_is_near_it(value: float) -> None:
    text = number(value)
    assert len(text) <= 9
    atol = 0.00501 if 0.01 <= abs(value) < 100 else 0  # two decimals there, three digits elsewhere
    assert np.isclose(float(text), value, rtol=0.00501, atol=atol, equal_nan=True)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_are_written_whole(value: int) -> None:
    assert number(value) == str(value)


def test_a_row_of_any_dtype() -> None:
    assert number_row(np.array([True, False])) == ["1", "0"]
    assert number_row(np.array([1, 2], dtype=np.uint8)) == ["1", "2"]
    assert number_row(np.array([0.25, np.nan], dtype=np.float16)) == ["0.25", "nan"]


@given(st.floats(width=32))
def test_a_short_state_is_rounded_from_the_number_itself(value: float) -> None:
    short, text = state_text(value, True), state_text(value)
    assert text == f"{value:.2f}"
    if abs(value) < 100:
        assert len(short) <= 4
    if np.isfinite(value):
        digits = len(short.partition(".")[2])
        assert abs(float(short) - value) <= max(0.5000001 * 10.0**-digits, abs(value) * 1e-6)


def test_short_states_of_every_size() -> None:
    values = [
        0.0,
        -0.0,
        0.21,
        -0.214,
        0.996,
        -0.994,
        2.08,
        -2.349,
        14.2,
        -14.6,
        float("nan"),
        float("inf"),
        -float("inf"),
    ]
    said = [state_text(value, True) for value in values]
    assert said == [".00", "-.00", ".21", "-.21", "1.0", "-.99", "2.1", "-2.3", "14.2", "-15", "nan", "inf", "-inf"]
