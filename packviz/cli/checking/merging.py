"""What several runs of `packviz check --format json` printed, such as its shards, to one summary."""

from __future__ import annotations

import heapq
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from packviz.cli.checking.looking import Part
from packviz.cli.reading import STDIN, ask_for_input, look_at, reason
from packviz.core.checked import Checked
from packviz.core.choice import Choice
from packviz.core.errors import BatchError
from packviz.core.summary import Summary
from packviz.core.tally import Tally
from packviz.core.texts.quoting import elided
from packviz.core.texts.wording import count

MOST_NAMED = 4
"""Missing files whose numbers are said."""

PRINTED = ("lines", "what packviz check --format json printed", "the output of several shards")


class Line(NamedTuple):
    """A line of such a file: the numbers of its file and of its batch in that, () where it does not say; its JSON; the
    part of the files that was checked, None where it was all; and its place for messages."""

    at: tuple[int, ...]
    told: Any
    part: Part | None
    place: str


def merged(names: Sequence[str], choice: Choice, window: int) -> tuple[Summary, str]:
    """The summary of all batches in these files, a line each, and a sentence that says what of the shards is missing,
    "" where nothing is.

    Lines of shards say where their batch stands, and are taken in that order; others as they come. Raises BatchError,
    naming the file and the line, where one can't be read, comes twice, or is of other files than the others.
    """
    tally, parts = Tally(window), _Parts()
    for line in heapq.merge(*map(_lines, names), key=lambda line: line.at):
        parts.add(line)
        try:
            tally.add(Checked.from_dict(line.told, choice))
        except BatchError as error:
            raise BatchError(f"{line.place}: {error}") from None
    return tally.summary(), parts.missing()


@dataclass
class _Parts:
    """The shards that were seen: whether they are of the same files, and whether all these are there, once each."""

    first: Line | None = None
    before: Line | None = None
    numbers: set[tuple[int, int]] = field(default_factory=set)
    gaps: list[int] = field(default_factory=list)
    lacking: int = 0
    ahead: int = 0

    def add(self, line: Line) -> None:
        """One more line, in order. Raises BatchError."""
        if line.part is None or not line.at:
            return
        before, self.before = self.before, line
        if self.first is None or self.first.part is None:
            self.first = line
        elif (line.part.files, line.part.named) != (self.first.part.files, self.first.part.named):
            raise BatchError(
                f"{line.place}: it is of {count(line.part.files, 'file')}, and {self.first.place} of "
                f"{count(self.first.part.files, 'file')}, which are not the same: merge the shards of one run."
            )
        if before is not None and before.at == line.at:
            raise BatchError(f"{line.place}: {before.place} has the same batch: name each shard once.")
        self.numbers.add((line.part.number, line.part.of))
        self._until(line.at[0])
        self.ahead = max(self.ahead, line.at[0] + 1)

    def _until(self, number: int) -> None:
        """All files before this one are there, or missing."""
        self.lacking += max(0, number - self.ahead)
        self.gaps.extend(range(self.ahead, min(number, self.ahead + MOST_NAMED - len(self.gaps))))

    def missing(self) -> str:
        """Which files no line is about, a sentence; "" where there are none."""
        if self.first is None or self.first.part is None:
            return ""
        self._until(self.first.part.files)
        if not self.lacking:
            return ""
        named = ", ".join(str(number + 1) for number in self.gaps) + ", …" * (self.lacking > len(self.gaps))
        verb = "is" if self.lacking == 1 else "are"
        said = f"{self.lacking:,} of the {count(self.first.part.files, 'file')} {verb} in none of these ({named})"
        ways = {of for _, of in self.numbers}
        if len(ways) == 1:
            (of,) = ways
            gone = [f"{i}/{of}" for i in range(1, of + 1) if (i, of) not in self.numbers]
            if gone and of <= self.first.part.files:
                more = ", …" * (len(gone) > MOST_NAMED)
                return f"{said}: shard {', '.join(gone[:MOST_NAMED])}{more} is missing."
        return f"{said}: a shard is missing, or was ended before it was done."


def _lines(name: str) -> Iterator[Line]:
    """Each line of a file, read."""
    before: tuple[int, ...] = ()
    shown = STDIN if name == "-" else elided(name)
    try:
        with _opened(name) as lines:
            for number, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                place = f"{shown}, line {number}"
                line = _read(text, place)
                if line.at < before:
                    raise BatchError(
                        f"{place}: its batch comes before that of the line above it: give each shard a file of its own."
                    )
                before = line.at
                yield line
    except OSError as error:
        raise BatchError(f"{shown} can't be read: {reason(error)}.") from None
    except UnicodeDecodeError:
        raise BatchError(f"{shown} is no UTF-8 text, but what --format json printed is expected.") from None


@contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    if name == "-":
        ask_for_input(PRINTED)
        yield sys.stdin
        return
    look_at(name)
    with Path(name).open(encoding="utf-8") as lines:
        yield lines


def _read(text: str, place: str) -> Line:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise BatchError(f"{place}: it is no JSON, but a line of packviz check --format json is expected.") from None
    if not isinstance(told, dict) or "shard" not in told:
        return Line((), told, None, place)
    try:
        at, part = tuple(told["at"]), Part(**told["shard"])
    except (KeyError, TypeError):
        at, part = (), Part(0, 0, 0, "")
    numbers = (*at, part.number, part.of, part.files)
    if len(at) != 2 or not all(type(n) is int and n >= 0 for n in numbers) or at[0] >= part.files:
        raise BatchError(f"{place}: it does not say where in a shard it stands, as a line of --shard does.")
    return Line(at, told, part, place)
