"""A folder of one's own is one that nobody else has made or can enter."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from packviz.core.own_folder import NotOwn, check_own, make_own, own_folders

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no users in that sense")


def test_that_of_the_session_comes_first_where_it_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/x")
    beside = Path(f"/tmp/x/packviz-{os.getuid()}")
    assert own_folders({"XDG_RUNTIME_DIR": str(tmp_path)}) == [tmp_path / "packviz", beside]
    for other in ("", "relative", str(tmp_path / "none")):
        assert own_folders({"XDG_RUNTIME_DIR": other}) == [beside]


def test_it_is_made_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    for _ in range(2):
        make_own(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o750)
    with pytest.raises(NotOwn, match=r"others may enter .*: its mode is 750, but 700 is expected"):
        make_own(folder)


def test_what_is_none_is_told(tmp_path: Path) -> None:
    own, file, link = tmp_path / "own", tmp_path / "file", tmp_path / "link"
    own.mkdir(0o700)
    file.touch()
    link.symlink_to(own)
    for wrong in (file, link):
        with pytest.raises(NotOwn, match="is no folder"):
            check_own(wrong)
    with pytest.raises(NotOwn, match="can't be made"):
        make_own(tmp_path / "none" / "own")
    with pytest.raises(NotOwn, match="can't be looked at"):
        check_own(tmp_path / "none")


def test_that_of_another_user_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    make_own(own)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(NotOwn, match="belongs to another user"):
        check_own(own)
    assert own_folders({"XDG_RUNTIME_DIR": str(tmp_path)}) == [Path(tempfile.gettempdir(), "packviz-4242")]
