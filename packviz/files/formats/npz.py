"""Named arrays in NumPy's .npz format, a zip of .npy files; only those that are needed are read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO, cast

from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.errors import Undecided
from packviz.files.arrays import Archive
from packviz.files.formats.npy import read_array, read_header
from packviz.files.formats.zipped import first_name
from packviz.files.known.mapping import from_mapping
from packviz.files.packed import FIELDS
from packviz.files.paste.found import Found
from packviz.files.several import Several, batches_among
from packviz.files.stream import Stream

DEFLATE_AT_MOST = 1100  # deflate can't do better than about 1 : 1032
LARGEST_SKIPPED = 1024


def sniff(head: bytes) -> bool:
    name = first_name(head)
    return name is not None and name.endswith(".npy")


def read(stream: Stream) -> Found | Several:
    """x, lengths and options under their usual names; arrays without names (arr_0, arr_1) are x, then lengths.

    Several batches are x_0, lengths_0, x_1, lengths_1 or train.x, train.lengths, val.x: each is read when it is asked
    for, so that the archive stays open as long as the stream.
    """
    with _undecided_told(), _damage_told():
        members = Members(zipfile.ZipFile(cast(BinaryIO, stream)))
        if not members:
            raise BatchError("it holds no arrays; save it with np.savez(path, x=x, lengths=lengths).")
        found = _found(members)
    return replace(found, find=_telling(found.find)) if isinstance(found, Several) else found


def _telling(find: Callable[[int], Found]) -> Callable[[int], Found]:
    def found(index: int) -> Found:
        with _damage_told():
            return find(index)

    return found


@contextmanager
def _undecided_told() -> Iterator[None]:
    """What is picked later on is read from the archive as well."""
    try:
        yield
    except Undecided as error:
        raise error.inside(_damage_told) from None


@contextmanager
def _damage_told() -> Iterator[None]:
    """What a damaged archive raises, anywhere in zipfile, as a BatchError."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BatchError(f"it is damaged or no .npz file ({str(error)[:120].rstrip('.')}).") from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, BatchError):
            raise
        raise BatchError(f"it is damaged ({str(error)[:120].rstrip('.')}).") from None


class Members(Archive):
    """The arrays of the archive by name; each is read when it is asked for."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._infos = {i.filename.removesuffix(".npy"): i for i in archive.infolist() if i.filename.endswith(".npy")}

    def __len__(self) -> int:
        return len(self._infos)

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __getitem__(self, name: str) -> NDArray[Any]:
        info = self._infos[name]
        if info.file_size > DEFLATE_AT_MOST * info.compress_size + LARGEST_SKIPPED:
            raise BatchError(f"{name} claims {info.file_size:,} bytes, more than its {info.compress_size:,} can hold.")
        with self._archive.open(info) as file:
            try:
                return read_array(cast(BinaryIO, file), info.file_size)
            except BatchError as error:
                raise BatchError(f"the array {name} in it can't be read: {error}") from None

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape that its header says, without reading the data."""
        with self._archive.open(self._infos[name]) as file:
            return read_header(cast(BinaryIO, file))[0]


def _found(members: Members) -> Found | Several:
    if all(name in members for name in FIELDS[:2]):
        return from_mapping({name: members[name] for name in members if name in FIELDS or not members.shape(name)})
    several = batches_among(members, lambda name: len(members.shape(name)))
    if several is not None:
        return several
    dimensions = {name: len(members.shape(name)) for name in members}
    unnamed = sorted(name for name in members if name.startswith("arr_") and name[4:].isdigit())
    if len(unnamed) == len(members) == 2:
        vectors = [name for name in unnamed if dimensions[name] == 1]
        if len(vectors) == 1:
            x = next(name for name in unnamed if name not in vectors)
            return Found(members[x], members[vectors[0]])
    return from_mapping(members, dimensions=dimensions)
