"""Python objects to Batch, known by what they can do; torch is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.errors import only_batch_errors
from packviz.files.arrays import is_array
from packviz.files.known.collated import beside_labels, named_parts, without_texts
from packviz.files.known.examples import uncollated
from packviz.files.known.held import is_pair
from packviz.files.known.items import of_items
from packviz.files.known.lost import lost_packed
from packviz.files.known.mapping import from_mapping
from packviz.files.known.nested import unbound
from packviz.files.packed import is_packed
from packviz.files.paste.found import Found
from packviz.files.ragged import PLAIN, Ragged
from packviz.files.settle import settle


def to_batch(
    obj: object,
    lengths: object = None,
    call: Call | None = None,
    *,
    options_given: frozenset[str] = frozenset(),
    source: str = "x",
    mask: object = None,
) -> Batch:
    """The Batch of a padded tensor, array or nested list, a list of sequences, a PackedSequence, a pair (x, lengths),
    or a dict of these under usual names.

    `lengths`: of any shape, right or wrong, win over those that the object brings along; guessed from the padding where
    there are none.
    `call`: the options, torch's defaults if left out; those named in `options_given` hold whatever the object says,
    the others give way to what it says itself. `mask`: (B, T) or (T, B), wins over one that the object brings along.
    Arrays are not copied. Raises BatchError.
    """
    with only_batch_errors():
        return settle(interpret(obj), call or Call(), options_given, source, lengths, mask)


def interpret(obj: object) -> Found:
    """Which part of a Python object is x, and which are lengths and options."""
    if is_packed(obj):
        return Found(obj)
    named = named_parts(obj)
    if named is not None:
        return from_mapping(named)
    known = lost_packed(obj) or unbound(obj) or uncollated(obj)
    if known is not None:
        return known
    numbers = without_texts(obj)
    if numbers is not None:
        rest, said = numbers
        found = interpret(rest)
        return replace(found, said=(*found.said, said))
    known = beside_labels(obj) or of_items(obj)
    if known is not None:
        return known
    if isinstance(obj, Mapping):
        return from_mapping(obj)
    if isinstance(obj, Ragged):
        return Found(obj)
    if isinstance(obj, list | tuple):
        if len(obj) == 2 and is_pair(obj[0], obj[1]):
            inner = interpret(obj[0])
            return replace(inner, lengths=obj[1])
        mappings = [item for item in obj if isinstance(item, Mapping)]
        if len(mappings) == 1 < len(obj) and all(item is mappings[0] or is_array(item) for item in obj):
            return from_mapping(mappings[0])
        if not set(map(type, obj)) <= PLAIN and any(is_packed(item) or isinstance(item, Mapping) for item in obj):
            raise BatchError(
                f"it is a {type(obj).__name__} of {len(obj)} that holds a PackedSequence or a dict: give one batch."
            )
        return Found(obj)
    if is_array(obj):
        return Found(obj)
    kind = "nothing" if obj is None else f"a value of type {type(obj).__name__}"
    raise BatchError(f"x is {kind}, but a tensor, an array, a list of sequences or a PackedSequence is expected.")
