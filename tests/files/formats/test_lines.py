"""Lines of a table, one by one."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.formats import lines
from packviz.files.formats.lines import Form, first_line, is_number, read_lines, with_points


@given(st.text(alphabet='ab1,"\n\r \x0b', max_size=30), st.sampled_from([1, 1 << 16]))
def test_the_first_line_is_that_of_csv_and_the_rest_begins_behind_it(text: str, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "AT_ONCE", at_once)
        found = first_line(text, ",")
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), skipinitialspace=True) if row]
    assert (found.cells if found else None) == (rows[0] if rows else None)
    if found:
        rest = csv.reader(text[found.after :].splitlines(), skipinitialspace=True)
        assert [[cell.strip() for cell in row] for row in rest if row] == rows[1:]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2\n3,oops", r"line 2, column 2: 'oops' is not a number\."),
        ("1,,2", r"line 1, column 2: an empty cell is not a number; only the cells at the end"),
        ("1,99999999999999999999", r"line 1, column 2: '99999999999999999999' is too large for 64 bits\."),
        ("1," + "a" * 500, r"line 1, column 2: 'a{40}' is not"),
        ("1," + "1" * 200_000, r"line 1 is no line of a table \(field larger than field limit"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_column(text: str, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        read_lines(text, Form(","), 0, 100)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5,99999999999999999999", r"line 1, column 2: the length is '99999999999999999999', too large for 64 bits\."),
        ("5,x", r"line 1, column 2: the length is 'x', not a number\."),
        ("1,2\n5", r"line 2, column 2: the length is an empty cell, not a number\."),
    ],
)
def test_a_length_that_is_none_is_named(text: str, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        read_lines(text, Form(",", frozenset({1}), 1), 0, 100)


def test_numbers_of_other_scripts_and_of_19_digits_are_read() -> None:
    part = read_lines("١,1_0\n9223372036854775807\n1.5", Form(","), 0, 100)
    assert part.lengths.tolist() == [2, 1, 1]
    assert part.flat.tolist() == [1.0, 10.0, 2.0**63, 1.5]
    assert read_lines("9223372036854775807", Form(","), 0, 100).flat.tolist() == [2**63 - 1]


def test_a_comma_is_a_point_only_beside_semicolons() -> None:
    assert with_points("1,5;2,x", ";") == "1.5;2,x"
    assert with_points("1,5", ",") == "1,5"
    assert [is_number(cell) for cell in ("1", "nan", "1e5", "", "x")] == [True, True, True, False, False]
