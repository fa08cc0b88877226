"""What several runs of `packviz check --format json` printed, such as its shards, to one summary."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packviz.cli.reading import look_at, reason
from packviz.core.checked import Checked
from packviz.core.choice import Choice
from packviz.core.errors import BatchError
from packviz.core.summary import Summary
from packviz.core.tally import Tally
from packviz.core.texts.quoting import elided


def merged(names: Sequence[str], choice: Choice, window: int) -> Summary:
    """The summary of all batches in these files, a line each. Lines of shards say where their batch stands, and are
    taken in that order; others as they come. Raises BatchError, naming the file and the line."""
    tally = Tally(window)
    for _, line, place in heapq.merge(*map(_lines, names), key=_order):
        try:
            tally.add(Checked.from_dict(line, choice))
        except BatchError as error:
            raise BatchError(f"{place}: {error}") from None
    return tally.summary()


def _order(found: tuple[Any, Any, str]) -> Any:
    return found[0]


def _lines(name: str) -> Iterator[tuple[tuple[int, ...], Any, str]]:
    """Each line of a file, read; where it stands, () where it does not say; and its name for messages."""
    look_at(name)
    try:
        with Path(name).open(encoding="utf-8") as lines:
            for number, text in enumerate(lines, 1):
                place = f"{elided(name)}, line {number}"
                if text.strip():
                    line = _read(text, place)
                    yield _place(line), line, place
    except OSError as error:
        raise BatchError(f"{elided(name)} can't be read: {reason(error)}.") from None
    except UnicodeDecodeError:
        raise BatchError(f"{elided(name)} is no UTF-8 text, but what --format json printed is expected.") from None


def _read(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BatchError(f"{place}: it is no JSON, but a line of packviz check --format json is expected.") from None


def _place(line: Any) -> tuple[int, ...]:
    at = line.get("at") if isinstance(line, dict) else None
    if not isinstance(at, list) or not all(isinstance(n, int) for n in at):
        return ()
    return tuple(at)
