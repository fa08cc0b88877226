"""Named arrays in NumPy's .npz format, a zip of .npy files; only those that are needed are read."""

from __future__ import annotations

import io
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
SMALL_ARCHIVE = 1 << 20
SMALL_ARRAY = 1 << 16
MOST_HELD = 16  # small arrays: as many as one batch has


def sniff(head: bytes) -> bool:
    name = first_name(head)
    return name is not None and name.endswith(".npy")


def read(stream: Stream) -> Found | Several:
    """x, lengths and options under their usual names; arrays without names (arr_0, arr_1) are x, then lengths.

    Several batches are x_0, lengths_0, x_1, lengths_1 or train.x, train.lengths, val.x: each is read when it is asked
    for, so that the archive stays open as long as the stream.
    """
    with _undecided_told(), _damage_told():
        members = Members(zipfile.ZipFile(_quickly(stream)))
        if not members:
            raise BatchError("it holds no arrays; save it with np.savez(path, x=x, lengths=lengths).")
        found = _found(members)
    return replace(found, find=_telling(found.find)) if isinstance(found, Several) else found


def _quickly(stream: Stream) -> BinaryIO:
    """The stream; of a small one its bytes, which zipfile goes through in many small steps."""
    return io.BytesIO(stream.read_all()) if stream.size <= SMALL_ARCHIVE else cast(BinaryIO, stream)


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
    """The arrays of the archive by name; each is read when it is asked for, and the last small ones are held."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._infos = {i.filename.removesuffix(".npy"): i for i in archive.infolist() if i.filename.endswith(".npy")}
        self._held: dict[str, NDArray[Any]] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._infos)

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __contains__(self, name: object) -> bool:
        return name in self._infos

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name in self._held:
            return self._held[name]
        array, info = self._read(name), self._infos[name]
        if info.file_size <= SMALL_ARRAY:
            while len(self._held) >= MOST_HELD:
                del self._held[next(iter(self._held))]
            self._held[name] = array
        return array

    def _read(self, name: str) -> NDArray[Any]:
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
        if name not in self._shapes:
            with self._archive.open(self._infos[name]) as file:
                self._shapes[name] = read_header(cast(BinaryIO, file))[0]
        return self._shapes[name]


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
