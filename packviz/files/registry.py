"""All formats in one table, and the ways in: `load` for files, `loads` for what was piped in or dropped; `load_each`,
`load_all`, `loads_each` and `loads_all` for all batches of those that hold several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Unpack

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.patience import timed
from packviz.files.formats import json_file, npy, npz, packviz_file, pt, safetensors_file, table
from packviz.files.loaded import Loaded, Overrides, Wanted, at_place, each_of
from packviz.files.opened import opened
from packviz.files.paste import paste
from packviz.files.paste.found import Found
from packviz.files.several import Several, chosen
from packviz.files.stream import Stream

HEAD = 4096


@dataclass(frozen=True)
class Format:
    """One kind of file: its name for people, its suffixes in lower case, how to know it and how to read it.

    `by_suffix`: whether a suffix alone says that it is one; else the first bytes decide, as for a file without suffix.
    """

    name: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: Callable[[Stream], Found | Several]
    by_suffix: bool = True


FORMATS: tuple[Format, ...] = (
    Format("PyTorch", (".pt", ".pth"), pt.sniff, pt.read),
    Format("NumPy archive", (".npz",), npz.sniff, npz.read),
    Format("NumPy array", (".npy",), npy.sniff, npy.read),
    Format("safetensors", (".safetensors",), safetensors_file.sniff, safetensors_file.read),
    Format("packviz", (".packviz",), packviz_file.sniff, packviz_file.read),
    Format("JSON", (".json",), json_file.sniff, json_file.read),
    Format("JSON lines", (".jsonl",), json_file.sniff, json_file.read, by_suffix=False),
    Format("Table", (".csv", ".tsv"), table.sniff, table.read),
    Format("Text", (".txt", ".py", ".log"), paste.sniff, paste.read),
)


def load(
    path: str | PathLike[str],
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    entry: int | str | None = None,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> Batch:
    """The Batch in a file, as `load_one`."""
    return load_one(path, call, options_given, entry=entry, watch=watch, **overrides).made()


def load_one(
    path: str | PathLike[str],
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    entry: int | str | None = None,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> Loaded:
    """The batch in a file, with what came with it, of the format that its suffix says, or else its first bytes.

    `call`, `options_given`: as in `objects.to_batch`. `lengths`, `mask`: win over those in the file. `entry`: which
    one, by its name or its number, where the file holds several batches. `x`, `axes`: as of `load_each`. Raises
    BatchError, naming the file, SeveralBatches where there are several and none was named, Undecided where two readings
    fit, and Cancelled.
    """
    with opened(path, watch) as (stream, name):
        return _one(stream, name, Wanted(call or Call(), options_given, **overrides), entry)


def loads(
    data: bytes,
    name: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    entry: int | str | None = None,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> Batch:
    """The Batch in bytes from elsewhere, as `load`; `name` stands in errors, and as the source of the batch."""
    return loads_one(data, name, call, options_given, entry=entry, watch=watch, **overrides).made()


def loads_one(
    data: bytes,
    name: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    entry: int | str | None = None,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> Loaded:
    """The batch in bytes from elsewhere, with what came with it, as `load_one`."""
    return _one(_stream(data, watch), name, Wanted(call or Call(), options_given, **overrides), entry)


def load_each(
    path: str | PathLike[str],
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> Iterator[Loaded]:
    """Every batch in a file, one after the other, as they are read; a file of one batch gives one, without a name.

    The options are those of `load`, for all of them; `x`: which of several tensors is the batch, where the names do not
    tell; `axes`: how its dimensions lie, one letter each, B for rows, T for steps: "BFT". One that can't be read says
    why, and the others follow. Raises BatchError where none of them can be read, where they are more than
    MOST_BATCHES, and as `load`.
    """
    with opened(path, watch) as (stream, name):
        yield from _each(stream, name, Wanted(call or Call(), options_given, **overrides))


def loads_each(
    data: bytes,
    name: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> Iterator[Loaded]:
    """Every batch in bytes from elsewhere, as `load_each`; `name` stands in errors, and in the sources."""
    yield from _each(_stream(data, watch), name, Wanted(call or Call(), options_given, **overrides))


def load_all(
    path: str | PathLike[str],
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> tuple[Loaded, ...]:
    """Every batch in a file, as `load_each`."""
    return tuple(load_each(path, call, options_given, watch=watch, **overrides))


def loads_all(
    data: bytes,
    name: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    watch: Watch = UNWATCHED,
    **overrides: Unpack[Overrides],
) -> tuple[Loaded, ...]:
    """Every batch in bytes from elsewhere, as `loads_each`."""
    return tuple(loads_each(data, name, call, options_given, watch=watch, **overrides))


def suffixes() -> tuple[str, ...]:
    """Every suffix that can be opened, with its dot, in lower case."""
    return tuple(suffix for known in FORMATS for suffix in known.suffixes)


def file_filter() -> str:
    """The filter of an open dialog: all formats at once, each alone, all files."""
    entries = [("Batches", suffixes()), *((known.name, known.suffixes) for known in FORMATS)]
    shown = [f"{name} ({' '.join('*' + suffix for suffix in endings)})" for name, endings in entries]
    return ";;".join([*shown, "All files (*)"])


def format_of(name: str, head: bytes) -> Format | None:
    """The format that the suffix of the name says; without a known suffix, the first that knows these bytes."""
    suffix = Path(name).suffix.lower()
    by_suffix = next((known for known in FORMATS if known.by_suffix and suffix in known.suffixes), None)
    return by_suffix or next((known for known in FORMATS if known.sniff(head)), None)


def _stream(data: bytes, watch: Watch) -> Stream:
    return Stream.of(data, timed(watch, "reading it"))


def _one(stream: Stream, name: str, wanted: Wanted, entry: int | str | None) -> Loaded:
    with at_place(name):
        find, source = chosen(wanted.found(lambda: _read(stream, name)), entry, name)
    with at_place(source.shown):
        found = wanted.found(find)
        batch = wanted.settled(found, source)
    stream.watch.step(1.0)
    return Loaded(source.entry or "", source.shown, batch, whole=found.whole)


def _each(stream: Stream, name: str, wanted: Wanted) -> Iterator[Loaded]:
    with at_place(name):
        found = wanted.found(lambda: _read(stream, name))
        if isinstance(found, Found):
            batch = wanted.settled(found, name)
    if isinstance(found, Found):
        stream.watch.step(1.0)
        yield Loaded("", name, batch, whole=found.whole)
    else:
        for loaded in each_of(found, name, wanted, stream.watch):
            with stream.watch.resting():  # whoever takes it works with it first
                yield loaded
        stream.watch.step(1.0)


def _read(stream: Stream, name: str) -> Found | Several:
    stream.watch.check()
    if stream.size == 0:
        raise BatchError("it is empty.")
    known = format_of(name, stream.read(HEAD) or b"")
    if known is None:
        raise BatchError(f"it is of no format that packviz reads ({', '.join(suffixes())}).")
    return known.read(stream)
