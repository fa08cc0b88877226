"""The `.packviz` file: a tar archive of JSON and safetensors, which only grows, so that what was written stays readable
whatever becomes of the program that writes it.

Its first member is `packviz.json`: `{"packviz": 1, "kind": "recording", …}`, the version of the format, what it holds,
and what there is to say of the whole. Every other member is one whole record: `NAME.safetensors`, `NAME.json`, or
`NAME.jsonl`, a JSON object in each line. A record is handed to the system in one piece; of a file that was cut short
all whole records are read. Nothing in it can be run. A newer format is refused; members that are not known are passed
over, so that old versions open for ever.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.texts.quoting import cut
from packviz.files.stream import Stream

VERSION = 1
FIRST = "packviz.json"
BLOCK = 512
END = bytes(2 * BLOCK)
"""What a tar archive that is complete ends with."""

Kind = Literal["recording", "session", "batch"]
"""What a file holds: the calls of a program; the documents of a window; one batch that was handed over."""
KINDS: tuple[Kind, ...] = ("recording", "session", "batch")
_LONGEST_ABOUT = 1 << 20


@dataclass(frozen=True)
class Member:
    """One record: its name, where its bytes begin in the file, and how many they are."""

    name: str
    start: int
    size: int


@dataclass(frozen=True)
class Contents:
    """What a file holds: its kind, what its first member says of the whole, and its members, in order, without that.

    `whole`: it was brought to its end; not where whoever wrote it was stopped, or where it was cut short.
    """

    kind: Kind
    about: Mapping[str, Any]
    members: tuple[Member, ...]
    whole: bool


def record(name: str, data: bytes) -> bytes:
    """A record as it stands in the file. `name`: at most 100 ASCII characters."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    head = info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")
    return b"".join((head, data, bytes(-len(data) % BLOCK)))


def opening(kind: Kind, about: Mapping[str, Any]) -> bytes:
    """The first record. `about`: what is JSON."""
    return record(FIRST, json.dumps({"packviz": VERSION, "kind": kind, **about}, allow_nan=False).encode())


def whole_file(kind: Kind, about: Mapping[str, Any], records: Mapping[str, bytes]) -> bytes:
    """A file as one piece: its records by their names."""
    return b"".join((opening(kind, about), *(record(name, data) for name, data in records.items()), END))


class Appender:
    """Writes a new file at `path` record by record; a file that was there is replaced.

    What `add` was given is in the hands of the system when it returns: it is there even if the program is killed then.
    Raises OSError where it can't be written; what was written before stays readable.
    """

    def __init__(self, path: str | PathLike[str], kind: Kind, about: Mapping[str, Any]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o666)
        self._size = 0
        self._process = os.getpid()
        try:
            self._write(opening(kind, about))
        except OSError:
            os.close(self._file)
            raise

    def add(self, name: str, data: bytes) -> None:
        """One record more."""
        self._write(record(name, data))

    def sync(self) -> None:
        """Returns once what was written is on the disk."""
        os.fsync(self._file)

    def close(self) -> None:
        """Brings it to its end."""
        try:
            self._write(END)
        finally:
            os.close(self._file)

    def _write(self, data: bytes) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("this file belongs to the process that opened it")
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except BaseException:  # Ctrl+C, too: what comes after half a record could not be read
            with suppress(OSError):  # of what is no file
                os.ftruncate(self._file, self._size)
                os.lseek(self._file, self._size, os.SEEK_SET)
            raise
        self._size += len(data)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is one: a tar archive whose first member has that name."""
    return head.startswith(FIRST.encode() + b"\0") and head[257:262] == b"ustar"


def contents(stream: Stream) -> Contents:
    """What a file holds, as far as it is whole. No record is read but the first.

    Raises BatchError where it is none, or of a newer format.
    """
    found = _members(stream)
    first = next(found, None)
    if first is None or first.name != FIRST or first.size > _LONGEST_ABOUT:
        raise BatchError(f"it is damaged or no .packviz file (its first member is not {FIRST}).")
    about = json_of(read_member(stream, first), FIRST)
    version, kind = about.pop("packviz", None), about.pop("kind", None)
    if type(version) is not int or version < 1:
        raise BatchError(f"it is damaged or no .packviz file ({FIRST} says no version).")
    if version > VERSION:
        raise BatchError(
            f"it was written by a newer packviz, in version {version} of the format; this one reads version {VERSION}: "
            "install a newer packviz."
        )
    if kind not in KINDS:
        raise BatchError(f"it is a .packviz file of {cut(str(kind), 40)!r}, but {', '.join(KINDS)} are known.")
    members = tuple(found)
    last = members[-1] if members else first
    return Contents(kind, about, members, _ended(stream, last))


def read_member(stream: Stream, member: Member) -> bytes:
    """The bytes of one record. Raises BatchError where they can't be afforded, or are not all there."""
    afford(f"its record {member.name}", member.size)
    stream.seek(member.start)
    data = bytearray(member.size)
    if stream.readinto(data) != member.size:
        raise BatchError(f"it is cut short: the end of {member.name} is missing.")
    return bytes(data)


def json_of(data: bytes, name: str) -> dict[str, Any]:
    """The object in a record of JSON. Raises BatchError."""
    try:
        found = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BatchError(f"it is damaged ({cut(name, 100)} holds no JSON object).")
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _members(stream: Stream) -> Iterator[Member]:
    """The records that are whole, one after the other; it ends at the first that is not."""
    at = 0
    while at + BLOCK <= stream.size:
        stream.seek(at)
        head = bytearray(BLOCK)
        stream.readinto(head)
        try:
            info = tarfile.TarInfo.frombuf(bytes(head), "ascii", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            return
        start = at + BLOCK
        if not info.isreg() or not 0 <= info.size <= stream.size - start:
            return
        yield Member(info.name, start, info.size)
        at = start + info.size + -info.size % BLOCK


def _ended(stream: Stream, last: Member) -> bool:
    """Whether what follows the last record is the end of an archive."""
    stream.seek(last.start + last.size + -last.size % BLOCK)
    found = bytearray(len(END))
    return stream.readinto(found) == len(END) and not any(found)
