"""What stands beside x: labels, an order of the rows, lengths of the labels; and how they lie on its rows and steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen

Kind = Literal["labels", "lengths", "order", "ignored"]

NAMES: dict[Kind, tuple[str, ...]] = {
    "labels": ("labels", "label", "targets", "target", "tags", "y", "labels_ids", "label_ids", "decoder_labels"),
    "lengths": ("label_lengths", "labels_lengths", "target_lengths", "targets_lengths", "y_lengths", "label_lens"),
    "order": ("order", "permutation", "perm", "sorted_indices", "sort_indices", "sort_idx", "sorted_idx"),
    "ignored": ("ignore_index",),
}
"""The names under which each kind is known."""

IGNORED = -100
"""The label that nn.CrossEntropyLoss and nn.NLLLoss leave out unless another is said, their ignore_index."""


@dataclass(frozen=True, eq=False)
class Companion:
    """One array beside x, read-only: `name`, as it was given, and what it is by its name, `kind`."""

    name: str
    kind: Kind
    array: NDArray[Any]


def kind_of(name: str) -> Kind | None:
    """What a value of this name is; None where that is nothing that is known."""
    lower = name.lower().lstrip("_")
    return next((kind for kind, names in NAMES.items() if lower in names), None)


def companion(name: str, array: NDArray[Any]) -> Companion | None:
    """The companion of that name; None where it has a name, or numbers, that are none."""
    kind = kind_of(name)
    fits = {"labels": array.ndim >= 1, "lengths": array.ndim == 1, "order": array.ndim == 1, "ignored": array.size == 1}
    whole = array.dtype.kind in "iub" or kind == "labels"
    return Companion(name, kind, frozen(array)) if kind is not None and fits[kind] and whole else None


def on_rows(array: NDArray[Any], rows: int, batch_first: bool) -> NDArray[Any] | None:
    """(B, S) of labels that have a number for each step, whichever of their dimensions counts the rows; None of others.

    Where both do, they lie as x does.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2 or array.dtype.kind not in "iu" or rows not in array.shape or array.shape[1] < 1:
        return None
    first = array.shape[0] == rows and (array.shape[1] != rows or batch_first)
    return array if first else array.T


def padded_with(grid: NDArray[Any], counts: NDArray[np.int64]) -> int | None:
    """The number that the labels, (B, S), hold in all cells beyond the lengths; None where it is no one number."""
    beyond = np.arange(grid.shape[1]) >= counts[:, None]
    if not bool(beyond.any()):
        return None
    cells = grid[beyond]
    return int(cells[0]) if bool(np.all(cells == cells[0])) else None


def ends_of(grid: NDArray[Any], padding: int) -> NDArray[np.int64]:
    """(B,) int64, the step after the last label of each row that is not padding; 0 where there is none."""
    real = grid != padding
    last = grid.shape[1] - np.argmax(real[:, ::-1], axis=1)
    return np.where(real.any(axis=1), last, 0).astype(np.int64)
