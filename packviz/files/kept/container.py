"""The `.packviz` file: a tar archive of JSON and safetensors, which only grows, so that what was written stays readable
whatever becomes of the program that writes it.

Its first member is `packviz.json`: `{"packviz": 1, "kind": "recording", …}`, the version of the format, what it holds,
and what there is to say of the whole. Every other member is one whole record: `NAME.safetensors`, `NAME.json`, or
`NAME.jsonl`, a JSON object in each line. A record is handed to the system in one piece; of a file that was cut short
all whole records are read. Nothing in it can be run. A newer format is refused; members that are not known are passed
over, so that old versions open for ever.

Where a tar archive has the name of the owner, a record has `crc32:` and eight hexadecimal digits: the CRC-32 of its
name, a zero byte, and its bytes; where one has the name of the group, `file:` and a token of this file, unless all of
it was written in one go. By them what is damaged is told from what was written, and passed over. A record without them,
as of a file that was packed anew by another program, is read as it is. See frames.py.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import threading
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.damage import Damage
from packviz.core.texts.quoting import cut
from packviz.files.kept.frames import (
    END,
    NOT_AS_WRITTEN,
    Member,
    checksum,
    framed,
    is_as_written,
    member_at,
    new_token,
    only_zeros,
    record,
)
from packviz.files.stream import Stream

VERSION = 1
FIRST = "packviz.json"
HEAD = 512
"""Bytes that tell a .packviz file."""
Kind = Literal["recording", "session", "batch"]
"""What a file holds: the calls of a program; the documents of a window; one batch that was handed over."""
KINDS: tuple[Kind, ...] = ("recording", "session", "batch")
_LONGEST_ABOUT = 1 << 20
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_OF_KIND: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"(seen/\d+\.jsonl|calls/\d+\.safetensors)"), "recording"),
    (re.compile(r"(session\.json|documents/\d+\.safetensors)"), "session"),
)
"""The records by which a file is known whose first one is damaged."""


@dataclass(frozen=True)
class Contents:
    """What a file holds: its kind, what its first member says of the whole, and its members, in order, without that.

    `whole`: it was brought to its end; not where whoever wrote it was stopped, or where it was cut short. `damage`:
    what of it is no record, though it stands before its end, and its first member where that is damaged. Whether all
    others are as they were written is seen when they are read, or with `is_as_written`. `blank`: so many zeros
    stand behind the last record of a file that is added to, more than its end has: as a system that went down leaves
    what was written last and had not reached the disk.
    """

    kind: Kind
    about: Mapping[str, Any]
    members: tuple[Member, ...]
    whole: bool
    damage: tuple[Damage, ...] = ()
    blank: int = 0


def opening(kind: Kind, about: Mapping[str, Any], token: str = "") -> bytes:
    """The first record. `about`: what is JSON; `token`: as of `record`."""
    return record(FIRST, json.dumps({"packviz": VERSION, "kind": kind, **about}, allow_nan=False).encode(), token)


def whole_file(kind: Kind, about: Mapping[str, Any], records: Mapping[str, bytes]) -> bytes:
    """A file as one piece: its records by their names."""
    return b"".join((opening(kind, about), *(record(name, data) for name, data in records.items()), END))


class Appender:
    """Writes a new file at `path` record by record; a file that was there is replaced.

    What `add` was given is in the hands of the system when it returns: it is there even if the program is killed then.
    Raises OSError where it can't be written; what was written before stays readable.
    """

    def __init__(self, path: str | PathLike[str], kind: Kind, about: Mapping[str, Any]) -> None:
        self._size, self._token = 0, new_token()
        self._process = os.getpid()
        place = Path(os.path.realpath(path))
        try:
            mode: int | None = place.stat().st_mode
        except FileNotFoundError:
            mode = None
        whose = f"{self._process}-{threading.get_ident()}"
        beside = place.with_name(f".{zlib.crc32(os.fsencode(place.name)):08x}.{whose}.part")
        apart = sys.platform != "win32" and (mode is None or stat.S_ISREG(mode)) and os.access(place.parent, os.W_OK)
        self._file = os.open(beside if apart else path, _FLAGS, 0o666 if mode is None else mode & 0o777)
        try:
            self._write(opening(kind, about, self._token))
            if apart:  # so that it opens from the moment on that it has its name
                beside.replace(place)
        except BaseException:  # Ctrl+C, too
            os.close(self._file)
            if apart:
                beside.unlink(missing_ok=True)
            raise

    def add(self, name: str, data: bytes) -> None:
        """One record more."""
        self._write(record(name, data, self._token))

    def sync(self) -> None:
        """Returns once what was written is on the disk."""
        os.fsync(self._file)

    def stat(self) -> os.stat_result:
        """What the system says of the file."""
        return os.fstat(self._file)

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
    """What a file holds, as far as it is whole. No record is read but the first, and behind what is damaged as many as
    it takes to know where the next one begins.

    Raises BatchError where it is none, or of a newer format.
    """
    members, damage = framed(stream)
    first = members[0] if members else None
    until = max([one.end for one in members[-1:]] + [one.at + one.size for one in damage[-1:]], default=0)
    whole, blank = _ended(stream, until), _blank(stream, until) if first is not None and first.token else 0
    headless = bool(damage) and damage[0].at == 0
    if first is not None and first.name == FIRST and first.size <= _LONGEST_ABOUT and not headless:
        others = any(one.checksum is not None for one in members[1:])
        if is_as_written(stream, first) and not (others and first.checksum is None):
            about = json_of(read_member(stream, first), FIRST)
            return Contents(_kind_said(about), about, members[1:], whole, damage, blank)
        headless, members = True, members[1:]
        damage = (Damage(first.at, first.end - first.at, NOT_AS_WRITTEN, FIRST), *damage)
    kind = _kind_of(members) if headless else None
    if kind is None:
        raise BatchError(f"it is damaged or no .packviz file (its first member is not {FIRST}).")
    return Contents(kind, {}, members, whole, damage, blank)


def _kind_said(about: dict[str, Any]) -> Kind:
    """What the first record says that the file holds. Raises BatchError where that is nothing that is known."""
    version, kind = about.pop("packviz", None), about.pop("kind", None)
    if type(version) is not int or version < 1:
        raise BatchError(f"it is damaged or no .packviz file ({FIRST} says no version).")
    if version > VERSION:
        raise BatchError(
            f"it was written by a newer packviz, in version {cut(str(version), 20)} of the format; this one reads "
            f"version {VERSION}: install a newer packviz."
        )
    known: Kind | None = next((one for one in KINDS if one == kind), None)
    if known is None:
        raise BatchError(f"it is a .packviz file of {cut(str(kind), 40)!r}, but {', '.join(KINDS)} are known.")
    return known


def _kind_of(members: Sequence[Member]) -> Kind | None:
    """What a file holds whose first record is damaged, as far as the names of the others tell."""
    found = (kind for member in members for pattern, kind in _OF_KIND if pattern.fullmatch(member.name))
    return next(found, None)


def read_member(stream: Stream, member: Member) -> bytes:
    """The bytes of one record. Raises BatchError where they can't be afforded, are not all there, or are not those that
    were written."""
    data, written = read_as_is(stream, member)
    if not written:
        raise BatchError(f"it is damaged: {cut(member.name, 100)} is not as it was written ({NOT_AS_WRITTEN}).")
    return data


def read_as_is(stream: Stream, member: Member) -> tuple[bytes, bool]:
    """The bytes of one record, and whether they are those that were written, as far as there is a checksum that tells.
    Raises BatchError where they can't be afforded, or are not all there."""
    name = cut(member.name, 100)
    afford(f"its record {name}", member.size)
    stream.seek(member.start)
    data = bytearray(member.size)
    if stream.readinto(data) != member.size:
        raise BatchError(f"it is cut short: the end of {name} is missing.")
    return bytes(data), member.checksum in (None, checksum(member.name, data))


def is_there(stream: Stream, member: Member) -> bool:
    """Whether a record stands where it was found before, in a file that may have been written anew since."""
    try:
        if member_at(stream, member.at) == member:
            return True
        return member.checksum is not None and is_as_written(stream, member)
    except BatchError:
        return False


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


def _blank(stream: Stream, at: int) -> int:
    """How many bytes stand from there on, where all of them are zeros and more than an end has; else 0."""
    many = stream.size - at
    return many if many > len(END) and only_zeros(stream, at) else 0


def _ended(stream: Stream, at: int) -> bool:
    """Whether what stands there, behind the last record, is the end of an archive."""
    stream.seek(at)
    found = bytearray(len(END))
    return stream.readinto(found) == len(END) and not any(found)
