"""The `.packviz` file: a tar archive of JSON and safetensors, which only grows, so that what was written stays readable
whatever becomes of the program that writes it.

Its first member is `packviz.json`: `{"packviz": 1, "kind": "recording", …}`, the version of the format, what it holds,
and what there is to say of the whole. Every other member is one whole record: `NAME.safetensors`, `NAME.json`, or
`NAME.jsonl`, a JSON object in each line. A record is handed to the system in one piece; of a file that was cut short
all whole records are read. Nothing in it can be run. A newer format is refused; members that are not known are passed
over, so that old versions open for ever.

Where a tar archive has the name of the owner, a record has `crc32:` and eight hexadecimal digits: the CRC-32 of its
name, a zero byte, and its bytes. By it what is damaged is told from what was written; a record without one, as of a
file that was packed anew by another program, is read as it is.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
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
_PART = 1 << 16
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CHECKED = re.compile(r"crc32:(?P<sum>[0-9a-f]{8})")


@dataclass(frozen=True)
class Member:
    """One record: its name, where its bytes begin in the file, and how many they are.

    `checksum`: as it was written; None where none was.
    """

    name: str
    start: int
    size: int
    checksum: int | None = None


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
    info.size, info.mode, info.uname = len(data), 0o644, f"crc32:{_checksum(name, data):08x}"
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
        self._size = 0
        self._process = os.getpid()
        place = Path(os.path.realpath(path))
        try:
            mode: int | None = place.stat().st_mode
        except FileNotFoundError:
            mode = None
        beside = place.with_name(f".{zlib.crc32(os.fsencode(place.name)):08x}.{self._process}.part")
        apart = sys.platform != "win32" and (mode is None or stat.S_ISREG(mode)) and os.access(place.parent, os.W_OK)
        self._file = os.open(beside if apart else path, _FLAGS, 0o666 if mode is None else mode & 0o777)
        try:
            self._write(opening(kind, about))
            if apart:  # so that it opens from the moment on that it has its name
                beside.replace(place)
        except OSError:
            os.close(self._file)
            if apart:
                beside.unlink(missing_ok=True)
            raise

    def add(self, name: str, data: bytes) -> None:
        """One record more."""
        self._write(record(name, data))

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
    """The bytes of one record. Raises BatchError where they can't be afforded, are not all there, or are not those that
    were written."""
    name = cut(member.name, 100)
    afford(f"its record {name}", member.size)
    stream.seek(member.start)
    data = bytearray(member.size)
    if stream.readinto(data) != member.size:
        raise BatchError(f"it is cut short: the end of {name} is missing.")
    if member.checksum not in (None, _checksum(member.name, data)):
        raise BatchError(f"it is damaged: {name} is not as it was written (its checksum is another).")
    return bytes(data)


def is_there(stream: Stream, member: Member) -> bool:
    """Whether a record stands where it was found before, in a file that may have been written anew since."""
    stream.seek(member.start - BLOCK)
    head = stream.read(BLOCK) or b""
    try:
        return _member(tarfile.TarInfo.frombuf(head, "ascii", "strict"), member.start) == member
    except (tarfile.HeaderError, UnicodeDecodeError):
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


def _members(stream: Stream) -> Iterator[Member]:
    """The records that are whole, one after the other, to the end of the archive, or to where it was cut short. Raises
    BatchError where something else stands between them."""
    at = 0
    while at + BLOCK <= stream.size:
        stream.seek(at)
        head = bytearray(BLOCK)
        stream.readinto(head)
        if not any(head):
            if at:  # else it is no archive, however many zeros it has
                _only_zeros(stream, at)
            return
        try:
            info = tarfile.TarInfo.frombuf(bytes(head), "ascii", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            if not at:
                return  # it is no archive
            raise BatchError(f"it is damaged: at byte {at:,} of {stream.size:,} no record begins.") from None
        if info.isdir() and not info.size:  # as of a file that was packed anew by another program
            at += BLOCK
            continue
        if not info.isreg() or info.size < 0:
            raise BatchError(f"it is damaged: its member {cut(info.name, 100)!r} is no file.")
        start = at + BLOCK
        if info.size > stream.size - start:
            return
        yield _member(info, start)
        at = start + info.size + -info.size % BLOCK


def _member(info: tarfile.TarInfo, start: int) -> Member:
    checked = _CHECKED.fullmatch(info.uname)
    return Member(info.name, start, info.size, int(checked["sum"], 16) if checked else None)


def _only_zeros(stream: Stream, at: int) -> None:
    """Raises BatchError where the archive seems to end here, and goes on."""
    stream.seek(at)
    while part := stream.read(_PART):
        if any(part):
            raise BatchError(f"it is damaged: its records end at byte {at:,}, but more follows.")


def _ended(stream: Stream, last: Member) -> bool:
    """Whether what follows the last record is the end of an archive."""
    stream.seek(last.start + last.size + -last.size % BLOCK)
    found = bytearray(len(END))
    return stream.readinto(found) == len(END) and not any(found)


def _checksum(name: str, data: bytes | bytearray) -> int:
    return zlib.crc32(data, zlib.crc32(name.encode("ascii") + b"\0"))
