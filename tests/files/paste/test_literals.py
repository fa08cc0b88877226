"""Lists of numbers found in a text."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.paste import literals
from packviz.files.paste.literals import NumberList, extract, nonce, spans


def test_the_outermost_lists_are_cut_out_and_lines_stay_true():
    text = "x = f([[1, 2],\n [3, 4]], [b, [5]])\ny = [6]"
    rest, lists = extract(text, "[_{}]")
    assert rest == "x = f([\n_0], [b, [_1]])\ny = [_2]"
    assert [(found.text, found.line) for found in lists] == [("[[1, 2],\n [3, 4]]", 1), ("[5]", 2), ("[6]", 3)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[1., .5, -2.e+03]", [1.0, 0.5, -2000.0]),
        ("[+1, 2,]", [1, 2]),
        ("[[1. 2.]\n [3. -4.]]", [[1.0, 2.0], [3.0, -4.0]]),
        ("[True, False]", [True, False]),
        ("[  1,\n   10]", [1, 10]),
        ("[]", []),
    ],
)
def test_numbers_as_python_torch_and_numpy_print_them(text, numbers):
    assert NumberList.of(text, 1).read().tolist() == numbers


def test_infinities_and_nan_as_they_are_printed():
    assert repr(NumberList.of("[nan, inf, -inf, NaN, Infinity]", 1).read().tolist()) == "[nan, inf, -inf, nan, inf]"


@pytest.mark.parametrize("text", ["[1, 2, ..., 9]", "[[1., 2.],\n ...,\n [3., 4.]]", "[1. 2. ... 9.]"])
def test_a_summarised_print_is_refused_with_both_ways_out(text):
    with pytest.raises(BatchError, match=r"line 4: .*set_printoptions\(profile=\"full\"\).*torch\.save"):
        NumberList.of(text, 4).read()


@pytest.mark.parametrize(("text", "said"), [("x\n[[1]", "line 2: a '['"), ("[1]\n\n]", "line 3: a ']'")])
def test_a_bracket_without_its_twin_is_named_with_its_line(text, said):
    with pytest.raises(BatchError) as raised:
        extract(text, "[_{}]")
    assert said in str(raised.value)


@given(st.text(alphabet="[]0123456789., \n-+eEnaifTrulsx") | st.text())
def test_any_text_raises_nothing_but_batch_error(text):
    with suppress(BatchError):
        _, lists = extract(text, "[_{}]")
        for found in lists:
            with suppress(BatchError):
                found.read()


WITH_NAMES = st.text(alphabet="[]x1, ", max_size=40)


@given(WITH_NAMES)
def test_the_lists_that_are_found_are_the_outermost_of_nothing_but_numbers(text: str) -> None:
    """Against a search with a stack of brackets."""
    opened, twins = [], []
    for at, mark in enumerate(text):
        if mark == "[":
            opened.append(at)
        elif mark == "]":
            if not opened:
                with pytest.raises(BatchError, match="closes nothing"):
                    spans(text.encode())
                return
            twins.append((opened.pop(), at + 1))
    if opened:
        with pytest.raises(BatchError, match="never closed"):
            spans(text.encode())
        return
    pure = [(start, stop) for start, stop in sorted(twins) if "x" not in text[start:stop]]
    outermost = [twin for twin in pure if not any(a < twin[0] and twin[1] < b for a, b in pure)]
    for piece in (3, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(literals, "PIECE", piece)
            assert [tuple(span) for span in spans(text.encode()).tolist()] == outermost


def test_what_would_be_left_is_known_before_a_list_is_cut_out() -> None:
    assert extract("[1] [2]", "[_]", 7)[0] == "[_] [_]"
    with pytest.raises(BatchError, match="too much that is not numbers"):
        extract("[1] [2]", "[_]", 6)


def test_the_mark_of_a_list_is_a_word_that_nobody_typed() -> None:
    words = {nonce("text") for _ in range(100)}
    assert len(words) > 90
    assert all(word.isidentifier() for word in words)
    assert nonce("".join(words)) not in words
