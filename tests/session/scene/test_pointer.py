"""Where the one cursor is, as each pane draws it."""

from __future__ import annotations

from packviz.core.batch import Call, make_batch
from packviz.core.moments import Moment, Moments
from packviz.core.packing import pack
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep, RowEnds
from packviz.session.cursor import Cursor, Place
from packviz.session.scene.pointer import pointer

BATCH = make_batch([[1, 2, 0], [4, 5, 6]], [2, 3], Call(True, False))
PACKING = pack(BATCH)


def test_it_stands_in_the_batch_and_where_torch_packs_it() -> None:
    stops = Stops((AtStep(2), RowEnds(), AtStep(1)), frozenset({AtStep(1)}))
    cursor = Cursor(Moment(1, 0, 1), 0, hover=Place(0, 2, "h", 3), shown=(Place(1, 2), 4))
    found = pointer(BATCH, PACKING, cursor, stops, Moments(3, 2, 2))
    assert (found.step, found.row, found.padded, found.packed) == (1, 0, (1, 0), (1, 1))
    assert (found.hover, found.hover_packed, found.state, found.unit) == ((2, 0), (2, -1), "h", 3)  # padding
    assert (found.breakpoints, found.last_step) == ((2,), 2)
    assert (found.layer, found.direction, found.layers, found.directions) == (0, 1, 2, 2)
    assert found.shown == (2, 1, 0, 4)


def test_without_a_batch_it_is_nowhere() -> None:
    found = pointer(None, None, Cursor(), Stops(), Moments(1))
    assert (found.padded, found.packed, found.hover, found.shown) == (None, None, None, None)
