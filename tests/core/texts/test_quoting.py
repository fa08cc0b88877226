"""Values of the user's are quoted, and cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.texts.quoting import LONGEST, cut, excerpt, in_line, quoted, worded


class Odd:
    def __repr__(self) -> str:
        raise ValueError


@given(st.text(), st.integers(1, 300))
def test_a_text_is_whole_or_begins_as_it_does(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short) <= most
    assert short == text if len(text) <= most else text.startswith(short[:-1])


def test_whatever_it_is_can_be_quoted() -> None:
    assert quoted("a\nb") == "'a\\nb'"
    assert quoted([1, "x"]) == "[1, 'x']"
    assert len(quoted("a" * 10**6)) <= LONGEST + 2
    assert len(quoted(list(range(1000)))) == LONGEST
    assert quoted(10**5000) == "a value of type int"  # Python writes no number that long
    assert quoted(Odd()) == "a value of type Odd"


@given(st.text(), st.integers(12, 300))
def test_a_quoted_text_is_short_however_it_is_escaped(text: str, most: int) -> None:
    shown = quoted(text, most)
    assert len(shown) <= most + 2
    assert shown == repr(text) or len(repr(text)) > most + 2 or len(text) > most


def test_whatever_it_is_can_be_worded() -> None:
    assert worded("a") == "a"
    assert worded(3.5) == "3.5"
    assert worded("a" * 300, 40) == "a" * 39 + "…"
    assert worded(10**5000) == "a value of type int"


@given(st.text(), st.integers(4, 300))
def test_it_is_one_short_line_whatever_the_text(text: str, most: int) -> None:
    shown = excerpt(text, most)
    assert len(shown) <= most
    assert len(shown.splitlines()) <= 1
    assert shown == " ".join(text.split()) or shown.endswith("...")


def test_a_long_text_is_cut_at_200_characters() -> None:
    assert excerpt("a" * 10**6) == "a" * (LONGEST - 3) + "..."
    assert excerpt("a b\n c") == "a b c"
    assert excerpt("a" * LONGEST) == "a" * LONGEST


@pytest.mark.parametrize("odd", ["\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"])
def test_a_name_in_a_line_has_none_of_what_ends_or_turns_it(odd: str) -> None:
    assert in_line(f"a{odd}b") == "a\N{REPLACEMENT CHARACTER}b"


@given(st.text())
def test_a_name_in_a_line_is_as_long_and_one_line(text: str) -> None:
    assert len(in_line(text)) == len(text)
    assert len(in_line(text).splitlines()) <= 1
    assert in_line("a b.pt é 語") == "a b.pt é 語"
