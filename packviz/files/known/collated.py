"""What the collate function of a data loader gives around x: a dataclass or an object with x in it, names beside the
items of a tuple, texts and nothings among them, labels beside a pair or a PackedSequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.errors import Undecided
from packviz.core.texts.wording import count, listed
from packviz.files.arrays import is_array, values_of
from packviz.files.known.names import is_lengths_name, usual_x_name
from packviz.files.packed import is_packed
from packviz.files.paste.found import Found


def named_parts(obj: object) -> Mapping[str, Any] | None:
    """The parts of a dataclass, of a named tuple with x or lengths among its names, or of an object of one's own that
    holds arrays, by name; None of anything else. What is computed on access is not looked at."""
    if obj is None or is_array(obj) or is_packed(obj) or isinstance(obj, Mapping | list | type):
        return None
    if isinstance(obj, tuple):
        names: Any = getattr(obj, "_fields", None)
        told = isinstance(names, tuple) and all(isinstance(name, str) for name in names) and len(names) == len(obj)
        if not told or (usual_x_name(names) is None and not any(map(is_lengths_name, names))):
            return None
        return dict(zip(names, obj, strict=True))
    held = getattr(obj, "__dict__", {})
    if is_dataclass(obj):
        # One with slots has no __dict__.
        parts = {field.name: getattr(obj, field.name, None) for field in fields(obj)}
    else:
        parts = {name: part for name, part in held.items() if isinstance(name, str) and not name.startswith("_")}
    return parts if any(map(_is_given, parts.values())) else None


def without_texts(obj: object) -> tuple[Sequence[Any], str] | None:
    """The items of a tuple or a list but for texts, lists of texts, nothings and dicts of such, as the names of the
    rows are, and a sentence that says so; None where there are no such items, or no other ones."""
    if not isinstance(obj, list | tuple) or not any(map(_is_given, obj)):
        return None
    dropped = [i for i, item in enumerate(obj) if _is_text(item)]
    if not dropped:
        return None
    kept = [item for i, item in enumerate(obj) if i not in dropped]
    one = len(dropped) == 1
    said = f"{'item' if one else 'items'} {listed(list(map(str, dropped)))} {'holds' if one else 'hold'} no numbers"
    return (kept[0] if len(kept) == 1 else tuple(kept)), f"{said}, and {'is' if one else 'are'} passed over"


def beside_labels(obj: object) -> Found | None:
    """x and its lengths, where a tuple of arrays has them as a pair of its own first, (x, lengths), y, or as the one
    PackedSequence in it; None of anything else. Raises Undecided where there are several of these."""
    if not isinstance(obj, tuple | list) or len(obj) < 2 or is_packed(obj):
        return None
    packed = [i for i, item in enumerate(obj) if is_packed(item)]
    if len(packed) == 1 and all(is_array(item) for i, item in enumerate(obj) if i != packed[0]):
        return Found(obj[packed[0]], said=(f"x is item {packed[0]} of {len(obj)}, a PackedSequence",))
    if packed and len(packed) == len(obj):
        text = f"it is {count(len(obj), 'PackedSequence')}, and each of them may be x: give one of them."
        raise Undecided(text, list(map(str, packed)), lambda chosen: Found(obj[int(chosen)]))
    first, *others = obj
    if packed or not is_x_and_lengths(first) or not all(map(is_array, others)):
        return None
    x, lengths = first
    said = f"x and its lengths are the first of {count(len(obj), 'item')}"
    labels = [other for other in others if _are_labels(other, x)]
    if len(labels) != 1:
        return Found(x, lengths, said=(said,))
    return Found(x, lengths, said=(f"{said}, its labels beside them",), beside={"labels": labels[0]})


def _is_given(item: object) -> bool:
    """Whether a batch may be, or be in, this item."""
    if isinstance(item, Mapping):
        return any(map(_is_given, item.values()))
    return is_array(item) or is_packed(item) or is_x_and_lengths(item)


def _is_text(item: object) -> bool:
    if item is None or isinstance(item, str | bytes):
        return True
    if isinstance(item, Mapping):
        return not any(map(_is_given, item.values()))
    return isinstance(item, list | tuple) and bool(item) and all(isinstance(one, str | bytes) for one in item)


def is_x_and_lengths(item: object) -> bool:
    """Whether it is an array of two dimensions or more, and as many whole numbers as one of the first two has."""
    if not isinstance(item, list | tuple) or len(item) != 2 or not all(map(is_array, item)):
        return False
    try:
        x, lengths = (values_of(part, "x").array for part in item)
    except BatchError:
        return False
    return x.ndim > 1 and lengths.ndim == 1 and lengths.dtype.kind in "iu" and len(lengths) in x.shape[:2]


def _are_labels(item: object, x: object) -> bool:
    """Whether it has a whole number for each cell of x."""
    try:
        labels, cells = values_of(item, "labels").array, values_of(x, "x").array
    except BatchError:
        return False
    return labels.ndim > 1 and labels.dtype.kind in "iu" and labels.shape in (cells.shape[:2], cells.shape[1::-1])
