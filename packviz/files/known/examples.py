"""Examples that were not collated yet: a list of dicts, or of pairs with a label, one sequence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.texts.wording import count
from packviz.files.arrays import is_array, values_of
from packviz.files.known.names import is_lengths_name, likely_names, usual_x_name
from packviz.files.masks import is_mask_name
from packviz.files.packed import is_packed
from packviz.files.paste.found import Found, SequenceList, depth_of


def uncollated(obj: object) -> Found | None:
    """The sequences of a list of examples; None of anything else.

    Each is a dict in which x has one dimension, under one name in all of them, or a pair of a sequence and one number,
    its label.
    """
    if not isinstance(obj, list | tuple) or not obj or is_packed(obj):
        return None
    if all(isinstance(item, Mapping) for item in obj):
        return _of_dicts(obj)
    if len(obj) > 1 and all(_is_labelled(item) for item in obj):
        lengths = all(_number(item[1]) == len(item[0]) for item in obj)
        said = f"{count(len(obj), 'example')}, each a sequence with {'its length' if lengths else 'a label'}"
        return Found(SequenceList(tuple(item[0] for item in obj)), said=(said,))
    return None


def _of_dicts(items: Sequence[Mapping[Any, Any]]) -> Found | None:
    name = _name(items[0])
    if name is None or not all(name in item and _depth(item[name]) == _depth(items[0][name]) for item in items):
        return None
    if _depth(items[0][name]) == 2 and not _are_measured([item[name] for item in items]):
        return None
    said = f"{count(len(items), 'example')} that were not collated, a dict each: {name} of each is a row"
    return Found(SequenceList(tuple(item[name] for item in items)), name=name, said=(said,))


def _name(item: Mapping[Any, Any]) -> str | None:
    """The name of the sequence in an example."""
    if not all(isinstance(name, str) and name for name in item):
        return None
    usual = usual_x_name(item)
    if usual is not None:
        bare = not any(is_lengths_name(name) or is_mask_name(name) for name in item)
        return usual if _depth(item[usual]) == 1 or (bare and _depth(item[usual]) == 2) else None
    if any(_depth(value) > 1 for value in item.values()):
        return None
    vectors = [name for name in likely_names(item) if _depth(item[name]) == 1]
    return vectors[0] if len(vectors) == 1 else None


def _are_measured(rows: Sequence[Any]) -> bool:
    """Whether they are arrays of measurements, (L, F), of as many features and several lengths: no padded batches."""
    if not all(map(is_array, rows)):
        return False
    arrays = [values_of(row).array for row in rows]
    alike = {(array.dtype.kind, array.shape[1]) for array in arrays}
    return len(alike) == 1 and next(iter(alike))[0] == "f" and len({len(array) for array in arrays}) > 1


def _number(label: Any) -> float:
    return float(values_of(label).array) if is_array(label) else float(label)


def _is_labelled(item: object) -> bool:
    if not isinstance(item, list | tuple) or len(item) != 2 or is_packed(item):
        return False
    label = item[1]
    number = isinstance(label, int | float) or (is_array(label) and _depth(label) == 0)
    return number and (is_array(item[0]) or isinstance(item[0], list | tuple)) and _depth(item[0]) in (1, 2)


def _depth(value: object) -> int:
    try:
        return depth_of(value)
    except BatchError:
        return -1
