"""All formats in one table, and the two ways in: `load` for files, `loads` for what was piped in or dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.formats import json_file, npy, npz, pt, table
from packviz.files.paste import paste
from packviz.files.paste.found import Found
from packviz.files.settle import settle
from packviz.files.stream import Stream

HEAD = 4096


@dataclass(frozen=True)
class Format:
    """One kind of file: its name for people, its suffixes in lower case, how to know it and how to read it."""

    name: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: Callable[[Stream], Found]


FORMATS: tuple[Format, ...] = (
    Format("PyTorch", (".pt", ".pth"), pt.sniff, pt.read),
    Format("NumPy archive", (".npz",), npz.sniff, npz.read),
    Format("NumPy array", (".npy",), npy.sniff, npy.read),
    Format("JSON", (".json",), json_file.sniff, json_file.read),
    Format("Table", (".csv", ".tsv"), table.sniff, table.read),
    Format("Text", (".txt", ".py", ".log"), paste.sniff, paste.read),
)


def load(
    path: str | PathLike[str],
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    lengths: object = None,
    mask: object = None,
    watch: Watch = UNWATCHED,
) -> Batch:
    """The Batch in a file, of the format that its suffix says, or else its first bytes.

    `call`, `options_given`: as in `objects.to_batch`. `lengths`, `mask`: win over those in the file. Raises
    BatchError, naming the file, and Cancelled.
    """
    name = fspath(path)
    try:
        with Path(name).open("rb", buffering=0) as raw:
            return _read(Stream(raw, watch), name, call, options_given, lengths, mask)
    except FileNotFoundError:
        raise BatchError(f"{name}: there is no such file.") from None
    except IsADirectoryError:
        raise BatchError(f"{name}: it is a folder, but a file is expected.") from None
    except OSError as error:
        raise BatchError(f"{name}: it can't be read ({error.strerror or error}).") from None
    except ValueError as error:
        if isinstance(error, BatchError):
            raise
        raise BatchError(f"{name!r} is no name of a file ({error}).") from None


def loads(
    data: bytes,
    name: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    lengths: object = None,
    mask: object = None,
    watch: Watch = UNWATCHED,
) -> Batch:
    """The Batch in bytes from elsewhere, as `load`; `name` stands in errors, and as the source of the batch."""
    return _read(Stream.of(data, watch), name, call, options_given, lengths, mask)


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
    by_suffix = next((known for known in FORMATS if suffix in known.suffixes), None)
    return by_suffix or next((known for known in FORMATS if known.sniff(head)), None)


def _read(
    stream: Stream,
    name: str,
    call: Call | None,
    options_given: frozenset[str],
    lengths: object = None,
    mask: object = None,
) -> Batch:
    stream.watch.check()
    try:
        if stream.size == 0:
            raise BatchError("it is empty.")
        known = format_of(name, stream.read(HEAD) or b"")
        if known is None:
            raise BatchError(f"it is of no format that packviz reads ({', '.join(suffixes())}).")
        batch = settle(known.read(stream), call or Call(), options_given, name, lengths, mask)
    except BatchError as error:
        raise BatchError(f"{name}: {error}") from None
    except MemoryError:
        raise BatchError(f"{name}: it does not fit in memory.") from None
    stream.watch.step(1.0)
    return batch
