"""Views of tensors as people hand them over or save them, and what looking at one may cost."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import torch

VIEWS = ("plain", "transposed", "strided", "expanded", "sliced", "features first")


def view_of(name: str, rows: int, steps: int) -> torch.Tensor:
    """A float32 view of that kind, (rows, steps), or (rows, steps, 4) with its features first in memory."""
    noise = torch.Generator().manual_seed(0)
    shape, cut = {
        "plain": ((rows, steps), lambda x: x),
        "transposed": ((steps, rows), lambda x: x.T),
        "strided": ((rows, 2 * steps), lambda x: x[:, ::2]),
        "expanded": ((1, steps), lambda x: x.expand(rows, steps)),
        "sliced": ((rows + 3, steps + 5), lambda x: x[3:, :steps]),
        "features first": ((4, rows, steps), lambda x: x.permute(1, 2, 0)),
    }[name]
    view: torch.Tensor = cut(torch.randn(shape, generator=noise))
    return view


def taken(work: Callable[[], object]) -> int:
    """The most bytes that NumPy and Python hold at once for the work, above what they held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
