"""Rollouts: rows of steps from one episode after the other, with a mark at the first or at the last step of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.texts.wording import count
from packviz.files.arrays import Values, is_array, values_of
from packviz.files.known.names import plain
from packviz.files.known.pieces import pieces
from packviz.files.paste.found import Found
from packviz.files.ragged import Ragged

Bools = NDArray[np.bool_]

FIRST = ("is_first", "episode_starts", "episode_start", "is_init")
LAST = ("is_last", "dones", "done", "terminals", "terminal", "terminated", "terminateds", "is_terminal")
CUT = ("truncated", "truncateds", "truncations", "timeouts", "timeout")


def is_mark_name(name: str) -> bool:
    """Whether a value of that name marks the first or the last steps of episodes."""
    return plain(name) in (*FIRST, *LAST, *CUT)


def cut_at_marks(found: Found, named: Mapping[str, Any], dimensions: Mapping[str, int]) -> Found | None:
    """The episodes of x, (B, T, *) or (T, B, *), as sequences; where each row is one episode, then padding, x with
    their lengths. None where no marks lie beside it, or they do not fit.

    Which dimension counts the steps is told by the marks: each row begins with a first step, or nothing tells.
    """
    by_plain = {plain(name): name for name in named if dimensions[name] >= 1}
    name = next((by_plain[known] for known in (*FIRST, *LAST) if known in by_plain), None)
    x = found.x
    if name is None or not is_array(x):
        return None
    values = values_of(x)
    marks = _marks(named[name], name)
    if marks is not None and marks.ndim == 1:
        return _of_one_row(found, values, marks, name, named, by_plain)
    if marks is None or values.array.ndim < 2 or marks.shape != values.array.shape[:2] or not marks.any():
        return None
    if plain(name) in FIRST:
        return _from_first(found, values, marks, name)
    return _to_last(found, values, _with_cut(marks, named, by_plain), name)


def _with_cut(marks: Bools, named: Mapping[str, Any], by_plain: Mapping[str, str]) -> Bools:
    """The last steps, with those at which an episode was cut short."""
    for known in CUT:
        also = _marks(named[by_plain[known]], known) if known in by_plain else None
        if also is not None and also.shape == marks.shape:
            marks = marks | also
    return marks


def _of_one_row(
    found: Found, x: Values, marks: Bools, name: str, named: Mapping[str, Any], by_plain: Mapping[str, str]
) -> Found | None:
    """Episodes one after the other in x, (N, *), with a mark a step, (N,)."""
    if x.array.ndim < 1 or len(x.array) != len(marks):
        return None
    first = plain(name) in FIRST
    marks = marks if first else _with_cut(marks, named, by_plain)
    if not marks.any():
        return None
    begins = marks if first else np.concatenate([[False], marks[:-1]])
    cut = pieces(begins[None])
    where = f"where {name} is 1" if first else f"after each step where {name} is 1"
    said = f"{count(len(cut.starts), 'episode')} one after the other in {found.name}, cut apart {where}"
    return replace(found, x=Ragged(x.array, cut.lengths, x.dtype), said=(*found.said, said))


def _marks(value: Any, name: str) -> Bools | None:
    """(B, T) bool of booleans, or of nothing but 0 and 1."""
    try:
        array = values_of(value, name).array
    except BatchError:
        return None
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (1, 2) or not bool(((array == 0) | (array == 1)).all()):
        return None
    return np.asarray(array == 1)


def _from_first(found: Found, x: Values, marks: Bools, name: str) -> Found | None:
    rows_first, steps_first = bool(marks[:, 0].all()), bool(marks[0].all())
    first = found.options.get("batch_first")
    if first is None and rows_first == steps_first:
        return None
    turned = not first if isinstance(first, bool) else steps_first
    return _episodes(found, x, marks.T if turned else marks, turned, f"where {name} is 1")


def _to_last(found: Found, x: Values, marks: Bools, name: str) -> Found | None:
    """A row that ends with a last step is whole; where each has one only, and padding after it, its length is known."""
    for turned in (False, True):
        grid = marks.T if turned else marks
        cells = x.array.swapaxes(0, 1) if turned else x.array
        if bool((grid.sum(axis=1) == 1).all()):
            lengths = (np.argmax(grid, axis=1) + 1).astype(np.int64)
            beyond = cells[np.arange(grid.shape[1]) >= lengths[:, None]]
            if len(beyond) and bool((beyond == beyond.flat[0]).all()):
                said = (*found.said, f"lengths up to where {name} is 1, one a row, with padding after it")
                options = {"batch_first": not turned, **found.options}
                return replace(found, lengths=lengths, options=options, said=said)
    whole = [bool(marks[:, -1].all()), bool(marks[-1].all())]
    if whole[0] == whole[1]:
        return None
    turned = whole[1]
    grid = marks.T if turned else marks
    begins = np.zeros(grid.shape, dtype=bool)
    begins[:, 1:] = grid[:, :-1]
    return _episodes(found, x, begins, turned, f"after each step where {name} is 1")


def _episodes(found: Found, x: Values, begins: Bools, turned: bool, where: str) -> Found:
    cells = x.array.swapaxes(0, 1) if turned else x.array
    rows, steps, *features = cells.shape
    cut = pieces(begins)
    flat = cells.reshape((rows * steps, *features))[cut.cells]
    said = (
        f"{count(len(cut.starts), 'episode')} in {count(rows, 'row')} of {count(steps, 'step')}"
        f"{', which are its second dimension' if turned else ''}, cut apart {where}"
    )
    options = {name: value for name, value in found.options.items() if name != "batch_first"}
    return replace(found, x=Ragged(flat, cut.lengths, x.dtype), options=options, said=(*found.said, said))
