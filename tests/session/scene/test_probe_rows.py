"""The codes of the pictures: what each pair of rows, and each step of a row, is painted as."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.rows_read import NO, UNTOLD, YES, Crossing
from packviz.core.steps_read import NONE, Reached
from packviz.session.scene.probe_rows import (
    BEYOND,
    BLIND,
    MAYBE,
    NOT,
    OPEN,
    OTHER,
    OWN,
    PARTLY,
    READ,
    UNREAD,
    in_blocks,
    kinds_in,
    pair_kinds,
    step_kinds,
)


def crossing(cells: np.ndarray) -> Crossing:
    return Crossing("h_n", cells.astype(np.int8), np.zeros(len(cells), dtype=bool))


def test_each_pair_is_what_it_is() -> None:
    cells = np.array([[YES, YES, NO], [UNTOLD, NO, NO], [NO, NO, UNTOLD]])
    assert pair_kinds(crossing(cells)).tolist() == [[OWN, OTHER, NOT], [OPEN, BLIND, NOT], [NOT, NOT, OPEN]]


@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 99))
def test_a_square_of_several_pairs_is_the_worst_of_them_and_hides_nothing_untold(
    rows: int, share: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    cells = random.choice([YES, NO, UNTOLD], size=(rows, rows), p=[0.03, 0.8, 0.17])
    kinds = pair_kinds(crossing(cells))
    found = in_blocks(kinds, share)
    number = -(-rows // share)
    assert found.shape == (number, number)
    for down, across in np.ndindex(found.shape):
        inside = kinds[down * share : (down + 1) * share, across * share : (across + 1) * share]
        worst = next((kind for kind in (OTHER, BLIND, OWN) if (inside == kind).any()), None)
        untold = (inside == OPEN).mean()
        expected = worst if worst is not None else OPEN if untold >= 0.5 else PARTLY if untold else NOT
        assert found[down, across] == expected


@st.composite
def readings(draw: st.DrawFn) -> Reached:
    rows = draw(st.integers(1, 4))
    lengths, bounds = [], []
    for _ in range(rows):
        length = draw(st.integers(1, 8))
        lengths.append(length)
        kind = draw(st.sampled_from(["nothing", "open", "span"]))
        if kind == "nothing":
            bounds.append((length, NONE, NONE, length - 1))
        elif kind == "open":
            bounds.append((0, NONE, NONE, length - 1))
        else:
            early, first, last, late = sorted(draw(st.lists(st.integers(0, length - 1), min_size=4, max_size=4)))
            bounds.append((early, first, last, late))
    arrays = [np.array([[bound[at]] for bound in bounds]) for at in range(4)]
    return Reached("h_n", ("all",), np.array(lengths), *arrays)


@given(readings())
def test_each_step_is_read_unread_untold_or_beyond_the_row(reached: Reached) -> None:
    kinds = step_kinds(reached, 0, np.arange(reached.rows), np.arange(9))
    for row, step in np.ndindex(kinds.shape):
        early, first, last, late = (
            int(array[row, 0]) for array in (reached.earliest, reached.first, reached.last, reached.latest)
        )
        if step >= reached.lengths[row]:
            assert kinds[row, step] == BEYOND
        elif first != NONE and first <= step <= last:
            assert kinds[row, step] == READ
        else:
            assert kinds[row, step] == (MAYBE if early <= step <= late else UNREAD)
    seen = set(np.unique(kinds).tolist()) - {BEYOND}
    assert seen <= kinds_in(reached)
