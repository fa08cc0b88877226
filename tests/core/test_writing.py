"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from packviz.core import writing
from packviz.core.writing import WRITING, in_place_of, write_whole


def test_the_bytes_are_there_and_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.png", b"one")
    write_whole(tmp_path / "a.png", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"two"


def test_who_may_read_it_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o600)
    write_whole(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_it_fails_the_file_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as held:
            held.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]
    assert not WRITING.locked()


def test_a_folder_in_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a"):
        write_whole(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "a", b"x")


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link, dangling = tmp_path / "there" / "a", tmp_path / "link", tmp_path / "dangling"
    target.write_bytes(b"before")
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "there" / "new")
    write_whole(link, b"after")
    write_whole(dangling, b"new")
    assert (link.is_symlink(), dangling.is_symlink()) == (True, True)
    assert target.read_bytes() == b"after"
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["a", "new"]


def test_links_in_a_circle_are_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="a"):
        write_whole(tmp_path / "a", b"x")
    assert (tmp_path / "a").is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes by name there")
def test_what_is_no_file_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, b"x")
    assert os.read(reader, 9) == b"x"
    os.close(reader)
    with pytest.raises(OSError, match="it is no file"), in_place_of(pipe):
        raise AssertionError
    assert pipe.is_fifo()


def test_nobody_may_read_it_meanwhile_who_may_not_before(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o600)
    with in_place_of(path) as beside:
        assert beside.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="files are given away by root alone")
def test_its_owner_stays_as_far_as_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o640)
    os.chown(path, 1234, 5678)
    write_whole(path, b"x")
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 5678, 0o640)


def test_a_name_as_long_as_a_name_may_be(tmp_path: Path) -> None:
    for name in ("a" * 255, "ä" * 127):
        write_whole(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_process_has_left_that_was_killed_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".a.{os.getpid()}").symlink_to(tmp_path / "elsewhere")
    write_whole(tmp_path / "a", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, move = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def moved(self: Path, target: Path) -> Path:
        done.append("moved")
        return move(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", moved)
    write_whole(tmp_path / "a", b"x")
    assert done == ["file", "moved", "folder"]


def test_one_file_is_put_in_its_place_at_a_time(tmp_path: Path) -> None:
    with in_place_of(tmp_path / "a"):
        assert WRITING.locked()
    assert not WRITING.locked()


def test_a_file_that_may_be_written_in_a_folder_that_may_not_is_written_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, make, access = tmp_path / "a", os.open, os.access

    def opened(place: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT and Path(place).parent == tmp_path:
            raise PermissionError(13, "Permission denied", str(place))
        return make(place, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path and access(place, mode))
    with pytest.raises(PermissionError, match=f"'{path}'"):  # and not the name that it has meanwhile
        write_whole(path, b"x")
    path.write_bytes(b"before")
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"


def test_what_must_not_be_replaced_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")

    def still() -> None:
        assert path.read_bytes() == b"before"
        raise ValueError("not that one")

    with pytest.raises(ValueError, match="not that one"), in_place_of(path, still) as beside:
        beside.write_bytes(b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with in_place_of(path, lambda: None) as beside:
        beside.write_bytes(b"after")
    with in_place_of(tmp_path / "new", lambda: None) as beside:
        beside.write_bytes(b"new")
    assert (path.read_bytes(), (tmp_path / "new").read_bytes()) == (b"after", b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks there")
def test_whoever_replaces_a_file_is_alone_with_it_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    path = tmp_path / "a"
    path.write_bytes(b"before")

    def still() -> None:
        with path.open("rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with in_place_of(path, still) as beside:
        beside.write_bytes(b"after")
    monkeypatch.setattr(writing, "PATIENCE_S", 0.05)
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with in_place_of(path, lambda: None) as beside:
            beside.write_bytes(b"all the same")
    assert path.read_bytes() == b"all the same"
