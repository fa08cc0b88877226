"""FILE and FILE[NAME]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.places import entry_place, split_place

NAMES = st.text(min_size=1).filter(lambda name: not set("[]") & set(name))


@given(st.text(min_size=1), NAMES)
def test_a_place_is_taken_apart_as_it_was_put_together(place: str, name: str) -> None:
    assert split_place(entry_place(place, name)) == (place, name)


@pytest.mark.parametrize("source", ["x.pt", "", "a[0]/x.pt", "x.pt[]", "[3]", "ten.pt[3] (swapped)", "paste"])
def test_what_is_no_place_in_a_file_stays_whole(source: str) -> None:
    assert split_place(source) == (source, None)
