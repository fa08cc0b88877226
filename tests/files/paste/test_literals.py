"""Lists of numbers found in a text."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.paste import literals
from packviz.files.paste.literals import NumberList, extract, nonce, rows_alone, spans
from packviz.files.paste.paste import parse_paste


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


ROW = st.lists(st.integers(0, 9).map(str) | st.sampled_from(["1.5", "nan", "True"]), max_size=3)


@given(st.lists(ROW, min_size=1, max_size=8), st.sampled_from(["\n", " \n", "", "\n\n"]))
def test_a_text_of_rows_alone_is_what_it_is_read_one_by_one(rows: list[list[str]], between: str) -> None:
    text = between.join(f"[{', '.join(row)}]" for row in rows)

    def read() -> list[object]:
        batch = parse_paste(text)
        return [batch.dtype, repr(batch.x.tolist()), batch.lengths.tolist(), batch.carrier, batch.given.origin]

    try:
        expected: object = read()
    except BatchError as error:
        expected = str(error)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "SHORTEST_ROWS", 0)
        patch.setattr(literals, "FEWEST_ROWS", 3)
        if isinstance(expected, str):
            with pytest.raises(BatchError, match=re.escape(expected)):
                read()
        else:
            assert read() == expected


def test_rows_alone_are_read_however_many_they_are() -> None:
    text = "\n".join(f"[{index}, 1]" if index % 2 else f"[{index}]" for index in range(150_000))
    rows = rows_alone(text)
    assert rows is not None
    assert (len(rows), rows.dtype, rows.flat[:3].tolist()) == (150_000, "int64", [0, 1, 1])
    assert rows_alone(text + "\nx") is None
    assert rows_alone(text + "\n[[1]]") is None
    assert rows_alone(text[:1000]) is None
