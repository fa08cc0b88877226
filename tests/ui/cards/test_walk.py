from __future__ import annotations

import numpy as np

from packviz.core.findings import Finding, Severity
from packviz.session.actions import Show
from packviz.ui.cards.walk import Walk


def walk_over(rows: tuple[int, ...], spans: list[list[int]]) -> Walk:
    cells = np.array(spans, dtype=np.int64).reshape(-1, 3)
    return Walk(Finding("a-code", Severity.SILENT, "title", "detail", rows=rows, spans=cells))


def test_it_leads_to_each_cell_and_begins_again() -> None:
    walk = walk_over((0, 2), [[0, 3, 5], [2, 1, 2]])
    assert [walk.next_place() for _ in range(4)] == [Show(0, 3), Show(0, 4), Show(2, 1), Show(0, 3)]


def test_it_leads_beyond_the_first_thousand_of_millions_of_cells() -> None:
    walk = walk_over(tuple(range(4096)), [[row, 0, 2048] for row in range(4096)])
    for _ in range(1500):
        last = walk.next_place()
    assert last == Show(0, 1499)
    assert walk.place_text == "Show cell 1,500 of 8,388,608"


def test_rows_are_walked_by_their_first_cells_and_cells_go_on_from_there() -> None:
    walk = walk_over((0, 2, 7), [[0, 3, 5], [2, 1, 3], [7, 0, 1]])
    assert walk.by_rows
    assert walk.row_text == "Next row"
    assert [walk.next_row(), walk.next_row()] == [Show(0, 3), Show(2, 1)]
    assert (walk.row_text, walk.place_text) == ("Next row: 2 of 3", "Show cell 3 of 5")
    assert walk.next_place() == Show(2, 2)
    assert [walk.next_row(), walk.next_row()] == [Show(7, 0), Show(0, 3)]


def test_rows_follow_the_cells() -> None:
    walk = walk_over((0, 2, 7), [[0, 3, 4], [2, 1, 3], [7, 0, 1]])
    walk.next_cell()
    walk.next_cell()
    assert walk.next_row() == Show(7, 0)


def test_a_row_without_a_cell_is_shown_as_a_row() -> None:
    walk = walk_over((1, 4), [[4, 0, 3]])
    assert [walk.next_row(), walk.next_row()] == [Show(1), Show(4, 0)]


def test_without_cells_it_goes_from_row_to_row() -> None:
    walk = walk_over((1, 4), [])
    assert not walk.by_rows
    assert walk.place_text == "Show row"
    assert [walk.next_place() for _ in range(3)] == [Show(1), Show(4), Show(1)]
    assert walk.place_text == "Show row 1 of 2"


def test_one_cell_a_row_needs_no_second_button() -> None:
    assert not walk_over((0, 1), [[0, 3, 4], [1, 3, 4]]).by_rows
    assert not walk_over((3,), [[3, 0, 9]]).by_rows


def test_without_a_finding_there_is_nowhere_to_go() -> None:
    assert (Walk(None).cells, Walk(None).rows) == (0, ())
