"""Which files a name means: a file itself, a folder all in it and below, a pattern those that it fits, an address what
lies there. Nothing is read of them."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from packviz.core.errors import BatchError
from packviz.core.texts.quoting import elided
from packviz.files.addresses import files_at, is_address
from packviz.files.kept.parts import is_part
from packviz.files.patterns import fitting, goes_down
from packviz.files.registry import FORMATS

LOOSE = frozenset({".txt", ".py", ".log"})
"""Suffixes that a batch may have, but most files in a folder have for something else: these are checked by name."""

PARTS = re.compile(r"(\d{1,18})")


def suffixes_looked_for() -> tuple[str, ...]:
    """The suffixes, with their dots, of the files that are taken of a folder."""
    return tuple(suffix for known in FORMATS for suffix in known.suffixes if suffix not in LOOSE)


class Leaving:
    """What `--exclude` leaves out: each pattern fits the name of a file, or of a folder on the way to it below `base`,
    or the way itself, in which * goes over folders."""

    def __init__(self, patterns: Sequence[str], base: str = "") -> None:
        self.patterns = tuple(patterns)
        self._fits = [
            re.compile(fnmatch.translate(pattern.removeprefix("./").rstrip("/"))).match for pattern in patterns
        ]
        self._base = _bare(base)

    def out(self, path: str) -> bool:
        """Whether this one is left out. Of a folder: with all in it."""
        if not self._fits:
            return False
        parts = _bare(path).removeprefix(self._base).strip("/").split("/")
        ways = ["/".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)]
        return any(fits(way) for fits in self._fits for way in ways)


def files_meant(name: str, exclude: Sequence[str] = ()) -> Iterator[str | BatchError]:
    """The files that a name means, in the order in which people count: batch2 before batch10.

    Of a folder: the files with a suffix of batches, and the parts of recordings, in it and below; hidden files and
    folders are passed over, as are pipes and devices, and a folder that is reached again by a link. What can't be
    looked into is told in its place, and the others follow; so is a folder or a pattern without any such file. Whether
    a file is there is not looked at.
    `exclude`: patterns of those that are left out, as of `Leaving`; where that is all of them, it is told.
    """
    if is_address(name):
        yield from _left(_at_address(name), name, Leaving(exclude, _plain(name)))
    elif name and Path(name).is_dir():
        leaving = Leaving(exclude, name)
        yield from (_or_left_out if exclude else _or_none)(_in_folder(name, leaving), name)
    elif glob.has_magic(name) and not os.path.lexists(name):
        yield from _left(_of_pattern(name), name, Leaving(exclude, _plain(name)))
    else:
        yield from _left(iter([name]), name, Leaving(exclude, os.path.split(name)[0]))


def _bare(path: str) -> str:
    """A path, or an address without its scheme, of which drivers have several spellings."""
    return (path.rpartition("://")[2] if is_address(path) else path).replace(os.sep, "/").strip("/")


def _plain(name: str) -> str:
    """The folder, or the address of one, that comes before all patterns in a name."""
    head = re.split(r"[*?\[]", name, maxsplit=1)[0]
    return head if head == name else head.rpartition("/")[0]


def _left(found: Iterator[str | BatchError], place: str, leaving: Leaving) -> Iterator[str | BatchError]:
    """What is not left out, of all that was found."""
    if not leaving.patterns:
        yield from found
        return
    yield from _or_left_out((one for one in found if isinstance(one, BatchError) or not leaving.out(one)), place)


def _or_left_out(found: Iterator[str | BatchError], place: str) -> Iterator[str | BatchError]:
    """What was found; where that is nothing, that it was left out."""
    yield from _else(found, f"{elided(place)} means no file that --exclude leaves.")


def _at_address(address: str) -> Iterator[str | BatchError]:
    try:
        found = files_at(address)
    except BatchError as error:
        yield error
        return
    if found == [address]:
        yield address
        return
    pattern = "*" in address or "[" in address
    yield from _or_none(
        iter(name for name in sorted(found, key=counted) if pattern or _is_batch(name.partition("::")[0])), address
    )


def _of_pattern(pattern: str) -> Iterator[str | BatchError]:
    found = sorted(fitting(pattern), key=counted)
    if not found:
        yield BatchError(f"no file fits {elided(pattern)}.")
    nested = goes_down(pattern)
    for name in found:
        if not Path(name).is_dir():
            yield name
        elif not nested:  # else what is in it fits, too
            yield from _or_none(_in_folder(name, Leaving(())), name)


def _or_none(found: Iterator[str | BatchError], place: str) -> Iterator[str | BatchError]:
    """What was found; where that is nothing, that it is."""
    said = f"{elided(place)} holds no file that packviz reads ({', '.join(suffixes_looked_for())})."
    yield from _else(found, said)


def _else(found: Iterator[str | BatchError], sentence: str) -> Iterator[str | BatchError]:
    empty = True
    for one in found:
        empty = False
        yield one
    if empty:
        yield BatchError(sentence)


def _in_folder(folder: str, leaving: Leaving) -> Iterator[str | BatchError]:
    seen: set[tuple[int, int]] = set()
    ahead = [folder]
    while ahead:
        here = ahead.pop()
        inside: list[str] = []
        try:
            status = Path(here).stat()
            if (status.st_dev, status.st_ino) in seen and status.st_ino:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(here) as entries:
                listed = sorted((entry for entry in entries if not entry.name.startswith(".")), key=_entry_counted)
        except OSError as error:
            yield BatchError(f"{elided(here)} can't be looked into: {(error.strerror or str(error)).lower()}.")
            continue
        for entry in listed:
            if leaving.out(entry.path):
                continue
            try:
                if entry.is_dir():
                    inside.append(entry.path)
                elif _is_batch(entry.name) and (entry.is_file() or (entry.is_symlink() and not _leads(entry.path))):
                    yield entry.path
            except OSError as error:
                yield BatchError(f"{elided(entry.path)} can't be looked at: {(error.strerror or str(error)).lower()}.")
        ahead.extend(reversed(inside))


def _leads(link: str) -> bool:
    """Whether a link leads anywhere: one that does not is a file that can't be read, and is told as one."""
    return Path(link).exists()


def _is_batch(name: str) -> bool:
    path = PurePosixPath(name)
    if path.name.startswith("."):
        return False
    return path.suffix.lower() in suffixes_looked_for() or is_part(path.name)


Counted = tuple[tuple[tuple[int, int | str], ...], str]


def _entry_counted(entry: os.DirEntry[str]) -> Counted:
    return counted(entry.name)


def counted(name: str) -> Counted:
    """The key by which names are sorted as people count: each number in them is one. Two names never have the same."""
    parts = filter(None, PARTS.split(name))
    numbered = ((0, int(part)) if part.isdecimal() and part.isascii() else (1, part) for part in parts)
    return tuple(numbered), name
