"""The calls that the file of a recording holds: of a file that is damaged all that are whole, and what is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.damage import NOTHING_LOST, Damage, Lost, missing
from packviz.core.noted import NotedCall, Recording, Site
from packviz.core.texts.quoting import cut
from packviz.files.kept.batch import call_in
from packviz.files.kept.container import Contents, json_of, read_as_is, read_member
from packviz.files.kept.frames import NOT_AS_WRITTEN, Member, is_as_written
from packviz.files.kept.lines import BEGIN, calls_in, is_proven
from packviz.files.stream import Stream

END = "end.json"
CALLS = "calls"
"""In `end.json`: how many calls were noted."""
_SEEN = re.compile(r"seen/(?P<piece>\d{1,18})\.jsonl")
_MOST_GONE = 10_000
_KEPT = re.compile(r"calls/(?P<number>\d{1,18})\.safetensors")


def places_of(found: Contents) -> dict[int, Member]:
    """Where the batch of each kept call lies, by its number."""
    kept = ((match, member) for member in found.members if (match := _KEPT.fullmatch(member.name)))
    return {int(match["number"]): member for match, member in kept}


def recording_of(
    stream: Stream, place: str, found: Contents, places: Mapping[int, Member], *, read_all: bool = True
) -> Recording:
    """All calls that are whole. `places`: as of `places_of`. `read_all`: every batch is read once, to see whether it is
    as it was written; else that is seen once it is asked for."""
    gathered = _Gathered(stream, list(found.damage))
    parts: list[Member | Damage] = [member for member in found.members if _SEEN.fullmatch(member.name)]
    for part in sorted([*parts, *found.damage], key=lambda part: part.at):
        if isinstance(part, Member):
            gathered.lines(part)
        else:
            gathered.lines_among(part)
    for number, member in places.items():
        gathered.batch(number, member, read_all=read_all)
    for number, call in gathered.calls.items():
        if call.kept and number not in places:
            gathered.missing(call)
    gathered.missing_lines(parts)
    ends = [member for member in found.members if member.name == END]
    end = gathered.end(ends[-1]) if ends else {}
    unseen, total = end.get("unseen"), end.get(CALLS)
    if type(total) is int and total > len(gathered.calls) and not gathered.damage:
        gathered.damage.append(Damage(-1, 0, "lines are missing", _lines_named(len(parts))))
    damage = tuple(sorted(gathered.damage, key=lambda one: one.at))
    return Recording(
        place,
        tuple(gathered.calls[number] for number in sorted(gathered.calls)),
        str(found.about.get("program", "")),
        str(found.about.get("torch", "")),
        bool(ends),
        {cut(why, 200): many for why, many in unseen.items() if type(many) is int} if isinstance(unseen, dict) else {},
        damage=damage,
        lost=gathered.lost(total if type(total) is int else None, ended=bool(ends)) if damage else NOTHING_LOST,
    )


@dataclass
class _Gathered:
    """What was read so far. `lined`: the highest number of a call in the lines."""

    stream: Stream
    damage: list[Damage]
    calls: dict[int, NotedCall] = field(default_factory=dict)
    sites: dict[Site, Site] = field(default_factory=dict)  # one for all calls that are made there
    lined: int = 0

    def lines(self, member: Member) -> None:
        """Takes in the calls of a record of lines."""
        data, written = read_as_is(self.stream, member)
        calls, lost = calls_in(data, written if member.checksum is not None else None, self.sites)
        self._take(calls)
        if lost or not written:
            lines = f"{lost:,} of its {lost + len(calls):,} lines can't be read"
            self._damaged(member, lines if written else f"{NOT_AS_WRITTEN}, {lines}")

    def lines_among(self, damage: Damage) -> None:
        """Takes in the lines that are whole in a part of the file that is no record."""
        try:
            afford("a damaged part of it", damage.size)
        except BatchError:
            return
        self.stream.seek(damage.at)
        data = bytearray(damage.size)
        del data[self.stream.readinto(data) :]
        lines = [line[line.rfind(BEGIN) :].rstrip(b"\0") for line in bytes(data).splitlines()]
        self._take(calls_in(b"\n".join(line for line in lines if is_proven(line)), False, self.sites)[0])

    def batch(self, number: int, member: Member, *, read_all: bool) -> None:
        """Looks at the record of a kept call; its line, where that was not written yet, is in it, too."""
        call, why = self.calls.get(number), ""
        if read_all and not is_as_written(self.stream, member):
            why = NOT_AS_WRITTEN
        elif call is None or not call.kept:
            try:
                call = call_in(read_member(self.stream, member))
            except BatchError as error:
                why = _bare(error)
            else:
                why = "" if call.number == number else f"it is that of call {call.number}"
                call = call if not why else self.calls.get(number)
        if why:
            self._damaged(member, why, number)
        if call is not None:
            self.calls[number] = call._replace(reason="damaged") if why else call

    def missing(self, call: NotedCall) -> None:
        """A call whose batch should be there, and is not."""
        name = f"calls/{call.number:06d}.safetensors"
        self.damage.append(Damage(-1, 0, "its record is missing", name, call.number))
        self.calls[call.number] = call._replace(reason="damaged")

    def missing_lines(self, parts: Sequence[Member | Damage]) -> None:
        """Lines that should be there, since others stand behind them, and are not."""
        if any(not one.record for one in self.damage):  # they are in a part that is said already
            return
        matches = (_SEEN.fullmatch(one.name) for one in parts if isinstance(one, Member))
        there = {int(match["piece"]) for match in matches if match is not None}
        if there and max(there) < 2 * len(there) + _MOST_GONE:
            for piece in sorted(set(range(max(there))) - there):
                self.damage.append(Damage(-1, 0, "its record is missing", _lines_named(piece)))

    def end(self, member: Member) -> dict[str, Any]:
        """What was said at the end."""
        try:
            return json_of(read_member(self.stream, member), END)
        except BatchError as error:
            self._damaged(member, _bare(error))
            return {}

    def lost(self, total: int | None, *, ended: bool) -> Lost:
        """What is lost. `total`: how many calls were noted, where that is known; `ended`: all lines were written."""
        known = sorted(self.calls)
        gaps = missing(known if ended else [number for number in known if number <= self.lined])
        gone = sum(last - first + 1 for first, last in gaps)
        if total is not None:
            lost = max(0, total - len(known))
            last = known[-1] if known else 0
            if gone < lost and last + lost - gone <= total:  # the last calls of all
                gaps, gone = (*gaps, (last + 1, last + lost - gone)), lost
            return Lost(lost, True, gaps if gone == lost else ())
        if all(one.call in self.calls for one in self.damage):
            return NOTHING_LOST
        return Lost(gone, False, gaps)

    def _take(self, calls: list[NotedCall]) -> None:
        for call in calls:
            self.calls[call.number] = call
            self.lined = max(self.lined, call.number)

    def _damaged(self, member: Member, why: str, call: int | None = None) -> None:
        self.damage.append(Damage(member.at, member.end - member.at, why, member.name, call))


def _bare(error: BatchError) -> str:
    """Why, without saying that it is damaged."""
    said = str(error).removesuffix(".").removeprefix("it is damaged: ")
    bare = re.fullmatch(r"it is damaged \((?P<why>.*)\)", said, re.DOTALL)
    return bare["why"] if bare else said


def _lines_named(piece: int) -> str:
    return f"seen/{piece:06d}.jsonl"
