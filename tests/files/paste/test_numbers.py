"""Numbers read from bytes are exactly those of int() and float()."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from itertools import chain

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.files.paste.numbers import KINDS, LONGEST, WORD, beginnings, narrow, read_piece, read_words, with_commas

FLOATS = (
    st.floats()
    | st.floats(width=32)
    | st.integers(0, 2**64 - 1).map(lambda n: struct.unpack("d", struct.pack("Q", n))[0])
)
WRITTEN = (
    FLOATS.map(repr)
    | st.integers(-(10**18) + 1, 10**18 - 1).map(str)
    | st.tuples(FLOATS.filter(np.isfinite), st.integers(0, 30)).map(lambda drawn: f"{drawn[0]:.{drawn[1]}e}")
    | st.tuples(FLOATS.filter(np.isfinite), st.integers(0, 40))
    .map(lambda drawn: f"{drawn[0]:.{drawn[1]}f}")
    .filter(lambda word: "." in word or len(word) <= LONGEST)  # of more digits a whole number is read another way
    | st.from_regex(r"[+-]?[1-9][0-9]{0,25}\.[0-9]{0,25}([eE][+-]?[0-9]{1,4})?", fullmatch=True)
    | st.sampled_from(
        ["1.", ".5", "-.5e3", "+1", "1e400", "-1e-400", "nan", "inf", "-inf", "0", "-0", "-0.0", "5e-324"]
    )
)
SEPARATED = st.lists(WRITTEN, min_size=1, max_size=20)


def words(text: str) -> np.ndarray | None:
    data = text.encode()
    return read_words(data, beginnings(np.frombuffer(data.translate(KINDS), dtype=np.uint8) == WORD))


def bits(numbers: np.ndarray) -> list[bytes]:
    return [b"nan" if n != n else np.float64(n).tobytes() for n in numbers.tolist()]


@given(SEPARATED)
@example(["9007199254740993.0", "0.1"])
@example(["2.2250738585072011e-308", "1.7976931348623159e308"])
@example(["123456789012345678.0", "0.30000000000000004"])
def test_they_are_exactly_those_of_int_and_float(written: list[str]) -> None:
    found = words("  ".join(written))
    assert found is not None
    try:
        assert found.tolist() == [int(word) for word in written]
        assert found.dtype == np.int64
    except ValueError:
        assert bits(found) == bits(np.array([float(word) for word in written]))


@given(st.lists(st.lists(WRITTEN, max_size=5), max_size=8))
def test_a_piece_is_the_numbers_of_each_row(rows: list[list[str]]) -> None:
    text = ", ".join(f"[{', '.join(row)}]" for row in rows)
    found = read_piece(text.encode())
    if not rows:
        assert found is None
        return
    assert found is not None
    assert found.lengths is not None
    assert found.lengths.tolist() == [len(row) for row in rows]
    expected = [float(word) for word in chain(*rows)]
    with suppress(ValueError):  # whole numbers, of which -0 is 0
        expected = [float(int(word)) for word in chain(*rows)]
    assert bits(found.steps.astype(np.float64)) == bits(np.array(expected))


@given(st.text(alphabet="0123456789+-.eE nainf", max_size=12))
def test_what_python_does_not_read_is_not_read(text: str) -> None:
    found = words(text)
    if found is None:
        return
    expected = [float(word) for word in text.split()]
    assert bits(found) == bits(np.array(expected))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1 2",
            "1,,2",
            ",1",
            "1,",
            "[1",
            "1]",
            "[1] [2]",
            "[1][2]",
            "1[2]",
            "[1]2",
            "[,]",
            "[1,]]",
            "1, [2]",
            "[[1], 2]",
        ),
        *(
            "nano",
            "1nan",
            "NAN",
            "True1",
            "1.5.5",
            "1-2",
            "--1",
            "- 1",
            "1e",
            "e",
            "007",
            "-01",
            "1_0",
            "0x1",
            "[[[]]]",
        ),
        *(
            "1234567890123456789",
            "[1.5, 1234567890123456789]",
            "",
            "  ",
            "[[1, 2], [3]]",
            "a",
            "[1, null]",
            "1e5e5",
            "1+",
        ),
    ],
)
def test_what_is_not_surely_a_list_of_numbers_is_left_to_a_parser(text: str) -> None:
    assert read_piece(text.encode()) is None


@pytest.mark.parametrize(
    ("text", "steps", "lengths"),
    [
        ("1, 2", [1, 2], None),
        ("[1, 2], [3],", None, None),
        ("[1, 2], [3,]", [1, 2, 3], [2, 1]),
        ("[], [1.5]", [1.5], [0, 1]),
        ("[], []", [], [0, 0]),
        ("[[1, 2], [3, 4]], [], [[5, 6]]", [[1, 2], [3, 4], [5, 6]], [2, 0, 1]),
        ("[True, false]", [True, False], [2]),
        ("[True, 2]", [1, 2], [2]),
        ("[0.5, 1e-05, -0]", [0.5, 1e-05, -0.0], [3]),
    ],
)
def test_a_piece_is_its_steps_and_how_many_of_them_each_row_has(text, steps, lengths) -> None:
    found = read_piece(text.encode())
    if steps is None:
        assert found is None
        return
    assert found is not None
    assert found.steps.tolist() == steps
    assert (None if found.lengths is None else found.lengths.tolist()) == lengths
    assert found.elements == (len(steps) if lengths is None else len(lengths))
    assert (found.steps.dtype == np.bool_) is (steps == [True, False])


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200)))
def test_whole_numbers_are_the_same_in_fewer_bytes(numbers: list[int]) -> None:
    assert narrow(np.array(numbers, dtype=np.int64)).tolist() == numbers


@given(
    st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=4), min_size=1, max_size=5),
    st.sampled_from([1, 5, 1 << 20]),
)
def test_commas_are_put_where_blanks_part_two_elements(rows: list[list[int]], at_once: int) -> None:
    text = "[" + "\n ".join(f"[{'  '.join(map(str, row))} ]" for row in rows) + "]"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("packviz.files.paste.numbers.AT_ONCE", at_once)
        assert json.loads(with_commas(text.encode())) == rows
