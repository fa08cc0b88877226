"""Named values to what they are: which of them is x, which are its lengths, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.cells.companions import kind_of
from packviz.core.errors import Undecided
from packviz.core.texts.quoting import excerpt
from packviz.files.arrays import is_array
from packviz.files.known.documents import documents_among
from packviz.files.known.held import several_named, within
from packviz.files.known.lost import lost_packed
from packviz.files.known.names import is_lengths_name, lengths_name, likely_names, names_beside, paired, usual_x_name
from packviz.files.known.nested import unbound
from packviz.files.known.rollouts import cut_at_marks, is_mark_name
from packviz.files.masks import mask_among
from packviz.files.packed import is_packed, parts_of
from packviz.files.paste.found import Found, as_sequences, depth_of

SEQUENCES_NAME = "sequences"
MOST_LISTED = 12
MOST_NESTED = 4


def x_name(dimensions: Mapping[str, int]) -> str:
    """Under which of these names x is, given the dimensions of each.

    A usual name, else the only one that has lengths of its own, else the only one with at least two dimensions. Raises
    Undecided listing the names.
    """
    usual, pairs = usual_x_name(dimensions), paired(dimensions)
    if usual is not None and (dimensions[usual] != 1 or not pairs):
        return usual
    likely = [name for name in likely_names(dimensions) if not is_mark_name(name)]
    wide = list(pairs) or [name for name in likely if dimensions[name] >= 2]
    if len(wide) == 1:
        return wide[0]
    others = list(names_beside(dimensions))
    listed = ", ".join(name[:40] for name in others[:MOST_LISTED]) + (", ..." if len(others) > MOST_LISTED else "")
    listed = excerpt(listed) or "nothing that looks like x"
    text = f"it holds {listed}, but packviz can't tell which of them is the batch: name it x, and its lengths lengths."
    raise Undecided(text, wide[:MOST_LISTED])


def from_mapping(named: Mapping[str, Any], *, dimensions: Mapping[str, int] | None = None, depth: int = 0) -> Found:
    """x, lengths and options from named values, under their usual names.

    `dimensions`: of each value, where they are known without reading it. `depth`: how many dicts lie around this one.
    """
    if not all(isinstance(name, str) and name for name in named):
        raise BatchError("the names in it are not all text: name the batch x and its lengths lengths.")
    if depth > MOST_NESTED:
        raise BatchError(
            f"its dicts are nested more than {MOST_NESTED} deep: name the batch x and its lengths lengths."
        )
    options = {name: named[name] for name in OPTIONS if name in named}
    parts = parts_of(named)
    if parts is not None:
        return Found(parts, None, options)
    weights = next((name for name in named if name.endswith("weight_ih_l0")), None)
    if weights is not None:
        raise BatchError(f"it holds weights ({excerpt(weights)}), not a batch: load it as the weights of the model.")
    if dimensions is None:
        dimensions = {name: depth_of(value) for name, value in named.items()}
    fields = [name for name in named if name not in OPTIONS]
    alike = len(fields) == 4 and sum(dimensions[name] <= 1 for name in fields) >= 3  # nothing else is read for it
    lost = lost_packed([named[name] for name in fields]) if alike else None
    documents = lost or documents_among(named, dimensions)
    if documents is not None:
        return replace(documents, options=options)
    if usual_x_name(dimensions) is None and not paired(dimensions):
        inner = within(named)
        if inner is not None:
            return replace(from_mapping(inner, depth=depth + 1), options=options)
        several = several_named(named)
        if several:
            listed = excerpt(", ".join(several), 80)
            raise BatchError(f"it holds {len(several):,} batches ({listed}): give one of them.")
    try:
        name = x_name(dimensions)
    except Undecided as error:
        chosen = error.choices
        raise Undecided(str(error), chosen, lambda x: _of_name(named, dimensions, x, options, depth)) from None
    return _of_name(named, dimensions, name, options, depth)


def _of_name(
    named: Mapping[str, Any], dimensions: Mapping[str, int], name: str, options: Mapping[str, object], depth: int
) -> Found:
    """What was found, with x under this name."""
    x, mask = named[name], mask_among(named)
    beside = {other: named[other] for other in named if other != name and kind_of(other) is not None}
    key = lengths_name(dimensions, name)
    counts = None if key is None else named[key]
    if isinstance(x, Mapping) and not is_packed(x):
        inner = from_mapping(x, depth=depth + 1)
        counts = inner.lengths if key is None else counts
        beside = {**inner.beside, **beside}
        options = {**inner.options, **options}
        return replace(inner, lengths=counts, options=options, mask=mask or inner.mask, beside=beside)
    if len(named) > 1 and _is_pair(x):
        x, counts = x
        key = f"{name}[1]"
    lost = lost_packed(x) or unbound(x)
    if lost is not None:
        return replace(lost, options=options)
    if key is None and mask is None:
        key, counts = _lengths_within(named)
    if name.lower() == SEQUENCES_NAME:
        x = as_sequences(x)
    said = () if key is None or key.lower() == "lengths" else (f"lengths from {excerpt(key, 60)}",)

    def pick(chosen: str) -> Found:
        return _picked(named, dimensions, chosen, options, depth)

    found = Found(x, counts, options, mask, name, said, beside=beside, pick=pick)
    return found if counts is not None or mask is not None else cut_at_marks(found, named, dimensions) or found


def _picked(
    named: Mapping[str, Any], dimensions: Mapping[str, int], name: str, options: Mapping[str, object], depth: int
) -> Found:
    """What was found, with x under a name that somebody chose. Raises BatchError where there is no such name."""
    if name not in named:
        listed = excerpt(", ".join(named))
        raise BatchError(f"there is no {excerpt(name, 40)} in it, but {listed}: name one of these.")
    return _of_name(named, dimensions, name, options, depth)


def _is_pair(x: object) -> bool:
    """Whether it is x and its lengths, as some loaders keep them under one name."""
    if not isinstance(x, list | tuple) or len(x) != 2 or not all(map(is_array, x)):
        return False
    return depth_of(x[0]) >= 2 and depth_of(x[1]) == 1


def _held(named: Mapping[str, Any]) -> list[Any]:
    """The values of a dict; none of an archive, which holds no dicts and whose values are read when they are needed."""
    return list(named.values()) if isinstance(named, dict) else []


def _lengths_within(named: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The lengths in a dict beside x, as the number of frames in its supervisions; or nothing."""
    for inner in _held(named):
        if isinstance(inner, Mapping) and all(isinstance(name, str) and name for name in inner):
            for name, value in inner.items():
                if is_lengths_name(name) and depth_of(value) == 1:
                    return name, value
    return None, None
