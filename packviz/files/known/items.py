"""Tuples and lists of several arrays that are no sequences: x beside its mask, its lengths, its labels, as data loaders
give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cells.masks import as_mask
from packviz.core.errors import Undecided
from packviz.core.texts.wording import count
from packviz.files.arrays import is_array, values_of
from packviz.files.masks import MaskFound
from packviz.files.paste.found import Found

MOST_ITEMS = 12


def of_items(obj: object) -> Found | None:
    """x among the items of a tuple or a list of arrays, with its mask or its lengths; None of anything else, as of
    sequences, which all have as many dimensions.

    Raises Undecided, with the numbers of the items, where several may be x, and BatchError where two tensors of ids of
    one shape may be x and its targets as well as two sequences.
    """
    if not isinstance(obj, list | tuple) or not 2 <= len(obj) <= MOST_ITEMS or not all(map(is_array, obj)):
        return None
    try:
        arrays = [values_of(item, f"item {i}").array for i, item in enumerate(obj)]
    except BatchError:
        return None
    if len(arrays) == 2 and _is_mask_of(arrays[1], arrays[0]):
        return Found(obj[0], mask=MaskFound(obj[1]), said=("x is the first of two, and its mask the second",))
    if len({array.ndim for array in arrays}) == 1:
        _refuse_targets(obj, arrays)
        return None
    wide = [i for i, array in enumerate(arrays) if array.ndim >= 2]
    if not wide or (len(arrays) == 2 and arrays[1].ndim < 2):
        return None
    if len(wide) == 1:
        return _of_item(obj, arrays, wide[0])
    labelled = _labelled(obj, arrays)
    if labelled is not None:
        return labelled
    shapes = ", ".join(str(array.shape) for array in arrays)
    text = f"it is {count(len(arrays), 'array')} of shapes {shapes}, and several of them may be x: save (x, lengths)."
    raise Undecided(text, [str(i) for i in wide], lambda chosen: _of_item(obj, arrays, int(chosen)))


def _of_item(obj: Sequence[Any], arrays: Sequence[NDArray[Any]], x: int) -> Found:
    """The item of that number as x, with the one vector that can be its lengths: as many as a dimension has, and the
    longest as long as another; of several the first after it."""
    said = f"x is item {x} of {len(arrays)}"
    fits = [i for i, array in enumerate(arrays) if _are_lengths(array, arrays[x])]
    after = [i for i in fits if i > x][:1] or fits
    if not after:
        return Found(obj[x], said=(said,))
    return Found(obj[x], obj[after[0]], said=(f"{said}, its lengths are item {after[0]}",))


def _labelled(obj: Sequence[Any], arrays: Sequence[NDArray[Any]]) -> Found | None:
    """x with its lengths and its labels, where only the first has features, and is no whole numbers, and of two others
    one can be its lengths and one has a whole number for each of its cells; None of anything else."""
    x, others = arrays[0], range(1, len(arrays))
    lengths = [i for i in others if _are_lengths(arrays[i], x)]
    labels = [i for i in others if arrays[i].dtype.kind in "iu" and arrays[i].shape in (x.shape[:2], x.shape[1::-1])]
    if len(arrays) != 3 or x.ndim < 3 or x.dtype.kind not in "fc" or len(lengths) != 1 or len(labels) != 1:
        return None
    said = f"x is item 0 of 3, its lengths are item {lengths[0]}, its labels item {labels[0]}"
    return Found(obj[0], obj[lengths[0]], said=(said,), beside={"labels": obj[labels[0]]})


def _are_lengths(array: NDArray[Any], x: NDArray[Any]) -> bool:
    if array.ndim != 1 or array.dtype.kind not in "iu" or len(array) not in x.shape[:2] or not len(array):
        return False
    return int(array.min()) > 0 and int(array.max()) in x.shape


def _is_mask_of(array: NDArray[Any], x: NDArray[Any]) -> bool:
    """Whether an array is a mask of x: 0 and 1, or True and False, as large as x in its first two dimensions."""
    if x.ndim < 2 or array.ndim != 2 or array.shape not in (x.shape[:2], x.shape[1::-1]) or not array.size:
        return False
    mask = as_mask(array)
    if mask is None or (x.ndim == 2 and as_mask(x) is not None):
        return False
    if array.dtype.kind == "b" or x.ndim > 2:
        return True
    # One column may be a sequence of one feature beside another: as a mask it is one row, of data, then padding.
    pads = mask.shape[1] > 1 or bool(mask[0, 0] and (np.diff(mask[:, 0].astype(np.int8)) <= 0).all())
    return pads and bool(mask.any() and not mask.all())


def _refuse_targets(obj: Sequence[Any], arrays: Sequence[NDArray[Any]]) -> None:
    one, other = arrays[0], arrays[-1]
    if not isinstance(obj, tuple) or len(obj) != 2 or one.ndim != 2 or one.shape != other.shape:
        return
    if one.dtype.kind in "iu" and other.dtype.kind in "iu" and min(one.shape) > 1 and not np.array_equal(one, other):
        raise BatchError(
            f"it is two tensors of ids of shape {one.shape}, which may be x and its targets or two sequences: save x "
            'alone, or {"sequences": [...]}.'
        )
