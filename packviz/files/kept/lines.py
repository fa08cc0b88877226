"""The calls of a recording in lines of JSON. Each line ends with the CRC-32 of the object without it, so that of a
record of which a part is damaged the lines that are whole are still known."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.noted import NotedCall, Site, noted_from

BEGIN = b'{"number": '
"""How a line begins."""
_CHECKED = re.compile(rb"(?P<said>\{.*), \"crc32\": \"(?P<sum>[0-9a-f]{8})\"\}", re.DOTALL)


def line_of(call: NotedCall) -> str:
    """A call in a line."""
    said = json.dumps(call.to_dict(), allow_nan=False)
    return f'{said[:-1]}, "crc32": "{zlib.crc32(said.encode()):08x}"}}'


def calls_in(data: bytes, written: bool | None, sites: dict[Site, Site]) -> tuple[list[NotedCall], int]:
    """The calls in these lines, and how many lines hold none that can be read.

    `written`: whether the record is as it was written, None where that can't be told. Of one that is not only lines
    count that their own checksum proves; of one of which it can't be told, all but those that theirs disproves.
    `sites`: those of other calls, shared with them.
    """
    lines = data.splitlines()
    found: Any = None
    if written:  # read in one go, which takes half the time of so many
        try:
            found = json.loads(b"[%s]" % b",".join(lines))
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, list) or len(found) != len(lines):
        found = [_object(line) if _counts(line, written) else None for line in lines]
    calls, lost = [], 0
    for one in found:
        try:
            calls.append(noted_from(one, sites))
        except BatchError:
            lost += 1
    return calls, lost


def is_proven(line: bytes) -> bool | None:
    """Whether a line is as it was written; None where it has no checksum, as of the first files."""
    checked = _CHECKED.fullmatch(line)
    return None if checked is None else zlib.crc32(checked["said"] + b"}") == int(checked["sum"], 16)


def _counts(line: bytes, written: bool | None) -> bool:
    proven = is_proven(line)
    return bool(written) or proven is True or (written is None and proven is None)


def _object(line: bytes) -> object:
    """What a line holds; None where that can't be read."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
