"""The parts of a recording: what its other processes noted, each in a file beside it, until the recording takes them in
at its end. Where it never came to that, since its program was killed, they stay, and open as recordings themselves."""

from __future__ import annotations

import os
import re
from pathlib import Path

from packviz.files.addresses import is_address

_PART = re.compile(r".+\.[0-9a-z]+-\d+\.part")


def part_path(path: str, token: str) -> str:
    """Where this process writes its part: beside the recording. `token`: the same in all parts of one recording."""
    return f"{path}.{token}-{os.getpid()}.part"


def is_part(name: str) -> bool:
    """Whether a file of this name is a part of a recording."""
    return _PART.fullmatch(name) is not None


def parts_beside(path: str | os.PathLike[str], token: str = "") -> tuple[Path, ...]:
    """The parts that lie beside a recording, in the order of their names, whether it is there itself or not; those with
    this token, where one is given. Nothing where its folder can't be looked into, and of what lies at an address."""
    beside = Path(path)
    if is_address(os.fspath(path)):
        return ()
    try:
        found = beside.parent.glob(f"{_escaped(beside.name)}.{token or '*'}-*.part")
        return tuple(sorted(one for one in found if is_part(one.name)))
    except OSError:
        return ()


def _escaped(name: str) -> str:
    """The name, as a pattern that only it fits."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
