"""What a case of the corpus is: how its file is written, and what is true of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of one batch.

    `lengths`: as its framework means them, right or wrong. `x`: the padded batch, (B, T, *), where it is one. `rows`:
    its sequences, (L, *) each, where it is a list of them, or documents packed in one row. `padding`: what it is padded
    with; None where nothing in the file shows it. `side`: "left" where its rows end with their data.
    """

    lengths: Sequence[float]
    x: Array | None = None
    rows: Sequence[Array] | None = None
    padding: float | None = None
    side: str = "right"


@dataclass(frozen=True, eq=False)
class Case:
    """One file as a framework writes it.

    `name`: of the file, with its suffix. `truths`: by the name of the batch in the file, "" where it holds just one.
    `says`: words that the report has to say of how it was read. `asks`: the option that the message must name, where
    two readings fit, and the answer to it; then the truth is that of the answer. `refused`: words of the sentence that
    refuses it, where it is no batch. `broken`: codes that `check` must find. `open`: the report says that nothing tells
    which way round x lies; then either reading is one.
    """

    name: str
    write: Callable[[Path], None]
    truths: Mapping[str, Truth] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    asks: tuple[str, str] | None = None
    refused: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    open: bool = False


def lengths_of(count: int, most: int, seed: int, least: int = 2) -> Array:
    """(count,) int64: lengths that differ, in no order, the longest of them `most`."""
    made = np.random.default_rng(seed).choice(np.arange(least, most), count, replace=most - least < count)
    made[count // 2] = most
    return made.astype(np.int64)


def padded(rows: Sequence[Array], padding: float = 0, *, left: bool = False, steps: int | None = None) -> Array:
    """(B, T, *) of rows (L, *)."""
    steps = steps or max(map(len, rows))
    x = np.full((len(rows), steps, *rows[0].shape[1:]), padding, dtype=rows[0].dtype)
    for i, row in enumerate(rows):
        x[i, steps - len(row) if left else 0 :][: len(row)] = row
    return x


def measured(lengths: Array, features: int, seed: int, kind: str = "float32") -> list[Array]:
    """Rows of measurements, (L, F), none of them 0."""
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal((int(n), features)) + 0.001).astype(kind) for n in lengths]


def ids(lengths: Array, seed: int, least: int = 5, most: int = 1000) -> list[Array]:
    """Rows of ids, (L,) int64."""
    rng = np.random.default_rng(seed)
    return [rng.integers(least, most, int(n)) for n in lengths]


def last(x: Array) -> Array:
    """(B, T, F) → (B, F, T), in memory of its own."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))
