"""Which row reads which, from runs over changed data: never said wrongly, and told in full where it can be."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.rows_read import (
    NO,
    UNTOLD,
    YES,
    Changed,
    Crossing,
    across,
    kinds_of,
    moved_with_others,
    patterns,
    read_from,
)


def runs_over(reads: np.ndarray, changed: np.ndarray) -> list[Changed]:
    """What is seen of a result of which row r moves if any row that it reads, reads[r], is changed."""
    found = []
    for rows in changed:
        moved = (reads & rows).any(axis=1)
        found.append(Changed(rows, moved, ~moved))
    return found


def crossing(cells: Any, foreign: Any = None) -> Crossing:
    array = np.array(cells, dtype=np.int8)
    others = ((array == YES) & ~np.eye(len(array), dtype=bool)).any(axis=1)
    return Crossing("h_n", array, others if foreign is None else np.array(foreign))


@st.composite
def readings(draw: st.DrawFn) -> np.ndarray:
    rows = draw(st.integers(1, 20))
    bits = draw(st.lists(st.booleans(), min_size=rows * rows, max_size=rows * rows))
    return np.array(bits, dtype=bool).reshape(rows, rows)


@given(readings(), st.integers(1, 6), st.integers(0, 1))
def test_what_is_told_is_true_whatever_is_read(reads: np.ndarray, runs: int, turn: int) -> None:
    cells = read_from(runs_over(reads, patterns(len(reads), runs, turn)), len(reads))
    assert reads[cells == YES].all()
    assert not reads[cells == NO].any()
    each = read_from(runs_over(reads, np.eye(len(reads), dtype=bool)), len(reads))
    np.testing.assert_array_equal(each == YES, reads)
    assert not (each == UNTOLD).any()


@given(st.data())
def test_a_permutation_is_told_in_full_where_each_row_has_a_pattern_of_its_own(data: st.DataObject) -> None:
    runs = data.draw(st.integers(2, 7))
    rows = data.draw(st.integers(1, min(kinds_of(runs), 30)))
    order = np.array(data.draw(st.permutations(range(rows))))
    reads = np.eye(rows, dtype=bool)[order]
    runs_made = runs_over(reads, patterns(rows, runs))
    cells = read_from(runs_made, rows)
    np.testing.assert_array_equal(cells == YES, reads)
    found = Crossing("out", cells, moved_with_others(runs_made, rows))
    away = {int(row): int(order[row]) for row in range(rows) if order[row] != row}
    assert found.sources == (away or None)
    assert found.identity == (not away)
    assert found.foreign.tolist() == [row in away for row in range(rows)]


@given(st.integers(2, 60), st.integers(1, 4), st.integers(1, 9))
def test_rows_that_keep_to_themselves_are_told_from_all_others_by_groups_and_patterns(
    rows: int, runs: int, parts: int
) -> None:
    groups = [part.tolist() for part in np.array_split(np.arange(rows), parts) if len(part)]
    changed = patterns(rows, runs)
    without = np.zeros((rows, rows), dtype=bool)
    for group in (*groups, *across(groups, changed)):
        gone = np.ones(rows, dtype=bool)
        gone[group] = False
        without[np.ix_(group, gone)] = True
    if len(groups) == 1 and not across(groups, changed):  # patterns alone
        assert rows <= kinds_of(runs)
    cells = read_from(runs_over(np.eye(rows, dtype=bool), changed), rows, without)
    assert cells.tolist() == np.eye(rows, dtype=int).tolist()


def test_what_other_company_shows_gives_way_where_a_run_contradicts_it() -> None:
    reads = np.array([[True, True], [False, True]])
    without = ~np.eye(2, dtype=bool)  # row 0 came out the same without row 1, and moves with it all the same
    cells = read_from(runs_over(reads, np.eye(2, dtype=bool)), 2, without)
    assert cells.tolist() == [[YES, YES], [NO, YES]]


def test_a_row_that_neither_moved_nor_stayed_tells_nothing() -> None:
    rows, none = np.array([True, False]), np.zeros(2, dtype=bool)
    assert read_from([Changed(rows, none, none)], 2).tolist() == [[UNTOLD] * 2] * 2


@given(st.integers(1, 8), st.integers(1, 90), st.integers(0, 1))
def test_no_pattern_holds_another_one_and_neighbours_differ(runs: int, rows: int, turn: int) -> None:
    changed = patterns(rows, runs, turn)
    assert changed.shape == (runs, rows)
    kinds = {changed[:, row].tobytes() for row in range(rows)}
    assert len(kinds) <= kinds_of(runs)
    for one, other in combinations([np.frombuffer(kind, dtype=bool) for kind in kinds], 2):
        assert (one & ~other).any()
        assert (other & ~one).any()
    if runs > 1 and turn == 0:
        assert (changed[:, 1:] != changed[:, :-1]).any(axis=0).all()


def test_another_turn_tells_the_rows_apart_that_were_alike() -> None:
    first, second = patterns(36, 4), patterns(36, 4, 1)
    assert len({(first[:, row].tobytes(), second[:, row].tobytes()) for row in range(36)}) == 36


@pytest.mark.parametrize(
    ("cells", "sources", "identity"),
    [
        ([[1, 0], [0, 1]], None, True),
        ([[0, 1], [1, 0]], {0: 1, 1: 0}, False),
        ([[1, 1], [0, 1]], None, False),
        ([[0, 1], [0, 1]], None, False),  # two rows that are one
        ([[0, 1], [1, -1]], None, False),
        ([[1, 0], [0, 0]], None, False),
    ],
)
def test_the_identity_and_a_permutation_are_known_as_such(
    cells: list[list[int]], sources: dict[int, int] | None, identity: bool
) -> None:
    assert crossing(cells).sources == sources
    assert crossing(cells).identity == identity


def test_the_json_tells_no_from_untold() -> None:
    found = crossing([[1, 0, -1], [0, 1, 0], [1, 1, 0]])
    assert json.loads(json.dumps(found.to_dict())) == {
        "of": "h_n",
        "matrix": ["10?", "010", "110"],
        "not_told": 1,
        "rows_reading_others": [2],
        "how": "",
    }
    assert found.reads(2).tolist() == [0, 1]
    assert found.others.tolist() == [[2, 0], [2, 1]]
    assert repr(found) == "<Crossing of h_n: 3 rows, 1 of 9 pairs not told>"
