"""Found → Batch: which options win, which layout, whose lengths. The one place where this is decided.

Options: what was said on the command line wins, then what the source says itself, then the caller's defaults, which
are torch's own unless the window that opens it shows others. Nothing is guessed about the layout: the checks speak of
the very call that was made. Sequences and a PackedSequence are always laid out batch_first, since no option of theirs
says otherwise, and a PackedSequence has enforce_sorted=True exactly where it has no sorted_indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

from packviz.core.batch import Batch, BatchError, Call, frozen, make_batch
from packviz.core.carrier import Packed, Sequences
from packviz.core.cells.guess import guessed
from packviz.core.cells.masks import with_mask_read
from packviz.core.lengths import Lengths
from packviz.core.source import Source
from packviz.core.texts.quoting import quoted, worded
from packviz.files.arrays import Values, dimensions, from_text, is_array, number_array, values_of
from packviz.files.companions import with_companions
from packviz.files.lengths import lengths_given
from packviz.files.masks import MaskFound, masked
from packviz.files.packed import is_packed, unpack
from packviz.files.paste.found import Found, SequenceList
from packviz.files.sequences import is_sequences, pad, sequences_of

T = TypeVar("T")


def settle(
    found: Found, call: Call, given: frozenset[str], source: str | Source, lengths: object = None, mask: object = None
) -> Batch:
    """The Batch of what was found.

    `call`: the defaults. `given`: those of its options that win over what the source says. `lengths`, `mask`: win over
    those found. Without lengths they are those of the mask; without a mask they are guessed. Raises BatchError.
    """
    batch = with_companions(_settle(found, call, given, source, lengths, mask), found.beside)
    batch = _said(batch, found)
    return batch if lengths is not None or mask is not None else _filed(batch)


def _said(batch: Batch, found: Found) -> Batch:
    """The batch with how it was found."""
    said, source = found.said, batch.source
    if found.mask is not None and batch.given.origin == "mask" and found.mask.name != "mask":
        said = (*said, f"lengths from {found.mask.name}")
    if found.axes is not None:
        source = replace(source, axes=found.axes)
    return replace(batch, read_as=said, source=source) if said or found.axes is not None else batch


def _filed(batch: Batch) -> Batch:
    """The same, its lengths known to have come with x."""
    torchs, call = Call(), batch.call
    found = batch.given.origin in ("guessed", "mask")
    said = {name: getattr(call, name) for name in ("batch_first", "padding_value") if found}
    options = {name: value for name, value in said.items() if value != getattr(torchs, name)}
    return replace(batch, given=batch.given.as_filed(**options))


def _settle(
    found: Found, call: Call, given: frozenset[str], source: str | Source, lengths: object, mask: object
) -> Batch:
    beside = found.mask if mask is None else MaskFound(mask, asked=True)
    said = {name: value for name, value in found.options.items() if name not in given}
    call = replace(call, **_checked(said))
    counts = found.lengths if lengths is None else lengths
    if is_packed(found.x):
        if mask is not None:
            raise BatchError("A PackedSequence brings its lengths along in batch_sizes: leave the mask out.")
        return _settle_packed(found.x, counts, call, source)
    rows = found.x.rows if isinstance(found.x, SequenceList) else found.x
    if isinstance(found.x, SequenceList) or is_sequences(rows):
        return masked(_settle_sequences(rows, counts, call, source), beside, derive=False)
    x = array_of(rows)
    if counts is not None:
        return masked(_given(x, lengths_given(counts), call, source), beside, derive=False)
    bare = make_batch(x.array, np.empty(0, dtype=np.int64), call, source=source, dtype=x.dtype)
    batch = masked(bare, beside, derive=True)
    return guessed(bare) if batch is bare else batch


def _settle_packed(packed: object, counts: object, call: Call, source: str | Source) -> Batch:
    if counts is not None:
        raise BatchError("A PackedSequence brings its lengths along in batch_sizes: leave the lengths out.")
    x, lengths, order, fields = unpack(packed, call.padding_value)
    unsorted = order is not None if fields is None else fields.sorted_indices is not None
    call = replace(call, batch_first=True, enforce_sorted=not unsorted)
    return make_batch(
        x.array,
        lengths,
        call,
        source=source,
        dtype=x.dtype,
        origin="packed",
        carrier=Packed(None if order is None else frozen(order), fields),
    )


def _settle_sequences(rows: Any, counts: object, call: Call, source: str | Source) -> Batch:
    x, own = pad(sequences_of(rows), call.padding_value)
    call = replace(call, batch_first=True)
    if counts is not None:
        return _given(x, lengths_given(counts), call, source)
    return make_batch(x.array, own, call, source=source, dtype=x.dtype, carrier=Sequences())


def _given(x: Values, lengths: Lengths, call: Call, source: str | Source) -> Batch:
    return with_mask_read(make_batch(x.array, lengths, call, source=source, dtype=x.dtype))


def array_of(x: object) -> Values:
    """The numbers of one array or nested list. Raises BatchError where it is anything else."""
    if isinstance(x, list | tuple):
        dimensions(x)  # refuses what is nested without end
        nested = number_array(x)
        if isinstance(nested, list):
            raise BatchError(
                "x is neither rectangular nor a list of sequences: its steps must all have the same features."
            )
        only = from_text(nested)
        assert isinstance(only, Values)
        return only
    if is_array(x):
        return values_of(x)
    kind = "nothing" if x is None else f"a value of type {type(x).__name__}"
    raise BatchError(f"x is {kind}, but a tensor, an array, a list of sequences or a PackedSequence is expected.")


def _checked(said: Mapping[str, object]) -> dict[str, Any]:
    return {name: _CHECKS[name](name, _scalar(value)) for name, value in said.items()}


def _scalar(value: object) -> object:
    if is_array(value):
        array = values_of(value, "an option").array
        return array.item() if array.size == 1 else array.tolist()
    return value


def _flag(name: str, value: object) -> bool:
    if isinstance(value, Integral) and int(value) in (0, 1):
        return bool(value)
    raise BatchError(f"{name} is {quoted(worded(value), 40)}, but true or false is expected.")


def _number(name: str, value: object) -> float:
    if isinstance(value, Integral) and abs(int(value)) < 2**63:
        return int(value)
    if isinstance(value, Real) and not isinstance(value, Integral):
        return float(value)
    raise BatchError(f"{name} is {quoted(worded(value), 40)}, but a number is expected.")


def _size(name: str, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, bool) and isinstance(value, Integral) and abs(int(value)) < 2**63:
        return int(value)
    raise BatchError(f"{name} is {quoted(worded(value), 40)}, but a whole number of steps, or null, is expected.")


_CHECKS = {"batch_first": _flag, "enforce_sorted": _flag, "padding_value": _number, "total_length": _size}
