"""Where the one cursor is, as each pane draws it."""

from __future__ import annotations

from packviz.core.batch import Batch
from packviz.core.moments import Moments
from packviz.core.packing import Packing, Refusal
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.session.cursor import Cursor
from packviz.session.scene.parts import Pointer


def pointer(
    batch: Batch | None, packing: Packing | Refusal | None, cursor: Cursor, stops: Stops, moments: Moments
) -> Pointer:
    """The part of the scene."""
    hover = cursor.hover
    return Pointer(
        cursor.step,
        cursor.row,
        None if batch is None else (cursor.step, cursor.row),
        _packed_place(packing, cursor.row, cursor.step),
        None if hover is None else (hover.step, hover.row),
        None if hover is None else _packed_place(packing, hover.row, hover.step),
        tuple(sorted(stop.step for stop in stops.on if isinstance(stop, AtStep))),
        moments.steps - 1,
        layer=cursor.moment.layer,
        direction=cursor.moment.direction,
        layers=moments.layers,
        directions=moments.directions,
        state="" if hover is None else hover.state,
        unit=-1 if hover is None else hover.unit,
        shown=_shown(packing, cursor),
        block=cursor.block,
    )


def _shown(packing: Packing | Refusal | None, cursor: Cursor) -> tuple[int, int, int, int] | None:
    if cursor.shown is None:
        return None
    place, number = cursor.shown
    packed = _packed_place(packing, place.row, place.step)
    return place.step, place.row, -1 if packed is None else packed[1], number


def _packed_place(packing: Packing | Refusal | None, row: int, step: int) -> tuple[int, int] | None:
    """(step, sorted row) of a cell, or (step, -1) where it is not packed."""
    if not isinstance(packing, Packing):
        return None
    packed = 0 <= row < packing.rows and 0 <= step < int(packing.lengths[row])
    return step, int(packing.unsorted_indices[row]) if packed else -1
