"""What stands under a name before a session is saved there: whether it is what was opened or saved here last, by what
it holds, not by when it was written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

from packviz.core.batch import BatchError
from packviz.files.kept.container import HEAD, Contents, contents, read_member, sniff
from packviz.files.opened import is_file, opened
from packviz.files.stream import Stream

Kind = Literal["nothing", "session", "recording", "other"]


@dataclass(frozen=True)
class Standing:
    """What stands there: nothing, a session, a recording, or another file. `identity`: that of what it holds, "" of
    nothing."""

    kind: Kind
    identity: str = ""


def standing_at(path: str | PathLike[str]) -> Standing:
    """What stands under this name, wherever a link leads. A file that can't be read is another file."""
    if not is_file(path):
        return Standing("nothing")
    try:
        with opened(path) as (stream, _):
            if not sniff(stream.read(HEAD) or b""):
                return Standing("other", _looks(path))
            found = contents(stream)
            if found.kind == "batch":
                return Standing("other", _looks(path))
            return Standing(found.kind, identity_of(stream, found))
    except BatchError:
        return Standing("other", _looks(path))


def identity_of(stream: Stream, found: Contents) -> str:
    """That of what a file holds: the same of two files whose records are the same, one after another. No record is read
    that has a checksum."""
    told = hashlib.sha256(json.dumps([found.kind, dict(found.about)], sort_keys=True).encode())
    for member in found.members:
        summed = member.checksum
        if summed is None:
            told.update(read_member(stream, member))
        told.update(f"\0{member.name}\0{member.size}\0{summed}".encode())
    for one in found.damage:
        told.update(f"\0{one.at}\0{one.size}".encode())
    return told.hexdigest()


def _looks(path: str | PathLike[str]) -> str:
    """Of a file of another kind: which it is, how large, and when it was written."""
    try:
        now = Path(path).stat()
    except OSError:
        return "?"
    return f"{now.st_dev}.{now.st_ino}.{now.st_size}.{now.st_mtime_ns}"
