"""Settings may hold anything: what is wrong to the last bit is left out, and what goes on is kept as it changes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.session.store import Session
from packviz.ui.chrome import remembered as remembering
from packviz.ui.chrome.remembered import LAYOUT, MOST, STARTING, Remembered, opened, sealed
from packviz.ui.window import Window
from tests.ui.conftest import state_of

MANY = int(os.environ.get("PACKVIZ_FLIPS", "1000"))
PARTS = st.dictionaries(st.text(max_size=9), st.binary(max_size=40), max_size=4)


@pytest.fixture
def kept(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "packviz.ini"), QSettings.Format.IniFormat)


def shown(qtbot: QtBot, settings: QSettings) -> Window:
    window = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


@given(PARTS, st.data())
def test_what_is_sealed_comes_out_whole_or_not_at_all(parts: dict[str, bytes], data: st.DataObject) -> None:
    text = sealed(parts, "4 6.1")
    assert opened(text, "4 6.1") == parts
    assert opened(text, "5 6.1") is None
    at, bit = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 6))
    flipped = text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :]
    assert opened(flipped, "4 6.1") is None


@pytest.mark.parametrize("held", ["", "4 6.1", "4 6.1  ", "4 6.1 x {}", "x" * 70_000])
def test_what_was_never_sealed_is_nothing(held: str) -> None:
    assert opened(held, "4 6.1") is None


@pytest.mark.parametrize("held", ["3", "a:b", "61:6", "61:61:61", "ff:00", ":x"])
def test_what_was_sealed_by_another_hand_is_nothing(held: str) -> None:
    assert opened(f"s {remembering._checksum('s', held)} {held}", "s") is None


def test_values_of_other_kinds_and_sizes_are_left_out(kept: QSettings) -> None:
    for key, value in {"a": 3, "b": [1, 2], "c": b"bytes", "d": "x" * 70_000, "e": {"a": 1}, "f": None}.items():
        kept.setValue(key, value)
    memory = Remembered(kept, 1)
    assert [memory.text(key, "default") for key in "cdefg"] == ["default"] * 5
    kept.setValue("many", [f"/a/{i}" for i in range(100_000)])
    assert memory.texts("many") == [f"/a/{i}" for i in range(MOST)]
    kept.setValue("odd", ["", "a", "y" * 70_000, "b"])
    assert memory.texts("odd") == ["a", "b"]


def test_without_settings_nothing_is_remembered() -> None:
    memory = Remembered(None, 1)
    memory.begin()
    memory.put("a", "b")
    memory.keep_layout({"a": b"b"})
    memory.shown()
    assert (memory.text("a", "c"), memory.texts("a"), memory.layout(), memory.trouble) == ("c", [], {}, "")


def test_a_damaged_layout_is_left_out_and_that_is_said(qtbot: QtBot, kept: QSettings) -> None:
    shown(qtbot, kept).close()
    whole = str(kept.value(LAYOUT))
    kept.setValue(LAYOUT, whole[:-9] + ("B" if whole[-9] != "B" else "C") + whole[-8:])
    window = shown(qtbot, kept)
    assert window.session.state.message is not None
    assert window.session.state.message.text == remembering.DAMAGED
    window.close()
    again = shown(qtbot, kept)  # which kept a whole one
    assert again.session.state.message is None
    again.close()


def test_a_layout_of_another_version_is_left_out_without_a_word(qtbot: QtBot, kept: QSettings) -> None:
    kept.setValue(LAYOUT, sealed({"state": b"\0" * 90, "geometry": b"\1" * 60}, "1 5.15.0"))
    window = shown(qtbot, kept)
    assert window.session.state.message is None
    window.close()


def test_a_start_that_ended_before_its_first_frame_costs_the_layout_once(qtbot: QtBot, kept: QSettings) -> None:
    window = shown(qtbot, kept)
    window.layout_keeper.set_shown("row", False)
    window.close()
    assert kept.value(STARTING) in ([], None, "")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept.setValue(STARTING, [str(ended.pid)])
    window = shown(qtbot, kept)
    assert window.session.state.message is not None
    assert window.session.state.message.text == remembering.FAILED
    assert window.layout_keeper.is_shown("row")
    window.close()
    again = shown(qtbot, kept)
    assert again.session.state.message is None
    again.close()


def test_another_window_that_is_just_starting_is_no_failed_one(qtbot: QtBot, kept: QSettings) -> None:
    kept.setValue(STARTING, [str(os.getppid())])
    memory = Remembered(kept, 1)
    memory.begin()
    memory.layout()
    assert memory.trouble == ""
    memory.shown()
    assert Remembered(kept, 1).texts(STARTING) == [str(os.getppid())]


def test_the_layout_is_kept_as_it_changes(qtbot: QtBot, kept: QSettings) -> None:
    window = shown(qtbot, kept)
    before = kept.value(LAYOUT)
    window.layout_keeper.set_shown("row", False)
    qtbot.waitUntil(lambda: kept.value(LAYOUT) != before, timeout=5000)
    again = shown(qtbot, QSettings(kept.fileName(), QSettings.Format.IniFormat))
    assert not again.layout_keeper.is_shown("row")
    again.close()
    window.close()


CHILD = """
import sys
from PySide6.QtCore import QSettings, QTimer
from packviz.app import application
from packviz.core.samples import sample
from packviz.session.state import showing
from packviz.session.store import Session
from packviz.ui.window import Window
app = application()
settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
window = Window(Session(showing(sample("first-batch").load())), settings)
window.show()
def hide():
    window.layout_keeper.set_shown("row", False)
    before = settings.value("layout/sealed")
    def look():
        if settings.value("layout/sealed") != before:
            print("kept", flush=True)
            return
        QTimer.singleShot(20, look)
    look()
window.painted.connect(hide if sys.argv[2:] == ["hide"] else window.close)
app.exec()
"""


def test_a_window_that_is_killed_has_kept_its_layout(qtbot: QtBot, kept: QSettings) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, kept.fileName(), "hide"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "kept\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    window = shown(qtbot, QSettings(kept.fileName(), QSettings.Format.IniFormat))
    assert not window.layout_keeper.is_shown("row")
    assert window.session.state.message is None
    window.close()


def flipped(path: Path, whole: bytes, seed: int) -> None:
    chance = random.Random(seed)
    made = bytearray(whole)
    made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(made))


def test_whatever_bit_of_the_settings_is_turned_the_window_opens(qtbot: QtBot, kept: QSettings) -> None:
    """In this very process: had one of them ended it, none of the tests would have."""
    window = shown(qtbot, kept)
    window.remembered.put("recent", ["/a/b.pt", "/c/d.npz"])
    window.close()
    path = Path(kept.fileName())
    whole = path.read_bytes()
    assert len(whole) > 500
    for seed in range(20):
        flipped(path, whole, seed)
        shown(qtbot, QSettings(str(path), QSettings.Format.IniFormat)).close()
        QApplication.processEvents()


@pytest.mark.whole
@pytest.mark.timeout(0)
def test_so_it_is_for_many_bits_in_processes_of_their_own(qtbot: QtBot, kept: QSettings) -> None:
    shown(qtbot, kept).close()
    path = Path(kept.fileName())
    whole = path.read_bytes()
    for seed in range(MANY):
        flipped(path, whole, seed)
        done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, timeout=60)
        assert done.returncode == 0, (seed, done.stderr[-1000:])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"\0\xff[[[\n" * 1000),
        lambda path: path.write_text(json.dumps({"a": 1})),
        lambda path: path.mkdir(),
        lambda path: path.write_text(
            f"[layout]\nsealed=@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\xfPyObject)\n[General]\nrecent={'a,' * 50_000}\n"
        ),
        lambda path: path.write_text(
            "[General]\nstarting=@Invalid()\ntheme=@ByteArray(x)\norientation=@Rect(1 2 3 4)\n"
        ),
    ],
    ids=["junk", "json", "folder", "variant", "other types"],
)
@pytest.mark.no_qt_log
def test_whatever_stands_in_the_place_of_the_settings_the_window_opens(
    qtbot: QtBot, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    path = tmp_path / "spoilt.ini"
    spoil(path)
    window = shown(qtbot, QSettings(str(path), QSettings.Format.IniFormat))
    assert window.board.panes["padded"].isVisible()
    window.close()
