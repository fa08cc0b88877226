"""Sequences one after the other, with their lengths beside them: as (N, *), or as one row of documents, (1, N, *)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cells.masks import is_mask_for
from packviz.core.texts.wording import count
from packviz.files.arrays import Values
from packviz.files.known.documents import flat_lengths
from packviz.files.paste.found import Found
from packviz.files.ragged import Ragged


def end_to_end(found: Found, x: Values, counts: NDArray[Any]) -> Found | None:
    """The sequences of an x, (N, *) or (1, N, *), to whose N the lengths, (n,), add up; None of any other x.

    Raises BatchError where they may as well be a PackedSequence.
    """
    if _is_flat(x, counts):
        return _flat(found, x, counts)
    return _row_of_documents(found, x, counts) if _is_row_of_documents(x, counts) else None


def _is_flat(x: Values, counts: NDArray[Any]) -> bool:
    """Whether x is (N, *), and the lengths add up to N while there are as many of them as no dimension has."""
    array = x.array
    if counts.dtype.kind not in "iu" or len(counts) < 2 or not array.ndim or int(counts.min()) < 0:
        return False
    if len(counts) in array.shape[:2] or int(counts.sum(dtype=object)) != array.shape[0]:
        return False
    return not is_mask_for(counts, *(*array.shape, 1)[:2])


def _is_row_of_documents(x: Values, counts: NDArray[Any]) -> bool:
    """Whether x is (1, N, *), and several lengths add up to N."""
    array = x.array
    if counts.dtype.kind not in "iu" or array.ndim < 2 or array.shape[0] != 1 or len(counts) < 2:
        return False
    return len(counts) != array.shape[1] and int(counts.min()) > 0 and int(counts.sum(dtype=object)) == array.shape[1]


def _row_of_documents(found: Found, x: Values, counts: NDArray[Any]) -> Found:
    where = f"{count(len(counts), 'document')} packed in one row of {count(x.array.shape[1], 'step')}"
    flat = Ragged(x.array[0], counts.astype(np.int64), x.dtype)
    return replace(
        found, x=flat, lengths=None, mask=None, said=(*found.said, f"{where}, to which their lengths add up")
    )


def _flat(found: Found, x: Values, counts: NDArray[Any]) -> Found:
    lengths = counts.astype(np.int64)
    if not found.name and bool(np.all(np.diff(lengths) <= 0)):
        raise BatchError(
            f"x has {len(x.array)} steps, to which its {len(counts)} lengths add up, and these never rise: it may be "
            "sequences one after the other, or data and batch_sizes of a PackedSequence; name them values and lengths, "
            "or data and batch_sizes."
        )
    flat = flat_lengths(x, lengths, found.name or "x", "the lengths")
    return replace(flat, options=found.options, said=(*found.said, *flat.said))
