"""The files that a pattern fits. A folder below `**` is gone through once, however many links lead to it: links that go
round have an end."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

DOWN = "**"
_BETWEEN = re.compile(r"([/\\]+)" if os.sep == "\\" else "(/+)")


def goes_down(pattern: str) -> bool:
    """Whether it has `**` for a part, which stands for any folders below."""
    return DOWN in _BETWEEN.split(pattern)


def fitting(pattern: str) -> list[str]:
    """The names of all files and folders that a pattern fits, as of `glob.glob`, each once, in no order. What is hidden
    is fitted by no `*`; folders that can't be looked into have nothing in them."""
    if not goes_down(pattern):
        return list(dict.fromkeys(glob.glob(pattern)))  # noqa: PTH207  # of a text, with its own folder
    parts = _BETWEEN.split(pattern)
    at = parts.index(DOWN)
    head, rest = "".join(parts[:at]), _without_more(parts[at + 1 :])
    if not head:
        bases = [""]
    elif glob.has_magic(head):
        bases = [folder for folder in fitting(head) if Path(folder).is_dir()]
    else:
        bases = [head] if Path(head).is_dir() else []
    found: dict[str, None] = {}
    for base in bases:
        for folder in _folders(base):
            found.update(dict.fromkeys(_in(folder, rest)))
    return list(found)


def _without_more(parts: list[str]) -> str:
    """What comes after `**`; `**/**` is the same as one of them."""
    while parts[:2] and parts[1:2] == [DOWN]:
        parts = parts[2:]
    return "".join(parts[1:])


def _in(folder: str, rest: str) -> Iterator[str]:
    """What fits `rest` in a folder, which ends in a separator or is ""; all that is in it where nothing is left."""
    names = fitting(glob.escape(folder) + rest) if rest else [folder + name for name, _ in _entries(folder)]
    yield from names


def _folders(base: str) -> Iterator[str]:
    """The folder, "" for this one, and all below, each with a separator behind it; those that links lead to come last,
    so that each goes by its own name where it has one here."""
    seen: set[tuple[int, int]] = set()
    ahead, linked = [base], list[str]()
    while ahead or linked:
        here = ahead.pop() if ahead else linked.pop(0)
        with suppress(OSError):
            status = Path(here or os.curdir).stat()
            known = (status.st_dev, status.st_ino)
            if known in seen and status.st_ino:
                continue
            seen.add(known)
            yield here
            for name, folder in _entries(here):
                if folder:
                    (linked if folder == "link" else ahead).append(here + name + os.sep)


def _entries(folder: str) -> list[tuple[str, str]]:
    """The names in a folder that are not hidden, and what leads further: "folder", "link" to one, ""."""
    found: list[tuple[str, str]] = []
    with suppress(OSError), os.scandir(folder or os.curdir) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                kind = ("link" if entry.is_symlink() else "folder") if entry.is_dir() else ""
            except OSError:  # a link to itself, say
                kind = ""
            found.append((entry.name, kind))
    return found
