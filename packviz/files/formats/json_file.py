"""JSON: a nested list, a list of sequences, or an object with x or sequences, lengths and the options of the call."""

from __future__ import annotations

import json
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import Values, from_text
from packviz.files.objects import interpret
from packviz.files.paste.found import Found, from_mapping
from packviz.files.paste.literals import NumberList, extract
from packviz.files.stream import Stream

SMALL = 1 << 20
_MARK = "\ufffd number list"


def sniff(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b'{"', b"{\n", b"{\r", b"{ "))


def read(stream: Stream) -> Found:
    return parse_json(stream.read_text(), stream.watch)


def parse_json(text: str, watch: Watch = UNWATCHED) -> Found:
    """x, lengths and options of a JSON text; NaN and Infinity count as numbers.

    Raises BatchError naming line and column.
    """
    value = _parse(text, watch)
    if isinstance(value, dict):
        return from_mapping(value)
    if isinstance(value, list | Values):
        return interpret(value)
    shown = json.dumps(value)[:40]
    raise BatchError(f"it holds {shown}, but a list of rows, or an object with x and lengths, is expected.")


def _parse(text: str, watch: Watch) -> Any:
    if len(text) > SMALL:
        fast = _parse_large(text, watch)
        if fast is not None:
            return fast
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BatchError(f"line {error.lineno}, column {error.colno}: {error.msg}; it is no JSON.") from None
    except RecursionError:
        raise BatchError("its lists are nested far deeper than the (B, T, *) of a batch.") from None
    except (ValueError, MemoryError) as error:
        raise BatchError(f"it can't be read as JSON ({str(error)[:120].rstrip('.')}).") from None


def _parse_large(text: str, watch: Watch) -> Any:
    """The same with its lists of numbers as arrays, piece by piece; None where it must be read as a whole."""
    try:
        rest, lists = extract(text, '{"' + _MARK + '": {}}')
        if len(rest) > SMALL:
            return None
        return json.loads(rest, object_hook=lambda named: _listed(named, lists, watch))
    except (ValueError, RecursionError, MemoryError):
        return None


def _listed(named: dict[str, Any], lists: list[NumberList], watch: Watch) -> Any:
    return from_text(lists[named[_MARK]].read(watch)) if named.keys() == {_MARK} else named
