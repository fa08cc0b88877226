"""Recordings: the calls of a program in a `.packviz` file, each in a line, some with their batches.

`seen/NUMBER.jsonl` holds calls, one in a line, each with the CRC-32 of what stands before it; of a call with several
lines the last one counts. `calls/NUMBER.safetensors` is the batch of a call that is kept, with the line of its call,
since lines are written some at a time. `end.json` says what could not be seen, and how many calls were noted.

What is damaged costs what it holds, and no more: all other calls are read, and `Recording.damage` says the rest.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from os import PathLike, fspath
from pathlib import Path

from packviz.core.batch import Batch, BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.module import Module
from packviz.core.noted import NotedCall, Recording
from packviz.core.source import Source
from packviz.core.texts.quoting import cut
from packviz.core.whole import Whole
from packviz.files.addresses import is_address
from packviz.files.kept.batch import read_batch
from packviz.files.kept.calls import CALLS, END, places_of, recording_of
from packviz.files.kept.container import HEAD, Appender, Contents, contents, is_there, read_member, sniff
from packviz.files.kept.counted import Counted
from packviz.files.kept.lines import line_of
from packviz.files.kept.parts import parts_beside
from packviz.files.loaded import at_place
from packviz.files.opened import is_file, opened
from packviz.files.stream import Stream

LINES = 256
"""Calls whose lines are written in one go."""

MOST_HELD = 20_000
"""Calls whose lines are held while they can't be written."""

SMALL = 1 << 25
"""Bytes below which a recording is read in a moment, and says nothing of how far it is: that would take as long."""

SUFFIX = ".packviz"
"""Of the addresses that are looked at for a recording."""


class RecordingWriter:
    """Writes a new recording at `path`; a file that was there is replaced.

    `program`: what is run, as it was typed. `torch`: its version. What `keep` was given is on its way to the disk when
    it returns; lines wait until there are LINES of them, or for `flush`. All of it raises OSError where the file can't
    be written: the lines are held then, and tried again with the next LINES of them. `forgotten`: how many were not
    held, since there were more than MOST_HELD.
    """

    def __init__(self, path: str | PathLike[str], *, program: str = "", torch: str = "") -> None:
        self._file = Appender(path, "recording", {"program": program, "torch": torch})
        self._lines: deque[str] = deque()
        self._new = self._pieces = self.forgotten = 0
        self._numbers = Counted()

    def note(self, call: NotedCall) -> None:
        """A call in a line; of one that was noted before, what is known of it now."""
        self._lines.append(line_of(call))
        self._numbers.add(call.number)
        if len(self._lines) > MOST_HELD:
            self._lines.popleft()
            self.forgotten += 1
        self._new += 1
        if self._new >= LINES:
            self.flush()

    def keep(self, call: NotedCall, data: bytes) -> None:
        """A call with its batch. `data`: what `batch_bytes(…, call=call)` gave."""
        self._file.add(f"calls/{call.number:06d}.safetensors", data)
        self.note(call)

    def flush(self) -> None:
        """Writes the lines that wait."""
        self._new = 0
        while self._lines:
            piece = list(islice(self._lines, LINES))
            self._file.add(f"seen/{self._pieces:06d}.jsonl", "\n".join(piece).encode())
            self._pieces += 1
            for _ in piece:
                self._lines.popleft()

    def end(self, unseen: Mapping[str, int] | None = None) -> None:
        """Brings it to its end. `unseen`: as in `Recording`."""
        try:
            self.flush()
            self._file.add(END, json.dumps({"unseen": dict(unseen or {}), CALLS: self._numbers.many}).encode())
        finally:
            self._file.close()


class Recorded:
    """The calls that a file holds, and where the batch of each kept one lies.

    `data`: all its bytes, where they came from elsewhere, such as standard input, and can't be opened again. Of what
    lies at an address batches are not read before they are asked for, so that one of them may be damaged and not be
    among `recording.damage`. Raises BatchError where it is no recording.
    """

    def __init__(self, stream: Stream, place: str, found: Contents | None = None, *, data: bytes | None = None) -> None:
        found = contents(stream) if found is None else found
        if found.kind != "recording":
            raise BatchError(f"it holds a {found.kind}, but a recording is expected.")
        self._places, self._data = places_of(found), data
        read = partial(kept_call, place, known=self) if place else None
        calls = recording_of(stream, place, found, self._places, read_all=not is_address(place))
        beside = tuple(part.name for part in parts_beside(place)) if data is None and place else ()
        self.recording = replace(calls, read=read, beside=beside)
        self._damaged = {one.call: one for one in calls.damage if one.call is not None}

    @contextmanager
    def stream(self, path: str | PathLike[str], watch: Watch = UNWATCHED) -> Iterator[tuple[Stream, str]]:
        """Its bytes, and its name for messages. Raises BatchError, Cancelled."""
        if self._data is not None:
            yield Stream.of(self._data, watch), self.recording.place
            return
        with opened(path, watch) as held:
            yield held

    def batch(self, stream: Stream, number: int) -> Whole:
        """The batch of the call of that number. Raises BatchError where it was not kept, or can't be read."""
        if number in self._damaged:
            said = str(self._damaged[number])
            raise BatchError(f"{said}.")
        member = self._places.get(number)
        if member is None:
            raise BatchError(f"call {number} was noted, but its batch was not kept.")
        whole = read_batch(read_member(stream, member)) if is_there(stream, member) else None
        if whole is None or (whole.call is not None and whole.call.number != number):
            raise BatchError(f"call {number} is no longer where it was: the file has been written anew; open it again.")
        return whole

    def opened(self, call: NotedCall, watch: Watch = UNWATCHED) -> tuple[Batch, Module | None]:
        """The batch of a kept call, from the file of this recording, and its module with the numbers of its hx. Raises
        BatchError, one sentence that names the file, Cancelled."""
        place = self.recording.place
        whole = kept_call(place, call.number, self, watch)
        batch = replace(whole.batch, source=Source(place, entry=call.name))
        return batch, whole.module and whole.module.with_numbers(whole.hx, place, call.number)

    def named(self, entry: str) -> NotedCall:
        """The kept call of that name, `17 train.py:31`, or of that number, `17`. Raises BatchError where there is no
        such call, or its batch was not kept."""
        calls = self.recording.calls
        call = next((call for call in calls if entry in (call.name, str(call.number))), None)
        if call is None or not call.kept:
            why = "there is no such call in it" if call is None else "its batch was not kept"
            if call is not None and call.damaged:
                why = str(self._damaged.get(call.number, "its batch is damaged"))
            raise BatchError(f"{self.recording.place}: call {cut(entry, 80)} can't be read: {why}.")
        return call


def read_recording(path: str | PathLike[str], watch: Watch = UNWATCHED) -> Recording:
    """All calls of the recording in a file. Raises BatchError, one sentence that names the file."""
    return recorded(path, watch).recording


def recording_at(path: str | PathLike[str], watch: Watch = UNWATCHED) -> Recorded | None:
    """The recording in a file, None of any other file, and of what is none, such as a pipe. Raises BatchError, one
    sentence that names the file, where a recording can't be read."""
    name = fspath(path)
    if is_address(name):
        if not name.endswith(SUFFIX):  # it would be fetched twice, to see what it is
            return None
    elif not is_file(path) or not sniff(_head(path)):
        return None
    with opened(path, watch) as (stream, name), at_place(name):
        if is_address(name) and not sniff(stream.read(HEAD) or b""):
            return None
        if stream.size < SMALL:
            stream.watch = stream.watch.quiet()
        found = contents(stream)
        return Recorded(stream, name, found) if found.kind == "recording" else None


def recording_in(data: bytes, name: str) -> Recorded | None:
    """The same of all the bytes of a file, which came from elsewhere: `name` says from where."""
    if not sniff(data[:HEAD]):
        return None
    with at_place(name):
        stream = Stream.of(data)
        found = contents(stream)
        return Recorded(stream, name, found, data=data) if found.kind == "recording" else None


def _head(path: str | PathLike[str]) -> bytes:
    try:
        with Path(path).open("rb") as raw:
            return raw.read(HEAD)
    except OSError:
        return b""  # whoever reads it next says why it can't be


def recorded(path: str | PathLike[str], watch: Watch = UNWATCHED) -> Recorded:
    """The same, with where the batches lie."""
    with opened(path, watch) as (stream, name), at_place(name):
        return Recorded(stream, name)


def kept_call(path: str | PathLike[str], number: int, known: Recorded | None = None, watch: Watch = UNWATCHED) -> Whole:
    """The batch of the call of that number. `known`: what `recorded` gave of this file, which has not changed since.

    Raises BatchError, one sentence that names the file.
    """
    with known.stream(path, watch) if known is not None else opened(path, watch) as (stream, name), at_place(name):
        found = known if known is not None else Recorded(stream, name)
        return found.batch(stream, number)
