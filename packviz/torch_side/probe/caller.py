"""Calls of what is probed: each from the state that it was found in, over rows that are chosen, and counted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cancel import Watch
from packviz.core.cells.bits import Ints
from packviz.core.probing import Padding
from packviz.torch_side.probe.axes import resized
from packviz.torch_side.probe.fills import filled
from packviz.torch_side.probe.results import leaves, ragged_in
from packviz.torch_side.put_back import Guard
from packviz.torch_side.tensors import lengths_of, to_tensor, x_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PASSES = 20
"""Forward passes over the whole batch that all oracles together may take: rows are counted, not calls."""

RUNS = 4
"""Of them over data of which half of the rows are changed; so many more where rows are seen to move with others."""

AFTER = 5
"""Passes that are left for what comes after these."""

Result = list[tuple[str, Any]]
"""All that a call returned, one by one, with its name."""


class Unfit(Exception):
    """There is no such call: the lengths are not one for each row, so that rows can't be chosen."""


class Caller:
    """The callable, the batch, and what the calls have taken.

    `spent`: rows of all calls so far. `resting`: dropout does nothing in the calls, as in evaluation mode.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        batch: Batch,
        padding: Padding,
        guard: Guard,
        where: torch.device,
        lengths: object,
        takes_lengths: bool,
        watch: Watch,
    ) -> None:
        self.fn, self.batch, self.padding, self.watch = fn, batch, padding, watch
        self.guard, self.where, self.takes_lengths = guard, where, takes_lengths
        self.given = lengths_of(batch) if lengths is None else lengths
        self.x = x_of(batch).to(where)
        self.cells = to_tensor(padding.cells if batch.call.batch_first else padding.cells.T).to(where)
        self.plain = filled(self.x, self.cells, None)
        self.spent, self.resting = 0, False
        self._ragged: frozenset[str] | None = None

    @property
    def row(self) -> int:
        """The dimension of rows of x."""
        return 0 if self.batch.call.batch_first else 1

    @property
    def left(self) -> int:
        """Whole passes that may still be made."""
        return PASSES - -(-self.spent // max(1, self.batch.rows))

    def __call__(
        self,
        x: Tensor | None = None,
        lengths: Any = None,
        *,
        fresh: bool = True,
        seed: int | None = None,
        hooked: Callable[[], object] | None = None,
    ) -> Result:
        """What it returns over x and lengths, those of the batch unless given.

        `fresh`: from the state that it was found in, else from that which the last call left, with the same random
        numbers. `seed`: of all random numbers. `hooked`: sets hooks, which are gone afterwards.
        """
        import torch

        self.watch.step(min(1.0, self.spent / (PASSES * max(1, self.batch.rows))))
        self.guard.back() if fresh else self.guard.draw_again()
        x = self.plain.clone() if x is None else x
        self.spent += x.shape[self.row]
        devices = list(range(torch.cuda.device_count())) if self.where.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), torch.no_grad(), _resting() if self.resting else nullcontext():
            if seed is not None:
                self.guard.seed(seed)
            if hooked is not None:
                hooked()
            given = copy.deepcopy(self.given) if lengths is None else lengths
            value = self.fn(x, given) if self.takes_lengths else self.fn(x)
        if self._ragged is None:
            self._ragged = ragged_in(value, "the result", self.batch.rows)
        return list(leaves(value, "the result", self._ragged))

    def filled(self, value: float | None) -> Result:
        """Over x with its padding filled with a value."""
        return self(filled(self.x, self.cells, value))

    def another_size(self) -> Result | None:
        """Over x of one row more and fewer steps; None where there is no such x."""
        given = copy.deepcopy(self.given) if self.takes_lengths else [1] * self.batch.rows
        smaller = resized(self.plain, given, self.batch)
        return None if smaller is None else self(*smaller)

    def of_rows(self, rows: Sequence[int] | Ints, steps: int, hooked: Callable[[], object] | None = None) -> Result:
        """Over these rows alone, cut to some steps. Raises Unfit where the lengths can't be chosen."""
        import torch

        at = torch.as_tensor(np.asarray(rows, dtype=np.int64), device=self.where)
        x = self.plain.index_select(self.row, at).narrow(1 - self.row, 0, steps).contiguous()
        return self(x, self._lengths(rows, steps), hooked=hooked)

    def cut(self, ends: Ints) -> Any:
        """The lengths that it is given, none above `ends`, (B,). Raises Unfit where they are not one for each row."""
        import torch

        given, (rows, steps) = self.given, (self.batch.rows, self.batch.steps)
        if isinstance(given, torch.Tensor | np.ndarray):
            most = ends if given.ndim == 1 else np.arange(steps) < ends[:, None]
            if tuple(given.shape) not in ((rows,), (rows, steps)):
                raise Unfit("the lengths are not one for each row")
            if isinstance(given, np.ndarray):
                return np.minimum(given, most).astype(given.dtype)
            return torch.minimum(given.cpu(), torch.as_tensor(most).to(given.dtype)).to(given.device)
        if isinstance(given, list | tuple) and len(given) == rows:
            return type(given)([min(length, int(end)) for length, end in zip(given, ends, strict=True)])
        raise Unfit("the lengths are not one for each row")

    def _lengths(self, rows: Sequence[int] | Ints, steps: int) -> Any:
        import torch

        if not self.takes_lengths:
            return ()
        given, count = self.given, self.batch.rows
        which = [int(row) for row in rows]
        if isinstance(given, torch.Tensor | np.ndarray):
            if tuple(given.shape) == (count,):
                chosen: Any = given[which]
                return chosen.clamp(max=steps) if isinstance(chosen, torch.Tensor) else np.minimum(chosen, steps)
            if tuple(given.shape) == (count, self.batch.steps):  # a mask
                return given[which][:, :steps]
        elif isinstance(given, list | tuple) and len(given) == count:
            return type(given)([min(given[row], steps) for row in which])
        raise Unfit("the lengths are not one for each row, so that rows can't be chosen")


@contextmanager
def _resting() -> Iterator[None]:
    """Dropout that is called for as a function does nothing."""
    import torch
    from torch.nn import functional as F
    from torch.overrides import TorchFunctionMode

    names = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
    drops = {getattr(F, name) for name in names}
    drops |= {torch.dropout, torch.alpha_dropout, torch.feature_dropout, torch.feature_alpha_dropout}

    class Resting(TorchFunctionMode):  # type: ignore[misc,unused-ignore]
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func in drops:
                return args[0] if args else (kwargs or {})["input"]
            return func(*args, **(kwargs or {}))

    with Resting():
        yield
