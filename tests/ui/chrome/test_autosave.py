"""Unsaved work is kept while it is in no file, and offered back: after a crash, and after a window that was closed."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings, QTimer
from pytestqt.qtbot import QtBot

from packviz.api import load
from packviz.core.saved import SavedSession
from packviz.files.kept.sessions import SessionLog, read_session
from packviz.session import actions as act
from packviz.session.loads import LoadRequest
from packviz.session.state import showing
from packviz.session.store import Session
from packviz.session.updates.saving import session_of
from packviz.ui.chrome import autosave
from packviz.ui.chrome.autosave import LAST
from packviz.ui.chrome.locks import lock_of
from packviz.ui.commands.command import next_serial
from packviz.ui.window import Window
from tests.ui.conftest import state_of

Patch = pytest.MonkeyPatch
Start = Callable[..., Window]


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Iterator[Start]:
    """Starts windows one after another, on the same settings and the same folder: on the built-in sample, or on a
    file."""
    windows: list[Window] = []

    def begin(file: Path | None = None, *, first: act.Action | None = None) -> Window:
        settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
        state = state_of("first-batch")
        if file is not None:
            assert state.batch is not None
            np.savez(file, x=state.batch.x, lengths=state.batch.lengths)
            state = showing(load(file))
        session = Session(state)
        if first is not None:
            session.apply(first)
        window = Window(session, settings, tmp_path / "kept")
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


def crashed(start: Start, folder: Path) -> Path:
    """Where what a crashed process left of an edit lies; its window has ended."""
    first = start()
    first.session.apply(act.SetLength(0, 1))
    path = left_over(folder, first)
    first.session.apply(act.Undo())
    first.close()
    return path


def taken_up(start: Start, qtbot: QtBot, folder: Path) -> tuple[Window, Path]:
    """A window that has opened what a crashed process left of an edit, and where that lies."""
    path = crashed(start, folder)
    second = start()
    second.banner.offers[0].click()
    qtbot.waitUntil(lambda: second.session.state.restored == str(path))
    return second, path


def first_length(path: Path) -> int:
    return int(read_session(path).documents[0].batch.lengths[0])


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
    path = crashed(start, tmp_path)
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


def test_while_a_file_is_read_nothing_is_offered_and_then_it_is(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    first = start()
    left_over(tmp_path, first)
    first.close()
    file = tmp_path / "mine.npz"
    np.savez(file, x=np.ones((4, 2, 3), np.float32), lengths=np.array([4, 4]))
    second = start(first=act.Load(LoadRequest(next_serial(), paths=(str(file),))))
    assert offered(second) == []
    qtbot.waitUntil(lambda: second.session.state.batch.source.name == str(file))
    assert offered(second) == ["Open it", "Throw it away"]


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
    running = lock_of(path)
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


def test_work_that_was_left_is_offered_whatever_is_opened_until_it_is_taken_or_thrown_away(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    first = start()
    first.session.apply(act.SetLength(0, 1))
    first.close()
    for _ in range(2):
        second = start(tmp_path / "mine.npz")
        assert second.banner.text.toPlainText().startswith("When packviz was closed, 1 batch, changed at ")
        assert offered(second) == ["Open it", "Throw it away"]
        second.close()
    third = start(tmp_path / "mine.npz")
    third.banner.offers[1].click()
    qtbot.waitUntil(lambda: kept(tmp_path) == [])
    third.close()
    assert start().banner.text.toPlainText() != second.banner.text.toPlainText()


def test_the_last_work_that_was_opened_and_left_once_more_is_the_last_again(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    first = start()
    first.session.apply(act.SetLength(0, 1))
    first.close()
    second = start()
    second.banner.offers[0].click()
    qtbot.waitUntil(lambda: second.session.state.restored != "")
    second.session.apply(act.SetLength(0, 2))
    second.close()
    assert [path.name for path in kept(tmp_path)] == [LAST]
    assert first_length(tmp_path / "kept" / LAST) == 2


def test_while_it_plays_nothing_is_kept_and_where_it_stops_is(start: Start, qtbot: QtBot) -> None:
    window = start()
    timer = window.work.autosave._timer
    window.session.apply(act.SetLength(0, 1))
    assert timer.isActive()
    timer.stop()
    window.session.apply(act.TogglePlay())
    window.session.apply(act.StepTo(1))
    assert window.session.state.play.on
    assert not timer.isActive()
    window.session.apply(act.TogglePlay())
    assert not window.session.state.play.on
    assert timer.isActive()


def test_a_folder_that_cannot_be_made_is_said_once(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    (tmp_path / "kept").write_text("a file")
    window.session.apply(act.SetLength(0, 1))
    window.work.autosave.keep()
    assert "can't be kept for a crash" in window.banner.text.toPlainText()
    window.session.apply(act.Say(None))
    window.session.apply(act.SetLength(0, 2))
    window.work.autosave.keep()
    assert window.banner.isHidden()
    window.close()


def test_changes_that_never_pause_are_kept(start: Start, qtbot: QtBot, tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(autosave, "LATEST_MS", 0, raising=False)
    window = start()
    window.work.autosave._timer.setInterval(500)
    lengths = itertools.cycle((1, 2))
    editing = QTimer()
    editing.timeout.connect(lambda: window.session.apply(act.SetLength(0, next(lengths))))
    editing.start(5)
    qtbot.waitUntil(lambda: bool(kept(tmp_path)), timeout=30_000)
    editing.stop()
    qtbot.waitUntil(lambda: window.session.state.keeping is None)


def held_back(monkeypatch: Patch) -> threading.Event:
    """Work is kept once this is set, not before."""
    go, save = threading.Event(), SessionLog.save

    def slowly(self: SessionLog, session: SavedSession) -> None:
        go.wait(60)
        save(self, session)

    monkeypatch.setattr(SessionLog, "save", slowly)
    return go


def test_what_changes_while_work_is_being_kept_is_kept_after_it(
    start: Start, qtbot: QtBot, tmp_path: Path, monkeypatch: Patch
) -> None:
    window, go = start(), held_back(monkeypatch)
    window.work.autosave._timer.setInterval(0)
    window.session.apply(act.SetLength(0, 1))
    qtbot.waitUntil(lambda: window.session.state.keeping is not None)
    window.session.apply(act.SetLength(0, 2))
    qtbot.waitUntil(lambda: not window.work.autosave._timer.isActive())
    go.set()
    qtbot.waitUntil(lambda: bool(kept(tmp_path)) and first_length(kept(tmp_path)[0]) == 2)


def test_what_was_saved_while_it_was_being_kept_leaves_nothing(
    start: Start, qtbot: QtBot, tmp_path: Path, monkeypatch: Patch
) -> None:
    window, go = start(), held_back(monkeypatch)
    window.session.apply(act.SetLength(0, 1))
    window.work.autosave.keep()
    window.session.apply(act.Save(str(tmp_path / "mine.packviz")))
    qtbot.waitUntil(lambda: window.session.state.saving is None)
    go.set()
    qtbot.waitUntil(lambda: window.session.state.keeping is None)
    assert kept(tmp_path) == []


def test_damaged_work_hides_no_other(start: Start, tmp_path: Path) -> None:
    path = crashed(start, tmp_path)
    damaged = tmp_path / "kept" / "9-9.packviz"
    damaged.write_bytes(path.read_bytes()[:-3000])
    os.utime(damaged, (2e9, 2e9))
    assert offered(start()) == ["Open it", "Throw it away"]


def test_on_a_disk_that_is_full_what_was_kept_before_is_left(
    start: Start, qtbot: QtBot, tmp_path: Path, monkeypatch: Patch
) -> None:
    window = start()
    edit(window, qtbot)
    window.session.apply(act.SetLength(0, 2))

    def full(self: SessionLog, session: SavedSession) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SessionLog, "save", full)
    window.close()
    monkeypatch.undo()
    (path,) = kept(tmp_path)
    assert first_length(path) == 1
    assert offered(start()) == ["Open it", "Throw it away"]


def test_work_of_a_crash_is_left_where_it_lies_while_it_can_not_be_kept_anew(
    start: Start, qtbot: QtBot, tmp_path: Path, monkeypatch: Patch
) -> None:
    second, path = taken_up(start, qtbot, tmp_path)

    def full(self: SessionLog, session: SavedSession) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SessionLog, "save", full)
        second.work.autosave.keep()
        qtbot.waitUntil(lambda: second.session.state.unkept and second.session.state.keeping is None)
    assert first_length(path) == 1


def test_two_windows_that_are_closed_leave_the_work_of_both(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    first, second = start(), start()
    for window, length in ((first, 1), (second, 2)):
        window.session.apply(act.SetLength(0, length))
    first.close()
    second.close()
    assert sorted(map(first_length, kept(tmp_path))) == [1, 2]
    third = start()
    assert offered(third) == ["Open it", "Throw it away"]
    third.close()
    assert sorted(map(first_length, kept(tmp_path))) == [1, 2]


def test_work_that_was_offered_and_not_opened_gives_way(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    for length in (1, 2, 1):
        window = start()
        window.session.apply(act.SetLength(0, length))
        window.close()
        assert list(map(first_length, kept(tmp_path))) == [length]


@pytest.mark.parametrize("then", [act.Undo(), act.Close()])
def test_work_of_a_crash_that_is_put_away_again_is_not_lost(
    start: Start, qtbot: QtBot, tmp_path: Path, then: act.Action
) -> None:
    second, path = taken_up(start, qtbot, tmp_path)
    second.session.apply(then)
    second.work.autosave.keep()
    qtbot.waitUntil(lambda: second.session.state.keeping is None)
    assert path.exists()


def test_a_file_that_is_opened_beside_changes_leaves_them_kept(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    window.session.apply(act.SetLength(0, 1))
    window.session.apply(act.Open(state_of("first-batch").batch))
    window.work.autosave.keep()
    qtbot.waitUntil(lambda: window.session.state.keeping is None)
    [file] = kept(tmp_path)
    assert [document.batch.lengths.tolist()[0] for document in read_session(file).documents] == [1, 3]


def test_work_of_a_crash_that_was_opened_is_not_offered_twice(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    second, _ = taken_up(start, qtbot, tmp_path)
    second.close()
    assert [one.name for one in kept(tmp_path)] == [LAST]


def test_what_was_not_in_its_place_yet_is_removed(start: Start, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    parts = [tmp_path / "kept" / f".{name}.packviz.77" for name in ("77-1", "78-2")]
    for part in parts:
        part.write_bytes(b"half")
    running = lock_of(tmp_path / "kept" / "78-2.packviz")
    assert running.tryLock(0)
    start()
    assert [part.exists() for part in parts] == [False, True]
    running.unlock()


def test_the_folder_may_go_while_it_is_used(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    window = start()
    edit(window, qtbot)
    shutil.rmtree(tmp_path / "kept")
    window.session.apply(act.SetLength(0, 2))
    window.work.autosave.keep()
    qtbot.waitUntil(lambda: window.session.state.keeping is None)
    assert list(map(first_length, kept(tmp_path))) == [2]


PROGRAM = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from packviz.app import application
from packviz.core.samples import sample
from packviz.session import actions as act
from packviz.session.state import showing
from packviz.session.loads import LoadRequest
from packviz.session.store import Session
from packviz.ui.commands.command import next_serial
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
timer.start(20)
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
                for _ in range(1 + round_ * 7 % 10):
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
        window.session.apply(act.Save(str(tmp_path / "mine.packviz"), anything=True))
        qtbot.waitUntil(lambda window=window: window.session.state.saving is None, timeout=60_000)
        window.close()
        window.session.close()
        assert kept(tmp_path) == []
