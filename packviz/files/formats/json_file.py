"""JSON: a nested list, a list of sequences, or an object with x or sequences, lengths and the options of the call; or
several of these objects, in an array, by name, or one a line."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import Values, from_text
from packviz.files.formats.elements import Elements, deepest, no_json, too_deep, unreadable
from packviz.files.known.mapping import from_mapping
from packviz.files.objects import interpret
from packviz.files.paste.found import Found
from packviz.files.paste.literals import NumberList, extract, nonce
from packviz.files.ragged import Ragged
from packviz.files.several import Several, batches_in, batches_listed, batches_named
from packviz.files.stream import Stream

SMALL = 1 << 20
MOST_NESTED = 64
MANY = 1000
"""Elements of a long array or object that are read one by one, as there are as many."""
MOST_NAMES = 100_000
"""Names of one object among which x is looked for."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"')


def sniff(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b'{"', b"{\n", b"{\r", b"{ "))


def read(stream: Stream) -> Found | Several:
    return parse_json(stream.read_text(), stream.watch)


def parse_json(text: str, watch: Watch = UNWATCHED) -> Found | Several:
    """x, lengths and options of a JSON text; NaN and Infinity count as numbers.

    Several batches are an array of objects or of pairs, an object of objects by name, or a batch a line.
    Raises BatchError naming line and column.
    """
    try:
        long = _elements(text, watch) if len(text) > SMALL else None
        if long is not None:
            return long
        value = _parse(text, watch)
    except BatchError:
        lines = _lines(text, watch)
        if lines is None:
            raise
        return lines
    return batches_in(value) or _found(value)


def _elements(text: str, watch: Watch) -> Several | None:
    """The batches of a long array or object, none of which is kept; None of what is anything else."""
    elements = Elements.of(text)
    if elements is None or len(elements) < MANY:
        return None
    first = elements.read(0)
    if elements.brackets[0] == b"[":
        return None if batches_in([first, first]) is None else batches_listed(elements.some(watch), elements.read)
    if all(isinstance(value, dict) for value in first.values()):
        return batches_named(elements.some(watch), elements.read)
    if len(elements) > MOST_NAMES:
        raise BatchError(
            f"it holds {len(elements):,} names, more than the {MOST_NAMES:,} among which x is looked for: put the "
            "batch, x and lengths, into an object of its own."
        )
    return None


def _found(value: Any) -> Found:
    if isinstance(value, dict):
        return from_mapping(value)
    if isinstance(value, list | Values | Ragged):
        return interpret(value)
    shown = json.dumps(value)[:40]
    raise BatchError(f"it holds {shown}, but a list of rows, or an object with x and lengths, is expected.")


def _lines(text: str, watch: Watch) -> Several | None:
    """The batches of a text with one in each line; None of any other text.

    Each line is an object or an array, the last one perhaps cut short, and two of them at least can be read.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line and not line.isspace()]
    if len(lines) < 2 or not all(_is_line(line, last=number == lines[-1][0]) for number, line in lines):
        return None
    if sum(1 for _ in islice((line for line in lines if _reads(*line, watch)), 2)) < 2:
        return None

    def find(index: int) -> Found:
        number, line = lines[index]
        value = _parse(line, watch, number)
        if isinstance(value, dict) or batches_in([value]) is not None:
            return _found(value)
        raise BatchError(f"line {number}: it holds {line[:40]}, but an object with x and lengths is expected.")

    return Several(tuple(map(str, range(len(lines)))), find)


def _is_line(line: str, *, last: bool) -> bool:
    line = line.strip()
    return line[0] in "{[" and (last or line[-1] == ("}" if line[0] == "{" else "]"))


def _reads(number: int, line: str, watch: Watch) -> bool:
    watch.check()
    try:
        return batches_in([_parse(line, watch, number)]) is not None
    except BatchError:
        return False


def _parse(text: str, watch: Watch, line: int = 1) -> Any:
    """The value of a JSON text that begins in this line of its file."""
    if len(text) > SMALL:
        fast = _parse_large(text, watch)
        if fast is not None:
            return fast
    _refuse_depth(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise no_json(error, error.lineno + line - 1, error.colno) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise unreadable(error) from None


def _refuse_depth(text: str) -> None:
    """Raises BatchError where lists and objects are nested so deep that nobody should walk through them."""
    brackets = text.count("[") + text.count("{")
    if brackets > MOST_NESTED and deepest(text) > MOST_NESTED and deepest(_STRING.sub("", text)) > MOST_NESTED:
        raise too_deep()


def _parse_large(text: str, watch: Watch) -> Any:
    """The same with its lists of numbers as arrays, piece by piece; None where it must be read as a whole."""
    mark = nonce(text)
    try:
        rest, lists = extract(text, f'{{"{mark}": {{}}}}', SMALL)
        return json.loads(rest, object_hook=lambda named: _listed(named, mark, lists, watch))
    except (ValueError, RecursionError, MemoryError):
        return None


def _listed(named: dict[str, Any], mark: str, lists: list[NumberList], watch: Watch) -> Any:
    if named.keys() != {mark}:
        return named
    read = lists[named[mark]].read(watch)
    return read if isinstance(read, Ragged) else from_text(read)
