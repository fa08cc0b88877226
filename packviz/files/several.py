"""Several batches in one file: which objects are that, and what each of them is called.

What can be read as one batch is one batch. Several are only what could not be read before it was looked at like this:
see the docstring of `packviz.files` for the forms. Nothing of a batch is read before it is asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.places import entry_word
from packviz.core.source import Source
from packviz.core.texts.quoting import elided, worded
from packviz.files.known.examples import uncollated
from packviz.files.known.held import held, is_batch, is_one, is_pair, is_pair_with_lengths, names_x, says_x
from packviz.files.known.lost import lost_packed
from packviz.files.known.mapping import from_mapping
from packviz.files.known.names import LENGTHS_NAMES, X_NAMES, usual_x_name
from packviz.files.masks import MASK_NAMES
from packviz.files.objects import interpret
from packviz.files.packed import FIELDS, is_packed
from packviz.files.paste.found import Found, depth_of
from packviz.files.ragged import LISTS, PLAIN

MOST_BATCHES = 10_000
"""Batches of one file that are read in one go; of a file with more, one can still be named."""

LONGEST_NAME = 40
MOST_SHOWN = 4
_KNOWN = frozenset((*X_NAMES, *LENGTHS_NAMES, *MASK_NAMES, *OPTIONS, *FIELDS))
_NUMBERED = re.compile(r"(?P<what>.*[^\d_.])[_.]?(?P<batch>\d+)")
_JOINT = re.compile(r"[_./]")
_FORMS = "a dict with x, a pair (x, lengths) or a PackedSequence"


@dataclass(frozen=True, eq=False)
class Several:
    """Several batches: their names in order, all different, and `find`, which gives what was found of one by its index.

    `find` raises BatchError where that one is no batch. `whole`: reads all of it as one batch, where that is what
    it means to whoever asks for one: of a text with several prints, the last; else None. `numbers`: those that they
    have of their own, as the calls of a recording; () where their numbers are their places. `own`: packviz wrote them,
    however many they are.
    """

    names: tuple[str, ...]
    find: Callable[[int], Found]
    whole: Callable[[], Found] | None = None
    numbers: tuple[int, ...] = ()
    own: bool = False

    def index(self, entry: int | str) -> int:
        """The index of the batch of that name, or, where none is named so, of that number, -1 being the last."""
        text = worded(entry)
        if text in self.names:
            return self.names.index(text)
        count = len(self.names)
        number = int(text) if re.fullmatch(r"-?\d{1,18}", text) else None
        if number in self.numbers:
            return self.numbers.index(number)
        if number is not None and not self.numbers and -count <= number < count:
            return number % count
        close = [] if text.lstrip("-").isdecimal() else difflib.get_close_matches(text, self.names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it holds {_listed(self.names)}."
        raise BatchError(f"there is no batch {text[:LONGEST_NAME]} in it: {hint}")


class SeveralBatches(BatchError):
    """One batch was asked for, but the file at `place` holds several; `names` are theirs.

    `typed`: what is typed before a name, to say which one.
    """

    def __init__(self, place: str, names: Sequence[str], typed: str = "entry=") -> None:
        self.place, self.names = place, tuple(names)
        first, last = (_typed(name, typed) for name in (self.names[0], self.names[-1]))
        if _numbered(names) or len(names) == 2:
            way = f"{first} {'to' if len(names) > 2 else 'or'} {last}"
        else:
            way = f"{first}, or another of its names: {_listed(names)}"
        super().__init__(f"{elided(place)}: it holds {len(names):,} batches: say which one, with {way}.")


def chosen(found: Found | Several, entry: int | str | None, place: str) -> tuple[Callable[[], Found], Source]:
    """What reads the one batch that is meant in the file at `place`, and the source of that batch.

    `entry`: its name or its number. Raises BatchError where there is no such entry, SeveralBatches where there are
    several and none was named.
    """
    if isinstance(found, Found):
        if entry is None:
            return lambda: found, Source(place)
        raise BatchError(f"it holds one batch, so that there is no batch {worded(entry, LONGEST_NAME)} in it.")
    if entry is None and found.whole is not None:
        return found.whole, Source(place)
    if entry is None and len(found.names) > 1:
        raise SeveralBatches(place, found.names)
    index = 0 if entry is None else found.index(entry)
    return lambda: found.find(index), Source(place, entry=found.names[index])


def names_of(keys: Iterable[object]) -> tuple[str, ...]:
    """A short name for each key: the key itself, or its number, where a key is long or odd; all are different."""
    listed = list(keys)
    names = [_name(key, index) for index, key in enumerate(listed)]
    return tuple(names if len(set(names)) == len(names) else map(str, range(len(names))))


def batches_in(obj: object) -> Several | None:
    """The batches of a list, a tuple or a dict that holds several; None of everything that may be one batch."""
    return _batches_in(obj, nested=False)


def batches_listed(some: Iterable[Sequence[object]], read: Callable[[int], object]) -> Several | None:
    """The batches of a long list, whose items come some at a time and are read anew, by their number, once one of them
    is asked for; or None."""
    known = count = 0
    for items in some:
        known, count = known + sum(map(_is_form, items)), count + len(items)
    if not known or (known < count and known < 2):
        return None
    return Several(tuple(map(str, range(count))), lambda index: _found(read(index)))


def batches_named(some: Iterable[Mapping[str, object]], read: Callable[[int], Mapping[str, object]]) -> Several | None:
    """The same of a long dict of dicts, which is read anew as a dict of one."""
    places: dict[str, int] = {}
    says, count = False, 0
    for named in some:
        if not all(isinstance(value, Mapping) for value in named.values()):
            return None
        for name, value in named.items():
            places.pop(name, None)
            if is_batch(value):
                places[name] = count
                says = says or says_x(value)
            count += 1
    if not says or usual_x_name(places) is not None or any(name.endswith("weight_ih_l0") for name in places):
        return None
    listed = list(places.items())
    return Several(names_of(places), lambda index: _found(read(listed[index][1])[listed[index][0]]))


def batches_among(named: Mapping[str, Any], dimensions: Callable[[str], int]) -> Several | None:
    """The batches whose parts are named values, as x_0, lengths_0, x_1 or train.x, train.lengths, val.x; or None.

    `dimensions`: of the value of a name; no value is read before its batch is asked for.
    """
    if names_x(named, dimensions):
        return None
    groups: dict[str, dict[str, str]] = {}
    for name in named:
        placed = _placed(name)
        if placed is not None:
            groups.setdefault(placed[0], {})[placed[1]] = name
    groups = {name: parts for name, parts in groups.items() if usual_x_name(parts) is not None}
    if not any(len(groups) > 1 or len(parts) > 1 for parts in groups.values()):
        return None
    options = _options(named)
    grouped = [_Parts(named, parts) for parts in groups.values()]

    def find(index: int) -> Found:
        parts = grouped[index]
        sizes = {part: dimensions(name) for part, name in parts.names.items()}
        return _under(options, from_mapping(parts, dimensions=sizes))

    return Several(names_of(groups), find)


class _Parts(Mapping[str, Any]):
    """Some of the named values under other names."""

    def __init__(self, named: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._named, self.names = named, names

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __getitem__(self, part: str) -> Any:
        return self._named[self.names[part]]


def _batches_in(obj: object, *, nested: bool) -> Several | None:
    if is_packed(obj) or lost_packed(obj) is not None or uncollated(obj) is not None:
        return None
    if isinstance(obj, Mapping):
        return _in_mapping(obj, nested=nested)
    if isinstance(obj, list | tuple) and not (len(obj) == 2 and is_pair(*obj)):
        return _in_list(obj)
    return None


def _in_list(items: Sequence[object]) -> Several | None:
    """A list whose items have the form of batches, all of them or at least two."""
    kinds = set(map(type, items))
    if kinds <= PLAIN and (kinds.isdisjoint(LISTS) or not any(len(item) == 2 for item in items if type(item) in LISTS)):  # type: ignore[arg-type]
        return None
    known = sum(map(_is_form, items))
    if not known or (known < len(items) and known < 2):
        return None
    return Several(tuple(map(str, range(len(items)))), lambda index: _found(items[index]))


def _in_mapping(named: Mapping[Any, Any], *, nested: bool) -> Several | None:
    """A dict whose values are batches, or one of whose values is a list or a dict of batches; options are for all."""
    texts = all(isinstance(name, str) and name for name in named)
    if texts:
        if any(name.endswith("weight_ih_l0") for name in named):
            return None
        if is_one(named):
            return None
    batches = {name: value for name, value in held(named).items() if name not in OPTIONS}
    options = _options(named)
    if batches:
        values = list(batches.values())
        return Several(names_of(batches), lambda index: _under(options, _found(values[index])))
    if not nested:
        inner = [several for value in named.values() if (several := _batches_in(value, nested=True)) is not None]
        if len(inner) == 1:
            return replace(inner[0], find=lambda index: _under(options, inner[0].find(index)))
    return batches_among(named, lambda name: depth_of(named[name])) if texts else None


def _found(item: object) -> Found:
    if _is_form(item):
        return interpret(item)
    kind = "nothing" if item is None else f"a {type(item).__name__}"
    raise BatchError(f"it is {kind}, but {_FORMS} is expected.")


def _under(options: Mapping[str, object], found: Found) -> Found:
    """What was found, with the options that hold for all batches of the file where it says none of its own."""
    return replace(found, options={**options, **found.options}) if options else found


def _options(named: Mapping[Any, Any]) -> dict[str, object]:
    return {name: named[name] for name in OPTIONS if name in named}


def _is_form(item: object) -> bool:
    return is_packed(item) or isinstance(item, Mapping) or is_pair_with_lengths(item)


def _placed(name: str) -> tuple[str, str] | None:
    """Which batch a name belongs to, and as what: ("0", "lengths") of lengths_0, ("train", "x") of train.x."""
    if name.lower().lstrip("_") in _KNOWN:
        return None
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None and numbered["what"].lower().lstrip("_") in _KNOWN:
        return numbered["batch"], numbered["what"]
    for joint in _JOINT.finditer(name):
        batch, what = name[: joint.start()], name[joint.end() :]
        if batch and what.lower() in _KNOWN:
            return batch, what
    return None


def _name(key: object, index: int) -> str:
    name = str(key) if isinstance(key, str | int) else ""
    odd = not name.strip() or name != name.strip() or not name.isprintable() or "[" in name or "]" in name
    return str(index) if odd or len(name) > LONGEST_NAME else name


def _numbered(names: Sequence[str]) -> bool:
    return all(name == str(index) for index, name in enumerate(names))


def _typed(name: str, typed: str) -> str:
    bare = typed.startswith("-") and re.fullmatch(r"[\w.-]+", name) is not None
    return typed + (name if bare else entry_word(name))


def _listed(names: Sequence[str]) -> str:
    if _numbered(names):
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names[:MOST_SHOWN]) + (f", … {names[-1]}" if len(names) > MOST_SHOWN else "")
