"""Addresses are opened by fsspec, and what its drivers raise is one sentence."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import packviz
from packviz.core.errors import BatchError
from packviz.files.addresses import files_at, is_address, opened_at
from packviz.files.registry import load

X = np.array([[1, 2, 3, 0], [4, 5, 0, 0]])


def npz(**arrays: Any) -> bytes:
    data = io.BytesIO()
    np.savez(data, **arrays)
    return data.getvalue()


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


@pytest.mark.parametrize(
    ("name", "it_is"),
    [
        ("s3://bucket/x.npz", True),
        ("memory://x.npz", True),
        ("https://host/x.npz?sig=1", True),
        ("zip://x.npz::s3://bucket/all.zip", True),
        ("simplecache::gcs://bucket/x.npz", True),
        ("x.npz", False),
        ("sample:first-batch", False),
        ("C:\\x.npz", False),
        ("c://x.npz", False),
        ("a folder/s3://x", False),
        ("", False),
    ],
)
def test_an_address_has_a_scheme(name: str, it_is: bool) -> None:
    assert is_address(name) is it_is


def test_a_file_at_an_address_is_read_as_any_other(memory: Any) -> None:
    memory.pipe("/a/b.npz", npz(x=X, lengths=[3, 2], batch_first=True))
    batch = load("memory://a/b.npz")
    assert batch.x.tolist() == X.tolist()
    assert batch.lengths.tolist() == [3, 2]
    assert batch.source.shown == "memory://a/b.npz"
    assert packviz.load("memory://a/b.npz").lengths.tolist() == [3, 2]


def test_a_chained_address_is_read_too(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("in/b.npz", npz(x=X, lengths=[3, 2]))
        archive.writestr("in/a.npz", npz(x=X, lengths=[3, 2]))
    place = f"file://{tmp_path}/all.zip"
    assert load(f"zip://in/b.npz::{place}").x.tolist() == X.tolist()
    assert files_at(f"zip://in::{place}") == [f"zip://in/a.npz::{place}", f"zip://in/b.npz::{place}"]


def test_folders_and_patterns_are_listed_in_order(memory: Any) -> None:
    for name in ("/d/b.npz", "/d/a.npz", "/d/in/c.npz", "/e.npz"):
        memory.pipe(name, b"")
    assert files_at("memory://d") == ["memory:///d/a.npz", "memory:///d/b.npz", "memory:///d/in/c.npz"]
    assert files_at("memory://d/*.npz") == ["memory:///d/a.npz", "memory:///d/b.npz"]
    assert files_at("memory://e.npz") == ["memory://e.npz"]
    assert files_at("https://host/?list=*") == ["https://host/?list=*"]


def test_what_is_not_there_is_one_sentence(memory: Any) -> None:
    with pytest.raises(BatchError, match=r"^memory://none\.npz: there is no such file\.$"):
        load("memory://none.npz")


@pytest.mark.skipif("s3fs" in sys.modules, reason="the driver is there")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://bucket/x.npz", r"the driver for s3:// is not installed here \(Install s3fs to access S3\)"),
        ("qq://bucket/x.npz", r"it can't be opened \(ValueError: Protocol not known: qq\)"),
    ],
)
def test_a_missing_driver_is_one_sentence(address: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    for ask in (load, files_at):
        with pytest.raises(BatchError, match=said):
            ask(address)


def test_without_fsspec_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(BatchError, match="not installed here: pip install fsspec"):
        load("memory://x.npz")


class _Broken(MemoryFileSystem):  # type: ignore[misc]
    """A place whose driver fails in ways of its own, late."""

    protocol = "broken"

    def _open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        if "away" in path:
            raise FileNotFoundError(path) from ConnectionRefusedError("connect call failed")
        return _Failing() if "late" in path else _Unseekable(self.data)

    def cat_file(self, path: str, start: Any = None, end: Any = None, **kwargs: Any) -> bytes:
        return self.data

    def isdir(self, path: str) -> bool:
        return False

    data = npz(x=X, lengths=[3, 2])


class _Failing(io.BytesIO):
    def seek(self, offset: int, whence: int = 0) -> int:
        return 10 if whence else 0

    def tell(self) -> int:
        return 0

    def read(self, size: int | None = -1) -> bytes:
        raise KeyError("no such key, says the driver")


class _Unseekable(io.BytesIO):
    def seek(self, offset: int, whence: int = 0) -> int:
        raise ValueError("cannot seek streaming HTTP file")


@pytest.fixture
def broken() -> Iterator[None]:
    fsspec.register_implementation("broken", _Broken, clobber=True)
    yield
    del sys.modules["fsspec.registry"]._registry["broken"]


def test_what_a_driver_raises_while_it_reads_is_one_sentence(broken: None) -> None:
    with pytest.raises(BatchError, match=r"^broken://late\.npz: .*KeyError: 'no such key, says the driver'"):
        load("broken://late.npz")


def test_a_server_that_can_not_be_reached_is_told_as_that(broken: None) -> None:
    with pytest.raises(BatchError, match=r"can't be reached \(ConnectionRefusedError: connect call failed\)\.$"):
        load("broken://away.npz")


def test_what_can_not_be_read_in_parts_is_read_whole(broken: None) -> None:
    assert load("broken://once.npz").x.tolist() == X.tolist()


def test_the_file_is_closed(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.pipe("/x.npz", npz(x=X, lengths=[3, 2]))
    opened: list[Any] = []
    real = MemoryFileSystem._open

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(real(self, *args, **kwargs))
        return opened[-1]

    closed: list[Any] = []
    monkeypatch.setattr(MemoryFileSystem, "_open", watched)
    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.close", lambda self: closed.append(self))
    with opened_at("memory://x.npz") as raw:
        assert raw.read(2) == b"PK"
    assert closed == opened
