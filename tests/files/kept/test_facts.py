"""Values are taken as they are, or refused: nothing is converted."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.files.kept.facts import flag, one_of, text, whole

ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(ANY)
def test_each_takes_its_kind_alone(value: Any) -> None:
    for take, fits in (
        (whole, type(value) is int and 0 <= value < 2**31),
        (flag, isinstance(value, bool)),
        (text, isinstance(value, str)),
    ):
        if fits:
            assert take(value) is value
        else:
            with pytest.raises((TypeError, ValueError)):
                take(value)


@given(st.integers(-3, 9), st.integers(-1, 4), st.integers(4, 6))
def test_a_number_lies_within_its_bounds(value: int, least: int, most: int) -> None:
    if least <= value <= most:
        assert whole(value, most, least) == value
    else:
        with pytest.raises(ValueError, match=f"no number from {least} to {most}"):
            whole(value, most, least)


def test_one_of_several_is_one_of_them() -> None:
    kinds = Literal["LSTM", "GRU"]
    assert one_of(kinds, "GRU") == "GRU"
    with pytest.raises(ValueError, match="RNN is none of LSTM, GRU"):
        one_of(kinds, "RNN")
