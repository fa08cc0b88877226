"""Which rows and steps are read, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from packviz.core.rows_read import Crossing
from packviz.core.steps_read import NONE, Reached
from packviz.core.texts.probe_rows import block_words, crossing_line, pair_words, reached_line, span_words

EYE = np.eye(3, dtype=np.int8)


def crossing(cells: Any, foreign: Any = (False, False, False)) -> Crossing:
    return Crossing("h_n", np.array(cells, dtype=np.int8), np.array(foreign))


@pytest.mark.parametrize(
    ("cells", "foreign", "line"),
    [
        (EYE, [0, 0, 0], "each row reads its own row of x and no other"),
        (EYE[[1, 0, 2]], [1, 1, 0], "row 0 reads row 1; row 1 reads row 0"),
        (np.ones((3, 3)), [1, 1, 1], "every row reads all rows of x"),
        ([[1, 0, 0], [0, 0, 0], [0, 0, 1]], [0, 0, 0], "no row is seen to read another one; row 1 reads no data of x"),
        (
            [[-1, -1, 0], [0, 1, 0], [0, 0, 1]],
            [0, 0, 0],
            "no row is seen to read another one; 2 of 9 pairs of rows were not told apart",
        ),
        (
            [[0, -1, -1], [0, 1, 0], [0, 0, 1]],
            [1, 0, 0],
            "row 0 reads others, not told which; 2 of 9 pairs of rows were not told apart",
        ),
    ],
)
def test_a_line_on_which_row_reads_which(cells: Any, foreign: Any, line: str) -> None:
    assert crossing_line(crossing(cells, np.array(foreign, dtype=bool))) == line


def test_of_many_rows_a_few_are_named() -> None:
    cells = np.eye(40, dtype=np.int8)[::-1]
    line = crossing_line(Crossing("out", cells, np.ones(40, dtype=bool)))
    assert line == "row 0 reads row 39; row 1 reads row 38; row 2 reads row 37; row 3 reads row 36; " + (
        "36 more rows read others"
    )


def test_each_cell_of_the_matrix_has_a_sentence() -> None:
    found = crossing([[1, 0, -1], [1, 0, 0], [0, 0, 1]])
    assert pair_words(found, 0, 0) == "row 0 of h_n moves with row 0 of x: it reads itself."
    assert pair_words(found, 0, 1) == "row 0 of h_n stays as it is when row 1 of x changes."
    assert pair_words(found, 1, 0) == "row 1 of h_n moves with row 0 of x: it reads another row."
    assert pair_words(found, 1, 1) == "row 1 of h_n stays as it is when row 1 of x changes: it does not read itself."
    assert pair_words(found, 0, 2).startswith("Not told whether row 0 of h_n reads row 2 of x")
    assert block_words(found, slice(0, 2), slice(0, 2)) == (
        "rows 0 to 1 of h_n, rows 0 to 1 of x: 1 pair in which another row is read, 1 row that reads itself, "
        "1 row that does not read itself, 1 pair in which nothing is read."
    )
    assert block_words(found, slice(0, 1), slice(1, 3)).endswith("1 pair in which nothing is read, 1 pair not told.")


def reached(earliest: int, first: int, last: int, latest: int, length: int = 5, groups: int = 1) -> Reached:
    names = ("forward", "backward")[:groups] if groups > 1 else ("all units",)
    arrays = [np.full((1, groups), value) for value in (earliest, first, last, latest)]
    return Reached("h_n", names, np.array([length]), *arrays)


@pytest.mark.parametrize(
    ("bounds", "line", "sentence"),
    [
        ((0, 0, 4, 4), "t0 to the last step", "reads from t0 to t4, the first and the last of its 5 steps"),
        ((4, 4, 4, 4), "the last step alone", "reads t4 alone, of 5 steps"),
        ((0, 0, 0, 0), "t0 alone", "reads t0 alone, of 5 steps"),
        ((2, 2, 2, 2), "t2 alone", "reads t2 alone, of 5 steps"),
        ((1, 1, 4, 4), "t1 to the last step", "reads from t1 to t4, of 5 steps"),
        ((1, 1, 3, 3), "t1 to t3", "reads from t1 to t3, of 5 steps"),
        ((4, NONE, NONE, 3), "no step", "reads no step of its 5 steps"),
        ((0, NONE, NONE, 4), "steps that were not told exactly", "which of its 5 steps it reads was not told"),
        (
            (1, 3, 4, 4),
            "steps that were not told exactly",
            "what it reads of its 5 steps begins between t1 and t3 and ends at t4; more was not told",
        ),
    ],
)
def test_each_span_has_words(bounds: tuple[int, int, int, int], line: str, sentence: str) -> None:
    found = reached(*bounds)
    assert reached_line(found) == f"{line} of the row"
    assert span_words(found, 0, 0) == f"row 0 of h_n: {sentence}."


def test_groups_that_read_the_same_are_said_once_and_rows_are_named() -> None:
    assert reached_line(reached(0, 0, 4, 4, groups=2)) == "t0 to the last step of the row"
    ends, halves = np.array([[4, 4], [2, 2]]), np.array([[0, 4], [0, 0]])
    found = Reached("out", ("forward", "backward"), np.array([5, 3]), halves, halves, ends, ends)
    assert reached_line(found) == (
        "forward: t0 to the last step of each row; backward: the last step alone of row 0, t0 to the last step of row 1"
    )
    assert span_words(found, 0, 1) == "row 0 of out, backward: reads t4 alone, of 5 steps."
