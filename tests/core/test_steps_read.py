"""What is known of the steps that were read holds after every run, and is narrowed down to the very step."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.steps_read import NONE, Cut, Narrowing, Reached, cuts

STEPS = 9


@st.composite
def readings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """lengths, (B,), and which steps are read, (B, G, T), none of them beyond the length."""
    rows, groups = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    lengths = np.array(draw(st.lists(st.integers(1, STEPS), min_size=rows, max_size=rows)))
    size = rows * groups * STEPS
    bits = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    reads = (np.array(bits) == 0).reshape(rows, groups, STEPS)
    return lengths, reads & (np.arange(STEPS) < lengths[:, None, None])


def take(known: Narrowing, cut: Cut, lengths: np.ndarray, reads: np.ndarray) -> None:
    known.take(cut, (reads & cut.cells(lengths, STEPS)[:, None]).any(axis=2))


def assert_true(known: Narrowing, reads: np.ndarray) -> None:
    for row, group in np.ndindex(reads.shape[:2]):
        steps = np.flatnonzero(reads[row, group])
        at = (row, group)
        if not len(steps):
            assert known.first[at] == known.last[at] == NONE
            continue
        assert known.earliest[at] <= steps[0]
        assert steps[-1] <= known.latest[at]
        if known.first[at] != NONE:
            assert steps[0] <= known.first[at] <= known.latest[at]
            assert known.earliest[at] <= known.last[at] <= steps[-1]


@given(readings(), st.permutations(list(cuts(np.ones(1, dtype=np.int64)))))
def test_bounds_hold_after_every_cut_and_are_narrowed_down_to_the_step(
    reading: tuple[np.ndarray, np.ndarray], order: list[str]
) -> None:
    lengths, reads = reading
    known = Narrowing(lengths, reads.shape[1])
    for name in order:
        take(known, cuts(lengths)[name], lengths, reads)
        assert_true(known, reads)
    for _ in range(60):
        cut = known.next()
        if cut is None:
            break
        take(known, cut, lengths, reads)
        assert_true(known, reads)
    assert known.next() is None
    found = known.reached("h_n", ("all",) * reads.shape[1])
    assert found.exact.all()
    for row, group in np.ndindex(reads.shape[:2]):
        steps = np.flatnonzero(reads[row, group])
        assert found.nothing[row, group] == (not len(steps))
        if len(steps):
            assert (found.first[row, group], found.last[row, group]) == (steps[0], steps[-1])
            assert found.whole[row, group] == (steps[0] == 0 and steps[-1] == lengths[row] - 1)


def test_before_any_run_nothing_is_known() -> None:
    found = Narrowing(np.array([3]), 1).reached("h_n", ("all",))
    assert (found.first.tolist(), found.earliest.tolist(), found.latest.tolist()) == ([[NONE]], [[0]], [[2]])
    assert not found.exact.any()
    assert not found.nothing.any()
    assert not found.whole.any()


def test_what_takes_two_steps_at_once_to_be_seen_is_not_called_unread() -> None:
    lengths = np.array([4])
    known = Narrowing(lengths, 1)
    for name, moved in (("all", True), ("but last", False), ("but first", False)):
        known.take(cuts(lengths)[name], np.array([[moved]]))
    found = known.reached("the result", ("all",))
    assert not found.nothing.any()
    assert not found.exact.any()
    assert (found.earliest.tolist(), found.latest.tolist()) == ([[0]], [[3]])


def test_rows_of_which_nothing_can_be_seen_stay_unknown() -> None:
    lengths = np.array([2, 2])
    known = Narrowing(lengths, 1)
    known.take(cuts(lengths)["all"], np.array([[False], [False]]), np.array([True, False]))
    assert known.reached("h_n", ("all",)).nothing.tolist() == [[True], [False]]


def test_cuts_are_cells_of_the_rows_alone() -> None:
    lengths = np.array([1, 3])
    made = {name: cut.cells(lengths, 4).astype(int).tolist() for name, cut in cuts(lengths).items()}
    assert made == {
        "all": [[1, 0, 0, 0], [1, 1, 1, 0]],
        "first": [[1, 0, 0, 0], [1, 0, 0, 0]],
        "last": [[1, 0, 0, 0], [0, 0, 1, 0]],
        "but last": [[0, 0, 0, 0], [1, 1, 0, 0]],
        "but first": [[0, 0, 0, 0], [0, 1, 1, 0]],
    }


def test_a_part_of_the_groups_has_names_of_its_own_and_can_be_printed() -> None:
    lengths = np.array([3])
    known = Narrowing(lengths, 3)
    known.take(cuts(lengths)["first"], np.array([[True, False, True]]))
    known.take(cuts(lengths)["last"], np.array([[True, True, True]]))
    found = known.reached("out[:, -1]", ("forward", "backward"), "NaN", slice(0, 2))
    assert isinstance(found, Reached)
    assert json.loads(json.dumps(found.to_dict())) == {
        "of": "out[:, -1]",
        "groups": ["forward", "backward"],
        "earliest": [[0, 1]],
        "first": [[0, 2]],
        "last": [[2, 2]],
        "latest": [[2, 2]],
        "how": "NaN",
    }
    assert not found.first.flags.writeable
    assert repr(found) == "<Reached by out[:, -1]: forward, backward of 1 rows>"
