"""A file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.writing import WRITING, write_whole


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
