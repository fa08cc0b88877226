"""The names of the parts of a recording, and those that lie beside one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from packviz.files.kept.parts import is_part, part_path, parts_beside


def test_a_part_lies_beside_its_recording_and_is_known_by_its_name(tmp_path: Path) -> None:
    place = str(tmp_path / "run[1].packviz")
    path = part_path(place, "0a1b2c3d4e5f")
    assert path == f"{place}.0a1b2c3d4e5f-{os.getpid()}.part"
    assert is_part(Path(path).name)
    assert not any(
        map(is_part, ("run.packviz", "film.part", "a.mp4.part", "run.packviz.0a1b-x.part", "run.packviz.part"))
    )


def test_those_beside_a_recording_are_found_and_no_others(tmp_path: Path) -> None:
    place = tmp_path / "run[1].packviz"
    mine, other = (part_path(str(place), token) for token in ("aa", "bb"))
    for path in (mine, other, part_path(str(tmp_path / "run1.packviz"), "aa"), f"{place}.mp4-dl.part", str(place)):
        Path(path).write_bytes(b"")
    assert parts_beside(place) == (Path(mine), Path(other))
    assert parts_beside(str(place), "bb") == (Path(other),)
    assert parts_beside(tmp_path / "none.packviz") == ()
    assert parts_beside(tmp_path / "none" / "run.packviz") == ()
    assert parts_beside("memory://run.packviz") == ()


def test_a_folder_that_can_not_be_looked_into_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> object:
        raise PermissionError

    monkeypatch.setattr(Path, "glob", closed)
    assert parts_beside(tmp_path / "run.packviz") == ()
