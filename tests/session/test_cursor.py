"""Where somebody is: the cell of the cursor, and the words for a block."""

from __future__ import annotations

import pytest

from packviz.core.moments import Moment
from packviz.session.cursor import START, Block, Cursor, Place


def test_it_begins_at_the_first_moment_in_the_first_row() -> None:
    assert Cursor() == Cursor(START, 0)
    assert (Cursor().step, Cursor().shown_pass, Cursor().cell) == (0, (0, 0), Place(0, 0))


def test_its_cell_is_the_one_under_the_pointer_or_else_the_current_one() -> None:
    cursor = Cursor(Moment(3, 1, 1), 2)
    assert (cursor.step, cursor.shown_pass, cursor.cell) == (3, (1, 1), Place(2, 3))
    hovering = Cursor(Moment(3), 2, Place(0, 4, "h", 7))
    assert hovering.cell == Place(0, 4, "h", 7)
    assert Cursor(Moment(3), 2, Place(-1, 4)).cell == Place(2, 3)  # on an axis


@pytest.mark.parametrize(
    ("block", "cells", "said"),
    [
        (Block((2, 3, 4), 0, 7), 24, "rows 2, 3, 4, t0 to t7"),
        (Block((1,), 5, 5), 1, "row 1, t5"),
    ],
)
def test_a_block_is_so_many_cells_and_says_which(block: Block, cells: int, said: str) -> None:
    assert block.cells == cells
    assert str(block) == said
