"""FILE and FILE[NAME]."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from packviz.core.places import entry_place, entry_word


def test_a_batch_of_several_stands_behind_its_file() -> None:
    assert entry_place("ten.pt", "3") == "ten.pt[3]"


@given(st.text(min_size=1) | st.integers(0, 10**17).map(str))
def test_what_is_written_after_entry_is_python_for_the_same_name(name: str) -> None:
    assert str(ast.literal_eval(entry_word(name))) == name
