"""Documents packed one after the other in a row, and sequences one after the other in one array: not padded at all.

They are told by where each ends (`cu_seqlens`, `offsets`, `ptr`), by a number for each (`segment_ids`, a mask that
numbers the documents, `batch`), or by positions that start again. What contradicts x is refused, with what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.texts.quoting import excerpt
from packviz.core.texts.wording import abridged, count
from packviz.files.arrays import Archive, Values, is_array, values_of
from packviz.files.known.names import lengths_name, likely_names, plain, usual_x_name
from packviz.files.known.pieces import Pieces, numbered, restarting
from packviz.files.masks import is_mask_name
from packviz.files.packed import is_packed
from packviz.files.paste.found import Found
from packviz.files.ragged import Ragged

ENDS = (
    *("cu_seqlens", "cu_seq_lens", "cu_seqlen", "cu_seqlens_q", "cu_seq_lens_q", "cu_lengths", "cu_lens"),
    *("cumulative_lengths", "cum_seq_lens", "cumulative_seqlens"),
)
OFFSETS = ("offsets", "offset", "ptr", "row_splits", "indptr")
NUMBERS = (
    *("segment_ids", "segments", "seq_idx", "doc_ids", "document_ids", "sequence_id", "sequence_ids", "doc_idx"),
    *("inputs_segmentation", "segmentation", "encoder_segment_ids", "batch", "batch_idx"),
)
POSITIONS = ("position_ids", "positions", "pos_ids", "inputs_position", "encoder_positions")
FLAT = ("values", "value", "flat", "flat_values")
Ints = NDArray[np.int64]


def documents_among(named: Mapping[str, Any], dimensions: Mapping[str, int]) -> Found | None:
    """The documents among named values, as sequences; None where nothing tells of any.

    Raises BatchError where what should tell where they end contradicts x.
    """
    name = _x_name(named, dimensions)
    if name is None:
        return None
    by_plain = {plain(other): other for other in named if other != name and dimensions[other] >= 1}
    if not _may_tell(name, by_plain) or not (isinstance(named, Archive) or _is_plain(named[name])):
        return None
    ends = next((by_plain[known] for known in ENDS if known in by_plain), None)
    if ends is not None and dimensions[ends] == 1:
        return _cut_at(named, name, ends, strict=True, what="document")
    offsets = next((by_plain[known] for known in OFFSETS if known in by_plain), None)
    if offsets is not None and dimensions[offsets] == 1:
        strict = plain(name) in FLAT or plain(offsets) == "ptr"
        found = _cut_at(named, name, offsets, strict=strict, what="sequence")
        if found is not None:
            return found
    if "starts" in by_plain and "ends" in by_plain:
        found = _between(named, name, by_plain["starts"], by_plain["ends"])
        if found is not None:
            return found
    if plain(name) in FLAT and dimensions[name] == 1:
        found = _by_lengths(named, name, lengths_name(dimensions, name))
        if found is not None:
            return found
    return _numbered(named, name, dimensions, by_plain) or _positioned(named, name, dimensions, by_plain)


def flat_lengths(x: Values, lengths: Ints, x_name: str, name: str) -> Found:
    """Sequences one after the other in x, (N, *), by their lengths, (B,), which add up to N."""
    said = (
        f"{count(len(lengths), 'sequence')} one after the other in {x_name}: {name} add up to its {len(x.array)} steps"
    )
    return Found(Ragged(x.array, lengths, x.dtype), said=(said,))


def _between(named: Mapping[str, Any], name: str, first: str, after: str) -> Found | None:
    """x cut apart between where its sequences start and end, one after the other, with nothing between them."""
    starts, ends, x = _whole(named[first], first), _whole(named[after], after), _array(named[name], name)
    if starts is None or ends is None or x is None or starts.ndim != 1 or starts.shape != ends.shape:
        return None
    row = _row(x)
    if int(starts[0]) or int(ends[-1]) != len(row.array) or not np.array_equal(starts[1:], ends[:-1]):
        return None
    lengths = (ends - starts).astype(np.int64)
    said = f"{count(len(lengths), 'sequence')} one after the other in {name}, cut apart at {first} and {after}"
    return Found(Ragged(row.array, lengths, row.dtype), said=(said,)) if int(lengths.min()) >= 0 else None


def _by_lengths(named: Mapping[str, Any], name: str, by: str | None) -> Found | None:
    """A vector of values cut apart by lengths that add up to it."""
    lengths, x = None if by is None else _whole(named[by], by), _array(named[name], name)
    if lengths is None or by is None or x is None or lengths.ndim != 1 or int(lengths.min()) < 0:
        return None
    whole = int(lengths.sum(dtype=object)) == len(x.array)
    return flat_lengths(x, lengths.astype(np.int64), name, by) if whole else None


def _x_name(named: Mapping[str, Any], dimensions: Mapping[str, int]) -> str | None:
    flat = next((name for name in named if plain(name) in FLAT and dimensions[name] >= 1), None)
    usual = usual_x_name(name for name in named if plain(name) not in (*NUMBERS, *OFFSETS, *ENDS, *POSITIONS))
    if flat is not None or usual is not None:
        return flat or usual
    known = (*ENDS, *OFFSETS, *NUMBERS, *POSITIONS)
    others = [name for name in likely_names(named) if dimensions[name] >= 1 and plain(name) not in known]
    return others[0] if len(others) == 1 else None


def _may_tell(name: str, by_plain: Mapping[str, str]) -> bool:
    """Whether any name is one of those below: without one, a large x need not be read from its archive for it."""
    known = {*ENDS, *OFFSETS, *NUMBERS, *POSITIONS, "starts"}
    return plain(name) in FLAT or not known.isdisjoint(by_plain) or any(map(is_mask_name, by_plain.values()))


def _is_plain(value: object) -> bool:
    """Whether it is one array or a list; no dict, no PackedSequence, no sequences."""
    if is_packed(value) or isinstance(value, Mapping | Ragged):
        return False
    return is_array(value) or (isinstance(value, list | tuple) and not any(map(is_array, value)))


def _array(value: Any, name: str) -> Values | None:
    try:
        return values_of(value, name)
    except BatchError:
        return None


def _whole(value: Any, name: str) -> NDArray[Any] | None:
    """A vector or a matrix of whole numbers; None of anything else."""
    found = _array(value, name)
    return found.array if found is not None and found.array.size and found.array.dtype.kind in "iu" else None


def _row(x: Values) -> Values:
    """(N, *) of an x that is one row of steps, (1, N, *) or (N, *)."""
    if x.array.ndim >= 2 and x.array.shape[0] == 1:
        return Values(x.array[0], x.dtype)
    return x


def _cut_at(named: Mapping[str, Any], name: str, by: str, *, strict: bool, what: str) -> Found | None:
    """x cut apart at the ends of its documents, which begin with 0; the last may be left out, as of embedding bags."""
    ends, x = _whole(named[by], by), _array(named[name], name)
    if ends is None or ends.ndim != 1 or x is None:
        return None
    row = _row(x)
    steps = len(row.array)
    rises = not bool(np.any(np.diff(ends.astype(np.int64)) < 0))
    whole = rises and int(ends[0]) == 0 and int(ends[-1]) == steps
    open_end = rises and int(ends[0]) == 0 and int(ends[-1]) < steps and what == "sequence" and plain(by) != "ptr"
    if not whole and not open_end:
        if not strict:
            return None
        raise BatchError(
            f"{excerpt(by, 40)} is [{abridged(ends, 6)}], but {excerpt(name, 40)} has {count(steps, 'step')}: where "
            f"its {what}s end should rise from 0 to {steps}."
        )
    stops = ends.astype(np.int64) if whole else np.append(ends.astype(np.int64), steps)
    lengths = np.diff(stops)
    if what == "document":
        said = f"{count(len(lengths), what)} packed in one row of {count(steps, 'step')}, cut apart at {by}"
    else:
        said = f"{count(len(lengths), what)} one after the other in {name}, cut apart at {by}"
    return Found(Ragged(row.array, lengths, row.dtype), said=(said,))


def _numbered(
    named: Mapping[str, Any], name: str, dimensions: Mapping[str, int], by_plain: Mapping[str, str]
) -> Found | None:
    """x cut apart where the number of the document changes; a mask of 0 and 1 numbers none."""
    masks = [other for other in by_plain.values() if is_mask_name(other)]
    masked = any(plain(other) == "input_mask" for other in masks)
    for by in (*(by_plain[known] for known in NUMBERS if known in by_plain), *masks):
        if by == name or (masked and plain(by) == "segment_ids"):
            continue
        numbers = _whole(named[by], by)
        if numbers is None or numbers.ndim > 2 or (is_mask_name(by) and int(numbers.max()) < 2):
            continue
        x = _array(named[name], name)
        if x is None or numbers.shape != x.array.shape[: numbers.ndim]:
            continue
        if plain(by) in ("segment_ids", "segments") and int(numbers.max()) < 2 and not bool(numbers[..., 0].any()):
            continue  # the two halves of a pair of sentences
        if numbers.ndim == 1 and int(numbers.max()) == int(numbers.min()):
            continue
        found = numbered(numbers.reshape(-1, numbers.shape[-1]), excerpt(by, 40))
        if found.alone and numbers.ndim == 2:
            continue
        return _of(x, found, by, numbers, "sequence" if plain(by).startswith("batch") else "document", name)
    return None


def _positioned(
    named: Mapping[str, Any], name: str, dimensions: Mapping[str, int], by_plain: Mapping[str, str]
) -> Found | None:
    """x cut apart where its positions start again."""
    by = next((by_plain[known] for known in POSITIONS if known in by_plain), None)
    if by is None:
        return None
    positions, x = _whole(named[by], by), _array(named[name], name)
    if positions is None or x is None or positions.ndim > 2 or positions.shape != x.array.shape[: positions.ndim]:
        return None
    masks = (_whole(named[other], other) for other in by_plain.values() if is_mask_name(other))
    mask = next((found for found in masks if found is not None and found.shape == positions.shape), None)
    grid = positions.reshape(-1, positions.shape[-1])
    found = restarting(grid, None if mask is None else mask.reshape(grid.shape), excerpt(by, 40))
    return None if found is None or found.alone else _of(x, found, by, positions, "document", name)


def _of(x: Values, pieces: Pieces, by: str, told: NDArray[Any], what: str, name: str) -> Found:
    """The pieces of x as sequences."""
    rows, steps = (1, len(told)) if told.ndim == 1 else told.shape
    flat = x.array.reshape((rows * steps, *x.array.shape[told.ndim :]))
    number = len(pieces.starts)
    if what == "sequence":
        where = f"one after the other in {name}"
    else:
        where = f"packed in {'one row' if rows == 1 else f'{rows} rows'} of {count(steps, 'step')}"
    said = f"{count(number, what)} {where}, cut apart by {by}"
    return Found(Ragged(flat[pieces.cells], pieces.lengths, x.dtype), said=(said,))
