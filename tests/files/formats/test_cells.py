"""The cells of a table, read in NumPy, are those that csv, int and float read line by line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.formats import cells
from packviz.files.formats.cells import read_rows
from packviz.files.formats.lines import Form, read_lines

CELL = st.sampled_from(["1", "-2", "3.5", "nan", "-inf", "1e3", "007", "", " ", " 4 ", "5\t"]) | st.integers(
    -(10**20), 10**20
).map(str)
ODD = st.sampled_from(["x", "1 2", "1_0", "١", '"6"', '"', '"7, 8"', "9\x0b", "\r", "1-2", "0x1", "--1", "nan(1)", "é"])


def tables(mark: str) -> Any:
    lines = st.lists(st.lists(CELL, max_size=4) | st.lists(CELL | ODD, max_size=4), max_size=8)
    return lines.map(lambda rows: "\n".join(mark.join(row) for row in rows))


TABLES = st.sampled_from(",;\t ").flatmap(lambda mark: st.tuples(st.just(mark), tables(mark)))
SKIPPED = st.sampled_from([(frozenset(), None), (frozenset({1}), 1), (frozenset({0}), None), (frozenset({0, 2}), 2)])


def outcome(text: str, form: Form, way: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        if way == "lines":
            patch.setattr(cells, "_read_piece", lambda piece, form: None)
        elif way != "whole":
            patch.setattr(cells, "PIECE", int(way))
        try:
            rows = read_rows(text, form)
        except BatchError as error:
            return str(error)
    if rows is None:
        return None
    counts = None if rows.counts is None else (rows.counts.dtype.kind, repr(rows.counts.tolist()))
    return rows.flat.dtype.kind, repr(rows.flat.tolist()), rows.lengths.tolist(), counts


@given(TABLES, SKIPPED)
@example((",", "1,2\n\n3\n"), (frozenset(), None))
@example((",", "1,2\n,\n3,4\n , \n"), (frozenset(), None))
@example((",", '"1","2"\n"","3"\n""\n4,5'), (frozenset(), None))
@example((";", "1,5;2\n3;4,25"), (frozenset(), None))
@example((",", "a b,1\nc,2,3"), (frozenset({0}), None))
@example((",", "1,2\n,\n3,1"), (frozenset({1}), 1))
@example((" ", "1  2\n\n \n3 2 1 "), (frozenset({1}), 1))
@example((",", '1,"2\n3",4'), (frozenset(), None))
@example((",", "1,3.5\n1,9223372036854775808"), (frozenset({1}), 1))
def test_a_table_is_what_it_is_line_by_line(drawn: tuple[str, str], skipped: tuple[frozenset[int], int | None]) -> None:
    mark, text = drawn
    form = Form(mark, *skipped)
    by_line = outcome(text, form, "lines")
    assert outcome(text, form, "whole") == by_line
    in_pieces = outcome(text, form, "4")
    assert in_pieces == by_line or (isinstance(in_pieces, str) and isinstance(by_line, str))  # another cell is named


def test_a_plain_table_is_not_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "read_lines", None)
    for mark, text in ((",", "1,2\n3.5,\n\n,\n4,5"), ("\t", '"1"\t2\n3\t4'), (" ", " 1  2\n\n3"), (";", "1,5;2\n3;4")):
        assert read_rows(text, Form(mark)) is not None
    rows = read_rows("a b,1,2\nc,3,1\n", Form(",", frozenset({0, 2}), 2))
    assert rows is not None
    assert (rows.flat.tolist(), rows.lengths.tolist(), rows.counts.tolist()) == ([1, 3], [1, 1], [2, 1])


def test_lines_that_are_not_plain_numbers_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_ODD", 100)
    assert read_rows("1_0\n" * 100, Form(",")) is not None
    with pytest.raises(BatchError, match="too many lines that are not plain numbers"):
        read_rows("1_0\n" * 200, Form(","))


def test_rows_of_a_part_are_counted_from_the_line_before_it() -> None:
    with pytest.raises(BatchError, match=r"^line 12, column 2: 'x' is not a number"):
        read_lines("1,2\n3,x", Form(","), 10, 100)
