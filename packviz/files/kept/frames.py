"""Records as they stand in a tar archive, one after the other: how each is written, and how they are found again, in a
file of which a part is damaged, too.

What is damaged is passed over as far as the next record that proves itself: its header is whole, and the CRC-32 in it
is that of its bytes. A record whose header is damaged, but not its name, its size and its CRC-32, proves itself by
these. Where a tar archive has the name of the group, the records of one file have a token that no other file has: what
lies inside a batch, or is left of another file in a block of the disk, is not taken for one of them. Nothing else is a
record behind a damaged part, whatever it looks like.
"""

from __future__ import annotations

import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from packviz.core.batch import BatchError
from packviz.core.damage import Damage
from packviz.core.texts.quoting import cut
from packviz.files.stream import Stream

BLOCK = 512
END = bytes(2 * BLOCK)
"""What a tar archive that is complete ends with."""

NOT_AS_WRITTEN = "its checksum is another"
NO_RECORD = "no record begins there"
OF_ANOTHER = "what begins there is no record of this file"
_PART = 1 << 16
_MANY = 1 << 16
"""Zeros at the beginning of a file: more than one bad block of a disk has."""
_CHECKED = re.compile(r"crc32:(?P<sum>[0-9a-f]{8})")
_MARKED = re.compile(r"file:(?P<token>[0-9a-f]{16})")
_MAGIC, _AT = re.compile(rb"ustar(?:  \0|\x0000)"), 257
"""What the header of a record has, in the forms of GNU and of POSIX, and where."""
_NAME, _SIZE, _TAG, _OWN = slice(0, 100), slice(124, 136), slice(265, 297), slice(297, 329)
_MOST_TRIED = 20_000
"""Headers that are looked at in vain behind damaged parts: a file can be made of nothing but what looks like them."""
_TIMES = 4
"""How often its own bytes are read at most, over all records that do not prove themselves."""


@dataclass(frozen=True)
class Member:
    """One record: its name, where its bytes begin in the file, and how many they are.

    `checksum`: as it was written; None where none was. `token`: that of its file, "" where it has none.
    """

    name: str
    start: int
    size: int
    checksum: int | None = None
    token: str = ""

    @property
    def at(self) -> int:
        """Where its header begins."""
        return self.start - BLOCK

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.start + self.size + -self.size % BLOCK


def new_token() -> str:
    """One that no other file has."""
    return os.urandom(8).hex()


def record(name: str, data: bytes, token: str = "") -> bytes:
    """A record as it stands in the file. `name`: at most 100 ASCII characters. `token`: that of the file."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.uname = len(data), 0o644, f"crc32:{checksum(name, data):08x}"
    info.gname = f"file:{token}" if token else ""
    head = info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")
    return b"".join((head, data, bytes(-len(data) % BLOCK)))


def checksum(name: str, data: bytes | bytearray) -> int:
    """The CRC-32 of a record: of its name, a zero byte, and its bytes."""
    return zlib.crc32(data, _begun(name))


def member_at(stream: Stream, at: int) -> Member | None:
    """The record whose header stands there, None where none does. Raises BatchError where it is a link or a device."""
    head = _head(stream, at)
    info = _info(head)
    if info is None or (info.isdir() and not info.size):
        return None
    if not info.isreg() or info.size < 0:
        raise BatchError(f"it is damaged: its member {cut(info.name, 100)!r} is no file.")
    return Member(info.name, at + BLOCK, info.size, _summed(info.uname), _token(info.gname))


def is_as_written(stream: Stream, member: Member) -> bool:
    """Whether all its bytes are there, and those that were written, as far as there is a checksum that tells. They are
    read some at a time."""
    if member.size > stream.size - member.start:
        return False
    if member.checksum is None:
        return True
    stream.seek(member.start)
    found, left = _begun(member.name), member.size
    while left:
        part = stream.read(min(left, _PART))
        if not part:
            return False
        found, left = zlib.crc32(part, found), left - len(part)
    return found == member.checksum


def framed(stream: Stream) -> tuple[tuple[Member, ...], tuple[Damage, ...]]:
    """The records of the file, in order, and what between them is none. Where it was cut short, the record that lacks
    its end is neither. No record is read but to find the next one behind a damaged part.

    Raises BatchError where something stands in the archive that no .packviz file has.
    """
    members: list[Member] = []
    damage: list[Damage] = []
    looking = _Looking(stream)
    at = 0
    while at + BLOCK <= stream.size:
        head = _head(stream, at)
        if not any(head) and only_zeros(stream, at):
            break
        if _is_folder(head):  # as of a file that was packed anew by another program
            at += BLOCK
            continue
        member, why = member_at(stream, at), NO_RECORD
        if member is None:
            member = looking.despite(at, head)
        elif not looking.belongs(member):
            member, why = None, OF_ANOTHER
        short = member is not None and member.size > stream.size - member.start
        if member is not None and not short:
            members.append(member)
            at = member.end
            continue
        begin, name = at, ""
        if members and not is_as_written(stream, members[-1]):  # its size may be another as well
            last = members.pop()
            begin, name, why, short = last.at, last.name, NOT_AS_WRITTEN, False
        elif members:  # of what fills its last block bytes may be missing, so that the next one begins before
            begin = members[-1].start + members[-1].size
        then = looking.behind(begin + bool(name))
        if then is None and short:
            break
        until = stream.size if then is None else then.at
        begin = at if not name and at <= until else begin
        if name or until >= at or until - begin >= BLOCK:
            damage.append(Damage(begin, until - begin, why, name))
        if then is None:
            break
        at = then.at
    return tuple(members), tuple(damage)


class _Looking:
    """Looks for records behind damaged parts, with an end to what that may take."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._tried, self._bytes = 0, _TIMES * stream.size + _PART
        self._first: Member | None = None

    def belongs(self, member: Member) -> bool:
        """Whether it is a record of this file, as the first one is that is asked about."""
        first = self._first = self._first or member
        return first.checksum is None or (member.checksum is not None and member.token == first.token)

    def despite(self, at: int, head: bytes) -> Member | None:
        """The record at this place whose header is damaged, where its name, its size and its checksum are not."""
        size, tag, own = _octal(head[_SIZE]), _text(head[_TAG]), _text(head[_OWN])
        name, summed = _text(head[_NAME]), None if tag is None else _summed(tag)
        if size is None or not name or summed is None or own is None:
            return None
        member = Member(name, at + BLOCK, size, summed, _token(own))
        belongs = self._first is None or self.belongs(member)
        return member if belongs and self._proves(member) else None

    def behind(self, at: int) -> Member | None:
        """The first record that begins behind this byte and proves itself; None where there is none."""
        for place in self._places(at):
            found = self._proven(place)
            if found is not None:
                return found
            if self._tried > _MOST_TRIED or self._bytes < 0:
                return None
        return None

    def _proven(self, at: int) -> Member | None:
        info = _info(_head(self._stream, at))
        summed = None if info is None or not info.isreg() or info.size < 0 else _summed(info.uname)
        if info is not None and summed is not None:
            member = Member(info.name, at + BLOCK, info.size, summed, _token(info.gname))
            if self.belongs(member) and self._proves(member):
                return member
        self._tried += 1
        return None

    def _proves(self, member: Member) -> bool:
        if member.size > self._stream.size - member.start or self._bytes < 0:
            return False
        found = is_as_written(self._stream, member)
        self._bytes -= 0 if found else member.size + BLOCK
        return found

    def _places(self, begin: int) -> Iterator[int]:
        """Where from this byte on something looks like a header, on whatever byte it begins."""
        at, held = begin, b""
        while True:
            self._stream.seek(at)
            part = self._stream.read(_PART)
            if not part:
                return
            held += part
            first = at + len(part) - len(held)
            for found in _MAGIC.finditer(held):
                if first + found.start() - _AT >= begin:
                    yield first + found.start() - _AT
            at += len(part)
            held = held[-7:]


def _head(stream: Stream, at: int) -> bytes:
    stream.seek(at)
    head = bytearray(BLOCK)
    stream.readinto(head)
    return bytes(head)


def _info(head: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(head, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        return None


def _is_folder(head: bytes) -> bool:
    info = _info(head)
    return info is not None and info.isdir() and not info.size


def _summed(tag: str) -> int | None:
    checked = _CHECKED.fullmatch(tag)
    return int(checked["sum"], 16) if checked else None


def _text(field: bytes) -> str | None:
    """The text in a field of a header, up to its first zero byte; None where it is no ASCII."""
    try:
        return field.partition(b"\0")[0].decode("ascii")
    except UnicodeDecodeError:
        return None


def _token(tag: str) -> str:
    marked = _MARKED.fullmatch(tag)
    return marked["token"] if marked else ""


def _octal(field: bytes) -> int | None:
    digits = field.rstrip(b" \0")
    return int(digits, 8) if re.fullmatch(rb"[0-7]{1,12}", digits) else None


def _begun(name: str) -> int:
    return zlib.crc32(name.encode("ascii") + b"\0")


def only_zeros(stream: Stream, at: int) -> bool:
    """Whether nothing else follows. A file that begins with many is no archive, however many more it has."""
    stream.seek(at)
    if not at:
        return not any(stream.read(_MANY))
    while part := stream.read(_PART):
        if any(part):
            return False
    return True
