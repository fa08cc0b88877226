"""FILE and FILE[NAME]."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.places import entry_place, entry_word, split_place

NAMES = st.text(min_size=1).filter(lambda name: not set("[]") & set(name))


@given(st.text(min_size=1), NAMES)
def test_a_place_is_taken_apart_as_it_was_put_together(place: str, name: str) -> None:
    assert split_place(entry_place(place, name)) == (place, name)


@pytest.mark.parametrize("source", ["x.pt", "", "a[0]/x.pt", "x.pt[]", "[3]", "ten.pt[3] (swapped)", "paste"])
def test_what_is_no_place_in_a_file_stays_whole(source: str) -> None:
    assert split_place(source) == (source, None)


@given(NAMES | st.integers(0).map(str) | st.sampled_from(["07", "²", 'a "b"', "\\", "-1"]))
def test_the_word_for_a_name_is_python_that_names_it(name: str) -> None:
    assert str(ast.literal_eval(entry_word(name))) == name
