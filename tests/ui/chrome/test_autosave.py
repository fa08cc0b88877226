"""Unsaved work is kept while it is in no file, and offered back: after a crash, and after a window that was closed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from packviz.files.kept.sessions import SessionLog, read_session
from packviz.session import actions as act
from packviz.session.store import Session
from packviz.session.updates.saving import session_of
from packviz.ui.chrome.autosave import LAST, _lock
from packviz.ui.window import Window
from tests.ui.conftest import state_of

Start = Callable[[], Window]


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Iterator[Start]:
    """Starts windows one after another, on the same settings and the same folder."""
    windows: list[Window] = []

    def begin() -> Window:
        settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
        window = Window(Session(state_of("first-batch")), settings, tmp_path / "kept")
        window.painted.connect(window.session.work)
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.painted):
            window.show()
        windows.append(window)
        return window

    yield begin
    for window in windows:
        window.session.close()
        window.work.autosave.close()


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "kept").glob("*.packviz"))


def edit(window: Window, qtbot: QtBot) -> None:
    """A length is edited, and the work kept."""
    window.session.apply(act.SetLength(0, 1))
    window.work.autosave.keep()
    qtbot.waitUntil(lambda: window.session.state.keeping is None)


def left_over(folder: Path, window: Window) -> Path:
    """What a crashed process would leave of this work."""
    (folder / "kept").mkdir(exist_ok=True)
    path = folder / "kept" / "123-4.packviz"
    log = SessionLog(path)
    log.save(session_of(window.session.state))
    log.close()
    return path


def offered(window: Window) -> list[str]:
    return [button.text() for button in window.banner.offers]


def test_nothing_is_kept_of_what_is_in_a_file(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    window.session.apply(act.StepTo(2))
    window.work.autosave.keep()
    assert not (tmp_path / "kept").exists()
    window.close()
    assert not (tmp_path / "kept").exists()


def test_edits_are_kept_a_moment_later(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    window.work.autosave._timer.setInterval(0)
    window.session.apply(act.SetLength(0, 1))
    qtbot.waitUntil(lambda: bool(kept(tmp_path)))
    qtbot.waitUntil(lambda: window.session.state.keeping is None)
    (path,) = kept(tmp_path)
    assert read_session(path).documents[0].batch.lengths.tolist()[0] == 1
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


def test_an_undone_edit_and_a_saved_session_leave_nothing(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    edit(window, qtbot)
    assert len(kept(tmp_path)) == 1
    window.session.apply(act.Undo())
    assert kept(tmp_path) == []
    edit(window, qtbot)
    window.session.apply(act.Save(str(tmp_path / "mine.packviz")))
    qtbot.waitUntil(lambda: window.session.state.saving is None)
    assert kept(tmp_path) == []
    window.close()
    assert kept(tmp_path) == []


def test_the_work_of_a_crash_is_offered_and_opened(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    first = start()
    first.session.apply(act.SetLength(0, 1))
    path = left_over(tmp_path, first)
    first.session.apply(act.Undo())
    first.close()
    second = start()
    assert second.banner.text.toPlainText().startswith("packviz ended before 1 batch, changed at ")
    assert second.banner.text.toPlainText().endswith(", was saved.")
    assert offered(second) == ["Open it", "Throw it away"]
    second.banner.offers[0].click()
    qtbot.waitUntil(lambda: second.session.state.restored == str(path))
    assert second.session.state.batch.lengths.tolist()[0] == 1
    assert second.isWindowModified()
    assert path.exists()  # until it is kept here
    second.work.autosave.keep()
    qtbot.waitUntil(lambda: not path.exists())
    assert len(kept(tmp_path)) == 1
    second.close()
    assert [one.name for one in kept(tmp_path)] == [LAST]


def test_the_work_of_a_crash_can_be_thrown_away(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    first = start()
    path = left_over(tmp_path, first)
    first.close()
    second = start()
    second.banner.offers[1].click()
    qtbot.waitUntil(lambda: not path.exists())
    second.close()
    third = start()
    assert third.banner.isHidden()


def test_the_work_of_a_process_that_runs_is_not_offered(start: Start, tmp_path: Path) -> None:
    first = start()
    path = left_over(tmp_path, first)
    first.close()
    running = _lock(path)
    assert running.tryLock(0)
    assert start().banner.isHidden()
    running.unlock()


def test_a_kept_file_that_is_damaged_is_not_offered(start: Start, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "1-1.packviz").write_bytes(b"no")
    assert start().banner.isHidden()


def test_work_that_was_not_saved_when_the_window_was_closed_is_offered(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    first = start()
    first.session.apply(act.SetLength(0, 1))
    first.close()
    assert [one.name for one in kept(tmp_path)] == [LAST]
    second = start()
    assert second.banner.text.toPlainText().startswith("When packviz was closed, 1 batch, changed at ")
    second.banner.offers[0].click()
    qtbot.waitUntil(lambda: second.session.state.restored != "")
    assert second.session.state.batch.lengths.tolist()[0] == 1
    second.session.apply(act.Save(str(tmp_path / "mine.packviz")))
    qtbot.waitUntil(lambda: second.session.state.saving is None)
    second.close()
    assert kept(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_said_once(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    (tmp_path / "kept").write_text("a file")
    window.session.apply(act.SetLength(0, 1))
    window.work.autosave.keep()
    assert "can't be kept for a crash" in window.banner.text.toPlainText()
    window.close()


PROGRAM = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from packviz.app import application
from packviz.core.samples import sample
from packviz.session import actions as act
from packviz.session.state import showing
from packviz.session.store import Session
from packviz.ui.window import Window

app = application()
session = Session(showing(sample("first-batch").load()))
window = Window(session, QSettings(sys.argv[1] + "/s.ini", QSettings.Format.IniFormat), Path(sys.argv[1]) / "kept")
window.painted.connect(session.work)
window.work.autosave._timer.setInterval(0)
number, keeping = 0, None

def edit():
    global number
    number += 1
    session.apply(act.SetLength(0, number))

def look():
    global keeping
    done, keeping = keeping, session.state.keeping
    if done is not None and keeping is None:
        print(done.session.documents[0].batch.lengths[0], flush=True)

session.changed.connect(look)
timer = QTimer()
timer.timeout.connect(edit)
timer.start(5)
window.show()
app.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
@pytest.mark.parametrize(
    "count", [pytest.param(2), pytest.param(200, marks=[pytest.mark.whole, pytest.mark.timeout(3600)])]
)
def test_killed_at_any_moment_the_work_is_offered_back(start: Start, qtbot: QtBot, tmp_path: Path, count: int) -> None:
    chance = random.Random(count)
    for round_ in range(count):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            try:
                for _ in range(1 + round_ * 7 % 40):
                    said = child.stdout.readline()
                time.sleep(chance.uniform(0, 0.03))  # somewhere in a save, or between two
            finally:
                os.kill(child.pid, signal.SIGKILL)
            last = int([said, *child.stdout.read().split()][-1])
        window = start()
        assert offered(window) == ["Open it", "Throw it away"]
        window.banner.offers[0].click()
        qtbot.waitUntil(lambda window=window: window.session.state.restored != "", timeout=60_000)
        assert window.session.state.batch.lengths[0] >= last
        window.session.apply(act.Save(str(tmp_path / "mine.packviz")))
        qtbot.waitUntil(lambda window=window: window.session.state.saving is None, timeout=60_000)
        window.close()
        assert kept(tmp_path) == []
