"""JSON: a nested list, a list of sequences, or an object with x or sequences, lengths and the options of the call; or
several of these objects, in an array, by name, or one a line."""

from __future__ import annotations

import json
import secrets
from itertools import islice
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import Values, from_text
from packviz.files.objects import interpret
from packviz.files.paste.found import Found, from_mapping
from packviz.files.paste.literals import NumberList, extract
from packviz.files.several import Several, batches_in
from packviz.files.stream import Stream

SMALL = 1 << 20


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
        value = _parse(text, watch)
    except BatchError:
        lines = _lines(text, watch)
        if lines is None:
            raise
        return lines
    return batches_in(value) or _found(value)


def _found(value: Any) -> Found:
    if isinstance(value, dict):
        return from_mapping(value)
    if isinstance(value, list | Values):
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
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno + line - 1}, column {error.colno}"
        raise BatchError(f"{at}: {error.msg}; it is no JSON.") from None
    except RecursionError:
        raise BatchError("its lists are nested far deeper than the (B, T, *) of a batch.") from None
    except (ValueError, MemoryError) as error:
        raise BatchError(f"it can't be read as JSON ({str(error)[:120].rstrip('.')}).") from None


def _parse_large(text: str, watch: Watch) -> Any:
    """The same with its lists of numbers as arrays, piece by piece; None where it must be read as a whole."""
    try:
        mark = f"number list {secrets.token_hex(8)}"  # which no text can hold that was written before
        rest, lists = extract(text, f'{{"{mark}": {{}}}}')
        if len(rest) > SMALL:
            return None
        return json.loads(rest, object_hook=lambda named: _listed(named, mark, lists, watch))
    except (ValueError, RecursionError, MemoryError):
        return None


def _listed(named: dict[str, Any], mark: str, lists: list[NumberList], watch: Watch) -> Any:
    return from_text(lists[named[mark]].read(watch)) if named.keys() == {mark} else named
