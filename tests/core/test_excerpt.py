"""What a message quotes."""

from hypothesis import given
from hypothesis import strategies as st

from packviz.core.excerpt import MOST, excerpt


@given(st.text(), st.integers(4, 300))
def test_it_is_one_short_line_whatever_the_text(text: str, most: int) -> None:
    shown = excerpt(text, most)
    assert len(shown) <= most
    assert len(shown.splitlines()) <= 1
    assert shown == " ".join(text.split()) or shown.endswith("...")


def test_a_long_text_is_cut_at_200_characters() -> None:
    assert excerpt("a" * 10**6) == "a" * (MOST - 3) + "..."
    assert excerpt("a b\n c") == "a b c"
    assert excerpt("a" * MOST) == "a" * MOST
