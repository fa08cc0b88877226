from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from packviz.showing import place as places
from packviz.showing.place import Place, check_folder, display_missing, own_folder, own_place, screen
from packviz.showing.wire import VERSION, NoWindow


def test_the_folder_is_made_in_that_of_the_session_and_only_this_user_can_enter_it(runtime: Path) -> None:
    folder = own_folder()
    assert folder == runtime / "packviz"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert own_folder() == folder


def test_without_a_folder_of_the_session_it_lies_beside_what_is_temporary(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path = tmp_path_factory.mktemp("t")  # the name of a socket has to fit behind it
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    for session in ({}, {"XDG_RUNTIME_DIR": str(tmp_path / "nowhere")}, {"XDG_RUNTIME_DIR": "relative"}):
        folder = own_folder(session)
        assert folder == tmp_path / f"packviz-{os.getuid()}"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_may_enter_is_refused(runtime: Path) -> None:
    for mode in (0o755, 0o750, 0o701):
        own_folder().chmod(mode)
        with pytest.raises(NoWindow, match=f"its mode is {mode:o}, but 700 is expected"):
            own_folder()
        (runtime / "packviz").chmod(0o700)


def test_a_folder_of_another_user_is_refused(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = own_folder()
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(NoWindow, match="belongs to another user"):
        check_folder(folder)


def test_the_folder_of_another_users_session_is_passed_over(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = runtime / "t"  # of a short name, as a socket wants it
    beside.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(beside))
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(NoWindow, match=f"{beside}/packviz-4242 belongs to another user"):
        own_folder()
    assert not (runtime / "packviz").exists()


def test_a_link_or_a_file_in_its_place_is_refused(runtime: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (runtime / "packviz").symlink_to(tmp_path)
    with pytest.raises(NoWindow, match="is no folder"):
        own_folder()
    (runtime / "packviz").unlink()
    (runtime / "packviz").write_text("")
    with pytest.raises(NoWindow, match="can't be made"):
        own_folder()


def test_a_name_that_no_socket_can_have_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp")
    assert own_folder({"XDG_RUNTIME_DIR": str(deep)}).parent == Path("/tmp")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(deep))
    with pytest.raises(NoWindow, match="too long for a socket"):
        own_folder({"XDG_RUNTIME_DIR": str(deep)})


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"DISPLAY": ":0"}, ":0"),
        ({"DISPLAY": ":0.0"}, ":0"),
        ({"DISPLAY": "far:10.0"}, "far:10"),
        ({"DISPLAY": ":0.1"}, ":0.1"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ":0"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "wayland-0"),
        ({"DISPLAY": ":94", "QT_QPA_PLATFORM": "xcb"}, ":94"),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen:size=1"}, "offscreen"),
        ({"DISPLAY": "../../etc/x y"}, ".._.._etc_x_y"),
        ({"DISPLAY": "x" * 99}, "x" * 32),
    ],
)
def test_each_display_has_a_window_of_its_own(environ: dict[str, str], name: str) -> None:
    assert screen(environ) == name


def test_a_place_has_a_name_for_each_version_of_what_is_said(runtime: Path) -> None:
    place = own_place()
    assert place == Place(runtime / "packviz", f"{VERSION}-offscreen")
    assert len({place.another(), place.another(), place.changing}) == 3
    assert place.another().parent == place.changing.parent == place.folder
    assert place.sockets == Place(runtime / "nowhere", "1-:0").sockets == ()


def test_the_sockets_of_a_place_are_its_own_the_one_that_was_used_last_first(runtime: Path) -> None:
    folder = own_folder()
    place, other = Place(folder, "1-:1"), Place(folder, "1-:1.5")
    paths = [place.another() for _ in range(3)]
    for path in (*paths, other.another(), place.changing, folder / "1-:1.sock", folder / "1-x1.00000000.sock"):
        path.touch()
    for when, path in enumerate((paths[1], paths[0], paths[2])):
        os.utime(path, ns=(when, when))
    assert place.sockets == (paths[2], paths[0], paths[1])
    assert len(other.sockets) == 1


def test_the_sockets_of_a_name_that_a_path_allows_are_short_enough(runtime: Path) -> None:
    place = Place(own_folder({"XDG_RUNTIME_DIR": str(runtime)}), f"{VERSION}-{screen({'DISPLAY': 'x' * 99})}")
    assert len(os.fsencode(place.another())) <= places.LONGEST


def test_where_there_are_no_local_sockets_there_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(places.socket, "AF_UNIX")
    with pytest.raises(NoWindow, match="no local sockets"):
        own_place()


def test_a_display_is_missing_where_the_environment_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.sys, "platform", "linux")
    assert "no display" in (display_missing({}) or "")
    assert display_missing({"DISPLAY": ":0"}) is None
    assert display_missing({"QT_QPA_PLATFORM": "offscreen"}) is None
    monkeypatch.setattr(places.sys, "platform", "darwin")
    assert display_missing({}) is None
