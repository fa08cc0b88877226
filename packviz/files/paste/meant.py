"""What was read of a pasted text, as the batch, or the batches, that it means: those of the calls that pack, else those
with usual names, else by their shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from packviz.core.batch import OPTIONS, BatchError
from packviz.files.arrays import Values, is_array
from packviz.files.known.mapping import from_mapping
from packviz.files.known.names import X_NAMES, is_lengths_name
from packviz.files.masks import MaskFound, is_mask_name, mask_among
from packviz.files.objects import interpret
from packviz.files.packed import is_packed
from packviz.files.paste.batches import Batches, Called
from packviz.files.paste.found import Found, LengthsAlone, as_sequences
from packviz.files.ragged import Ragged, depth
from packviz.files.several import Several, batches_in


@dataclass(frozen=True)
class Unread:
    """A piece of code that is no data, and its line."""

    line: int
    code: str

    def refuse(self, name: str) -> BatchError:
        return BatchError(
            f"line {self.line}: {name} is {self.code!r}, which packviz does not run: paste its printed value instead."
        )


@dataclass(frozen=True, eq=False)
class Meant:
    """What was read: values with a name, options among them; values without, each with its line; what is no data, by
    its name; the options of the calls; the last call that packs; the first piece that can't be read; and all batches
    that there were on the way."""

    names: dict[str, Any]
    loose: list[tuple[int, Any]]
    unread: dict[str, Unread]
    options: dict[str, object]
    call: dict[str, Any] | None
    garbage: Unread | None
    batches: Batches

    def read(self) -> Found | Several:
        """What the text holds: one batch, or several, one after the other."""
        return self._several() or self.found()

    def _several(self) -> Several | None:
        """The batches of a text that holds several; read as one, it is the last of them that counts, mostly."""
        data = self.names
        if self._packs():
            calls = self.batches.calls
            return _numbered(len(calls), lambda i: self._of_call(calls[i]), self.found)
        if _names_x(data):
            printed = self.batches.printed()
            told = {name: value for name, value in data.items() if name in OPTIONS}
            several = _numbered(len(printed), lambda i: self._of_names(told | printed[i].names), self.found)
            return several or batches_in(data)
        values = [value for _, value in self.loose]
        if len(values) < 2:
            return batches_in(values[0]) if values else None
        paired = [(_dimensions(x) >= 2, _dimensions(n) == 1) for x, n in zip(values[::2], values[1::2], strict=False)]
        if len(values) % 2 == 0 and all(map(all, paired)):
            return _numbered(len(paired), lambda i: interpret(tuple(values[2 * i : 2 * i + 2])), None)
        return batches_in(values)

    def _of_call(self, called: Called) -> Found:
        return _found_of(called.call, called.options, mask_among(called.names))

    def _of_names(self, named: dict[str, Any]) -> Found:
        found = from_mapping(named)
        return replace(found, options={**found.options, **self.options})

    def _packs(self) -> bool:
        return self.call is not None and self.call.get("x") is not None

    def found(self) -> Found:
        """x, lengths and options: those of the packing call, else those with usual names, else by their shapes."""
        data = self.names
        lengths = next((n for n in self.unread if is_lengths_name(n) and n.endswith("s") and n not in data), None)
        mask = mask_among(data)
        if self.call is not None and self._packs():
            return _found_of(self.call, self.options, mask)
        values = [value for _, value in self.loose]
        if _names_x(data):
            named = from_mapping(data)
            counts = named.lengths
            if counts is None and len(values) == 1 and _dimensions(values[0]) == 1:
                counts = values[0]
            if counts is None and lengths is not None and named.mask is None:
                raise self.unread[lengths].refuse(lengths)
            return replace(named, lengths=counts, options={**named.options, **self.options})
        options = {name: data[name] for name in OPTIONS if name in data} | self.options
        counts = next((value for name, value in data.items() if is_lengths_name(name)), None)
        inner = self._unnamed(values)
        if lengths is not None and inner.lengths is None and counts is None and mask is None:
            raise self.unread[lengths].refuse(lengths)
        counts = inner.lengths if counts is None else counts
        return replace(inner, lengths=counts, options={**inner.options, **options}, mask=mask or inner.mask)

    def _unnamed(self, values: list[Any]) -> Found:
        if not values:
            wanted = next((name for name in X_NAMES if name in self.unread), None)
            if wanted is not None:
                raise self.unread[wanted].refuse(wanted)
            if self.garbage is not None:
                raise BatchError(
                    f"line {self.garbage.line}: {self.garbage.code!r} can't be read: "
                    "paste a nested list, a printed tensor or cells of a table."
                )
            counts = next((value for name, value in self.names.items() if is_lengths_name(name)), None)
            if counts is not None:
                raise LengthsAlone(counts)
            raise BatchError("The text holds no batch: paste a nested list, a printed tensor or cells of a table.")
        if len(values) == 1:
            return interpret(values[0])
        if len(values) == 2 and _dimensions(values[0]) >= 2 and _dimensions(values[1]) == 1:
            return interpret(tuple(values))
        if all(_dimensions(value) == 1 for value in values):
            return Found(as_sequences(values))
        raise BatchError(
            f"The text holds {len(values)} values, the last in line {self.loose[-1][0]}, but x and then its "
            "lengths are expected: name them, x = ... and lengths = ..."
        )


def _found_of(call: Mapping[str, Any], options: Mapping[str, object], mask: MaskFound | None) -> Found:
    """What a call that packs is given. Raises BatchError where x or the lengths would have to be run."""
    x, counts = call["x"], call.get("lengths")
    if isinstance(x, Unread):
        raise x.refuse("the batch of the call")
    if isinstance(counts, Unread) and mask is not None and re.search(rf"\b{mask.name}\b", counts.code.lower()):
        counts = None  # `mask.sum(1)`: not run, but known
    if isinstance(counts, Unread):
        raise counts.refuse("lengths")
    inner = Found(x) if call["sequences"] else interpret(x)
    return replace(inner, lengths=counts, options={**inner.options, **options}, mask=mask)


def _numbered(count: int, find: Callable[[int], Found], whole: Callable[[], Found] | None) -> Several | None:
    return Several(tuple(map(str, range(count))), find, whole) if count > 1 else None


def _names_x(data: Mapping[str, Any]) -> bool:
    """Whether one of the names may be that of x."""
    return any(name not in OPTIONS and not is_lengths_name(name) and not is_mask_name(name) for name in data)


def is_data(value: object) -> bool:
    """Whether a value may be x, lengths, or a batch."""
    if isinstance(value, Values | list | tuple | dict | Ragged):
        return not isinstance(value, Values) or value.array.ndim > 0
    return is_packed(value) or (is_array(value) and depth(value) > 0)


def _dimensions(value: object) -> int:
    if isinstance(value, Values):
        return value.array.ndim
    return 0 if isinstance(value, dict) or is_packed(value) else depth(value)
