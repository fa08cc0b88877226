"""Which dimensions of a result are the rows of x and which its steps: asked of the callable itself, else of the shape.

A result of B × 7 may be a number for each of 7 steps or a state of 7 features, and its shape can't say which. So the
callable is run once more over an x of another size, one row more and fewer steps: the dimension that grows is the
rows, the one that shrinks is the steps. (Not more steps: a table of positions may end with the last one, and indexing
beyond it kills a CUDA context.) Where that run fails, the shape is all there is, and a reading is seldom sure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from packviz.core.batch import Batch

if TYPE_CHECKING:
    from torch import Tensor

Shape = tuple[int, ...]


class Reading(NamedTuple):
    """How a tensor of a result is read: its dimension of rows, and that of steps, None where it has none (a state).

    `sure`: false where what is read as steps may as well be something else. `times`: how often each row of x is there,
    as in a search with several beams; all of one row stand together.
    """

    row: int
    step: int | None
    sure: bool = True
    times: int = 1


class Sizes(NamedTuple):
    """What the sizes of dimensions may mean: B, T, the longest length (at most T), and total_length where given."""

    rows: int
    steps: int
    longest: int
    total: int | None = None

    @property
    def times(self) -> set[int]:
        """The sizes that a dimension of steps may have."""
        return {self.steps, self.longest} | ({self.total} if self.total is not None else set())

    @property
    def fewer(self) -> int:
        """The steps of the x of another size: fewer than T, and than the longest length."""
        return self.longest - 1


def sizes_of(batch: Batch) -> Sizes:
    """The sizes of a batch."""
    longest = min(int(batch.counts.max(initial=0)), batch.steps)
    return Sizes(batch.rows, batch.steps, longest, batch.call.total_length)


def resized(x: Tensor, lengths: Any, batch: Batch) -> tuple[Tensor, Any] | None:
    """x with its first row twice and only `fewer` steps, and lengths to match, in the type they came in.

    The new row stands first, and none is longer, so that sorted lengths stay sorted. None where there is no such x: the
    longest length is 1, or the lengths are not one for each row.
    """
    import torch

    sizes = sizes_of(batch)
    row, step = (0, 1) if batch.call.batch_first else (1, 0)
    if sizes.fewer < 1:
        return None
    if isinstance(lengths, torch.Tensor | np.ndarray):
        fits = tuple(lengths.shape) == (sizes.rows,)
    else:
        fits = isinstance(lengths, list | tuple) and len(lengths) == sizes.rows
    if not fits:
        return None
    smaller = torch.cat([x.narrow(row, 0, 1), x], dim=row).narrow(step, 0, sizes.fewer).contiguous()
    return smaller, _shortened(lengths, sizes.fewer)


def _shortened(lengths: Any, steps: int) -> Any:
    import torch

    if isinstance(lengths, torch.Tensor):
        return torch.cat([lengths.new_full((1,), steps), lengths.clamp(max=steps)])
    if isinstance(lengths, np.ndarray):
        return np.concatenate([np.full(1, steps, lengths.dtype), np.minimum(lengths, steps).astype(lengths.dtype)])
    return type(lengths)([steps, *(min(length, steps) for length in lengths)])


def reading(shape: Shape, other: Shape | None, sizes: Sizes, batch_first: bool) -> Reading | None:
    """How a tensor is read, by its shape and that over the x of another size; None where its rows can't be found."""
    if other is None or len(other) != len(shape):
        return by_shape(shape, sizes, batch_first)
    became = [(at, *pair) for at, pair in enumerate(zip(shape, other, strict=True))]
    rows = [at for at, was, now in became if (was, now) == (sizes.rows, sizes.rows + 1)]
    times = 1
    if not rows:
        several = [(at, was // sizes.rows) for at, was, now in became if was * (sizes.rows + 1) == now * sizes.rows > 0]
        if not several:
            return None
        rows, times = [several[0][0]], several[0][1]
    steps = [at for at, was, now in became if was in sizes.times and now == sizes.fewer]
    if steps:
        return Reading(rows[0], steps[0], times=times)
    # total_length is a number that the callable may hold itself, whatever x is.
    fixed = [at for at, was, now in became if at not in rows and was == now == sizes.total]
    return Reading(rows[0], fixed[0], False, times) if fixed else Reading(rows[0], None, times=times)


def by_shape(shape: Shape, sizes: Sizes, batch_first: bool) -> Reading | None:
    """How a tensor is read by its shape alone. Rows are its first or second dimension.

    Sure are states, of which every change counts, and (B, T, *) where x is (B, T, *) too. (n, B, H) may be outputs as
    well as one state for each of n layers and directions, (B, n) as well a number for each step as a state.
    """
    places = [at for at, size in enumerate(shape[:2]) if size == sizes.rows]
    if not places:
        return None
    row = places[0] if len(places) == 1 or batch_first or len(shape) == 2 else 1
    step = 1 - row
    if len(shape) < 2 or shape[step] not in sizes.times:
        return Reading(row, None)
    plain = len(shape) > 2 and batch_first and row == 0 and shape[1] == sizes.steps != sizes.rows
    return Reading(row, step, plain)
