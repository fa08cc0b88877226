"""How many of the batches that programs show stay open: a loop shows them without end, and memory has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packviz.core.batch import Batch
from packviz.core.module import Module
from packviz.session.memory import Xs

MOST = 50
"""Batches that nobody has changed."""
MOST_BYTES = 1 << 30
"""Of their x and of the numbers of their modules, all together; the newest one stays even beyond it."""


def newest(held: Iterable[tuple[Batch, Module | None]]) -> int:
    """How many of these batches with their modules, the newest first, stay: as many as MOST and MOST_BYTES allow, and
    one at least."""
    xs, weights, many = Xs(), 0, 0
    for batch, module in held:
        xs.add(batch)
        weights += sum(_sizes(module))
        if many and (many == MOST or xs.nbytes + weights > MOST_BYTES):
            break
        many += 1
    return many


def _sizes(module: Module | None) -> Iterator[int]:
    """Bytes of each array that a module brings along."""
    if module is not None and module.stored is not None:
        for array in (*module.stored.arrays.values(), *module.stored.states):
            yield 0 if array is None else array.nbytes
