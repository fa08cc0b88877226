"""The calls of the open recording as a part of the scene: the list, what it can be narrowed to, and all at a glance."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.calls.choosing import Column, Order, Which
from packviz.core.calls.differing import before, differences
from packviz.core.calls.lanes import Lanes
from packviz.core.calls.unseen import counted, sentences
from packviz.core.calls.words import NO_END, count_of, found_said
from packviz.core.damage import damage_sentences
from packviz.core.noted import NotedCall, Recording
from packviz.core.texts.quoting import cut
from packviz.session.listing import Choices, OpenRecording

NONE: NDArray[np.int64] = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class CallsPart(ReadOnly):
    """The list. `name`: of the recording, "" where none is open. `calls`: all of them; `places`, (n,) int64: which are
    listed, in this order. `open`: the number of the call whose batch is open, 0 of none; `ahead`: of the one that is on
    its way. `told`: whose they are, and how many. `trouble`: that the program was killed, or what it could not see.
    `differs`: what is different about the open call from the one before it. `lanes`: all calls of the chosen site at a
    glance. `widest`: how many letters there are at most in each column of the list.
    """

    name: str = ""
    place: str = ""
    calls: tuple[NotedCall, ...] = ()
    places: NDArray[np.int64] = field(default_factory=lambda: NONE)
    lanes: Lanes | None = None
    which: Which = field(default_factory=Which)
    order: Order = field(default_factory=Order)
    choices: Choices = field(default_factory=Choices)
    open: int = 0
    ahead: int = 0
    told: str = ""
    trouble: str = ""
    differs: str = ""
    widest: Mapping[Column, int] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether a recording is open."""
        return bool(self.name)

    @property
    def current(self) -> int:
        """The number of the call that is to be open, or is; 0 of none."""
        return self.ahead or self.open

    def place_of(self, number: int) -> int:
        """The place of the call of a number among all of them; -1 where there is none."""
        at = bisect_left(self.calls, number, key=lambda call: call.number)
        return at if at < len(self.calls) and self.calls[at].number == number else -1

    def listed(self, number: int) -> int:
        """Where the call of a number stands in the list; -1 where it does not."""
        found = np.flatnonzero(self.places == self.place_of(number)) if number else NONE
        return int(found[0]) if len(found) else -1


def calls_part(recording: OpenRecording | None, open: int, ahead: int) -> CallsPart:
    """The part of the scene; `open`, `ahead`: as in it."""
    if recording is None:
        return CallsPart()
    whole, listed = recording.recording, len(recording.places)
    name = PurePath(whole.place).name or whole.place
    counted, kept = count_of(len(recording.calls)), f"{len(whole.kept):,} kept"
    if not recording.which.all:
        counted, kept = f"{listed:,} of {counted}", f"{recording.kept:,} of {kept}"
    told = f"{cut(name, 60)} · {counted} · {kept}"
    return CallsPart(
        name,
        whole.place,
        recording.calls,
        recording.places,
        recording.lanes,
        recording.which,
        recording.order,
        recording.choices,
        open,
        ahead,
        told,
        trouble_of(whole),
        differing(recording, open),
        recording.widest,
    )


def trouble_of(recording: Recording) -> str:
    """What of it is damaged, that it has no end, and what was not seen; nothing where there is nothing to say."""
    unseen = [f"{count_of(many)} not seen: {cut(why, 80)}" for why, many in counted(recording.unseen).items()]
    alone = [cut(sentence.removesuffix("."), 240) for sentence in sentences(recording.unseen)]
    said = [*([] if recording.whole else [NO_END]), *unseen, *alone]
    damaged = damage_sentences(recording.damage, recording.lost)
    return " · ".join([*(sentence.removesuffix(".") for sentence in damaged), *said])


def differing(recording: OpenRecording, number: int) -> str:
    """What differs from the call before, in a line: `Since call 16: now padding-left, T 60 → 80`."""
    call = recording.call(number)
    if call is None:
        return ""
    earlier = before(recording.calls[: recording.numbered[number]], call)
    if earlier is None:
        found = found_said(call)
        return f"Call {number:,} is the first of its site" + (f": {found}" if found else "")
    said = differences(earlier, call)
    return f"Since call {earlier.number:,}: {', '.join(said) if said else 'nothing that was noted'}"
