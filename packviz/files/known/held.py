"""The batches that a dict holds as its values: which of them are some, and which one is what the dict is all about.

Whoever reads one batch of a dict and whoever looks for several in it decide by this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from packviz.files.arrays import Values, is_array
from packviz.files.known.names import likely_names, paired, usual_x_name
from packviz.files.packed import is_packed
from packviz.files.paste.found import depth_of
from packviz.files.ragged import Ragged, depth


def held(named: Mapping[Any, Any]) -> dict[Any, Any]:
    """The values that are batches, by their names: those of dicts that hold anything, of pairs and of PackedSequences;
    none where not one of them is surely a batch. None of an archive, which holds none, and whose values are read when
    they are needed."""
    if not isinstance(named, dict):
        return {}
    batches = {name: value for name, value in named.items() if is_batch(value)}
    return batches if any(map(says_x, batches.values())) else {}


def within(named: Mapping[Any, Any]) -> Mapping[str, Any] | None:
    """The only dict among the values that says itself what its x is, with labels and the like beside it; None where
    there is none, or several, or another batch beside it."""
    sure = [value for value in held(named).values() if says_x(value)]
    if len(sure) != 1 or not isinstance(sure[0], Mapping) or is_packed(sure[0]):
        return None
    return sure[0] if any(depth_of(value) > 0 for value in named.values()) else None


def names_x(named: Iterable[str], dimensions: Callable[[str], int]) -> bool:
    """Whether the names tell which value is x, as `x_name` does, without looking at more of them than need be.
    `dimensions`: of the value of a name."""
    if usual_x_name(named) is not None:
        return True
    wide = (name for name in likely_names(named) if dimensions(name) >= 2)
    return len(list(islice(wide, 2))) == 1


def is_one(named: Mapping[str, Any]) -> bool:
    """Whether a dict is one batch, whatever batches it holds: its names tell which value is x, or one dict among the
    values is what it is all about."""
    if names_x(named, lambda name: _beside(named[name])):
        return True
    return within(named) is not None and not paired(sizes_of(named))


def several_named(named: Mapping[str, Any]) -> list[str]:
    """The names of what surely are batches, where they are several, and the dict is not one of its own."""
    sure = [name for name, value in held(named).items() if says_x(value)]
    return sure if len(sure) > 1 and not is_one(named) else []


def _beside(value: object) -> int:
    """How many dimensions a value has that may be x beside others: x with its lengths is a batch by itself."""
    return 0 if is_pair_with_lengths(value) else depth_of(value)


def sizes_of(named: Mapping[str, Any]) -> dict[str, int]:
    """How many dimensions each value has."""
    return {name: depth_of(value) for name, value in named.items()}


def is_batch(value: object) -> bool:
    """Whether a value in a dict of batches is one of them, rather than a note such as the number of the epoch."""
    if is_packed(value):
        return True
    if isinstance(value, Mapping):
        return any(isinstance(part, list | tuple | Mapping) or is_array(part) for part in value.values())
    return is_pair_with_lengths(value)


def says_x(batch: object) -> bool:
    """Whether it is surely a batch: a dict of other things may look like one."""
    if is_packed(batch) or not isinstance(batch, Mapping):
        return True
    if not all(isinstance(name, str) and name for name in batch):
        return False
    sizes = sizes_of(batch)
    usual = usual_x_name(sizes)
    return bool(paired(sizes)) or (usual is not None and (sizes[usual] > 0 or isinstance(batch[usual], Mapping)))


def is_pair(x: object, lengths: object) -> bool:
    """Whether the two are x and its lengths, rather than two sequences."""
    if is_packed(x) or is_packed(lengths) or isinstance(lengths, Mapping):
        return False
    if not all(isinstance(part, list | tuple | Ragged) or is_array(part) for part in (x, lengths)):
        return False
    return depth(x) >= 2 and (depth(lengths) < 2 or _is_column(x, lengths))


def is_pair_with_lengths(item: object) -> bool:
    """Whether it is x and its lengths; without any lengths it may as well be two sequences, one of them empty."""
    if not isinstance(item, list | tuple) or len(item) != 2 or not is_pair(*item):
        return False
    if isinstance(item[1], Ragged):
        return True
    lengths = item[1].array if isinstance(item[1], Values) else item[1]
    return 0 not in getattr(lengths, "shape", ()) if is_array(lengths) else len(lengths) > 0


def _is_column(x: object, lengths: object) -> bool:
    """Whether lengths is a column or a row of one number a row of x, which can't be a sequence beside x."""
    sizes, shape = tuple(getattr(x, "shape", ())), tuple(getattr(lengths, "shape", ()))
    if len(sizes) < 2 or len(shape) != 2 or shape[1:] == sizes[1:]:
        return False
    return 1 in shape and max(shape) in sizes[:2]
