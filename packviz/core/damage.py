"""What of a file is not as it was written: which part, where it lies, and what is lost by that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from packviz.core.texts.quoting import cut
from packviz.core.texts.wording import count, listed

MOST_SAID = 6
"""Damaged parts that are said one by one, and ranges of lost calls; of more, how many there are."""


@dataclass(frozen=True)
class Damage:
    """A part of a file that can't be read, or is not what was written.

    `at`: the byte of the file at which it begins, -1 of what is not there at all; `size`: how many bytes it takes.
    `why`: what is wrong with it, in a few words. `record`: its name, "" where that can't be told, either. `call`: of a
    recording, the number of the call whose batch it is, None of anything else.
    """

    at: int
    size: int
    why: str
    record: str = ""
    call: int | None = None

    def __str__(self) -> str:
        """`the batch of call 17 (calls/000017.safetensors, at byte 4,096) is damaged: its checksum is another`."""
        where, record = f"at byte {self.at:,}", cut(self.record, 100)
        size = f"{self.size:,} {'byte' if self.size == 1 else 'bytes'}"
        if self.call is not None:
            batch = f"the batch of call {self.call:,}"
            lost = f"{batch} is lost: there is no record {record}"
            return lost if self.at < 0 else f"{batch} ({record}, {where}) is damaged: {self.why}"
        if self.at < 0:
            return f"the record {record} is missing"
        if not record:
            return f"{where}, {size} can't be read: {self.why}"
        return f"the record {record} ({where}, {size}) is damaged: {self.why}"


@dataclass(frozen=True)
class Lost:
    """Calls of a recording that can't be told any more. `calls`: how many; `exact`: so many they are, else at least.
    `numbers`: the first and the last number of each range of them, as far as their neighbours tell."""

    calls: int = 0
    exact: bool = True
    numbers: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        """`256 calls are missing from the list: 257 to 512`."""
        if not self.calls:
            none = "no call is missing from the list"
            return none if self.exact else "whether calls are missing from the list can't be told"
        many = f"{'' if self.exact else 'at least '}{_calls(self.calls)} {'is' if self.calls == 1 else 'are'}"
        ranges = [f"{a:,}" if a == b else f"{a:,} to {b:,}" for a, b in self.numbers[:MOST_SAID]]
        more = len(self.numbers) - MOST_SAID
        ranges += [f"{more:,} more"] if more > 0 else []
        return f"{many} missing from the list" + (f": {listed(ranges)}" if ranges else "")


NOTHING_LOST = Lost()


def missing(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The ranges that lack in `numbers`, which are in order, from 1 on: `(2, 4)` of 1, 5."""
    found, expected = [], 1
    for number in numbers:
        if number > expected:
            found.append((expected, number - 1))
        expected = max(expected, number + 1)
    return tuple(found)


def damage_sentences(damage: Sequence[Damage], lost: Lost) -> list[str]:
    """What there is to say, each a sentence: what is damaged, the first few parts one by one, and what is lost by it;
    nothing where nothing is damaged."""
    if not damage:
        return []
    more = len(damage) - MOST_SAID
    said = [*map(str, damage[:MOST_SAID])]
    said += [f"{count(more, 'more part')} {'is' if more == 1 else 'are'} damaged"] if more > 0 else []
    return [f"{one[0].upper()}{one[1:]}." for one in (*said, str(lost))]


def _calls(calls: int) -> str:
    return count(calls, "call") if calls < 1000 else f"{calls:,} calls"
