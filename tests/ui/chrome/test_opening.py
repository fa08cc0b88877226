from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QSettings, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module
from packviz.session.actions import Load
from packviz.session.document import Document, Documents
from packviz.session.loads import LoadRequest, WeightsRequest
from packviz.session.state import State, showing
from packviz.ui.chrome.opening import MOST_RECENT, Opening, free_session
from packviz.ui.chrome.remembered import Remembered


def show_batch(opening: Opening, call: Call) -> None:
    """Open a batch with these options in the window."""
    opening.window.session.state = showing(make_batch([[1, 2], [3, 0]], [2, 1], call))


def opened(opening: Opening) -> Batch:
    """The batch that the newest load reads."""
    batch: Batch = opening.asked[-1].request.do(UNWATCHED).entries[0].batch
    return batch


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Opening:
    window = QWidget()
    window.session = SimpleNamespace(state=State())
    qtbot.addWidget(window)
    made = Opening(window, Remembered(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat), 1))
    made.asked = []
    made.intent.connect(made.asked.append)
    made.window = window
    return made


def documents(*names: str) -> Documents:
    """What has opened."""
    return Documents(tuple(Document(make_batch([[1.0]], [1], source=name), Module()) for name in names))


def test_a_file_that_did_not_open_is_no_recent_one(opening: Opening) -> None:
    opening.open_paths("/x/a.pt", "/x/b.pt")
    opening.note(documents("elsewhere"), "")
    assert opening.recent() == []
    opening.note(documents("elsewhere", "/x/b.pt"), "")
    assert opening.recent() == ["/x/b.pt"]


def test_the_next_dialog_begins_where_the_last_one_ended(
    opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening.open_paths("/x/y/a.pt")
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *given: asked.append(given[2]) or ([], ""))
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    Opening(opening.window, Remembered(settings, 1)).choose_file()
    assert asked == ["/x/y"]


def test_a_file_named_on_the_command_line_is_a_recent_one_for_every_other_folder(
    opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opening.expect("a.pt", "b.pt")
    opening.note(documents("a.pt"), "")
    assert opening.recent() == [str(tmp_path / "a.pt")]


def test_recent_files_are_remembered_newest_first_and_once(opening: Opening) -> None:
    for i in [*range(MOST_RECENT + 3), 5]:
        opening.open_paths(f"/x/{i}.npy")
        opening.note(documents(f"/x/{i}.npy"), "")
    assert opening.recent()[:2] == ["/x/5.npy", f"/x/{MOST_RECENT + 2}.npy"]
    assert len(opening.recent()) == len(set(opening.recent())) == MOST_RECENT


def test_every_load_has_its_own_number(opening: Opening) -> None:
    opening.open_paths("/x/1.npy")
    opening.open_paths("/x/1.npy")
    first, second = (action.request for action in opening.asked)
    assert first.paths == second.paths
    assert first != second


def test_text_is_a_paste_and_files_win_over_their_text(opening: Opening) -> None:
    data = QMimeData()
    assert not opening.takes(data)
    data.setText("[[1, 2], [3, 0]]")
    assert opening.takes(data)
    opening.take(data)
    data.setUrls([QUrl.fromLocalFile("/x/1.npy")])
    opening.take(data)
    pasted, dropped = (action.request for action in opening.asked)
    assert (pasted.text, pasted.paths) == ("[[1, 2], [3, 0]]", ())
    assert (dropped.text, dropped.paths) == (None, ("/x/1.npy",))


def test_what_is_chosen_is_loaded(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/x/w.pt", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (["/x/a.pt", "/x/b.pt"], ""))
    opening.choose_file()
    opening.choose_weights()
    assert [type(action.request) for action in opening.asked] == [LoadRequest, WeightsRequest]
    assert opening.asked[0].request.paths == ("/x/a.pt", "/x/b.pt")
    opening.note(documents("/x/a.pt", "/x/b.pt"), "")
    assert opening.recent() == ["/x/a.pt", "/x/b.pt"]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    opening.choose_file()
    assert len(opening.asked) == 2
    assert all(isinstance(action, Load) for action in opening.asked)


SHOWN = [Call(), Call(True, False), Call(True, True, -1), Call(False, False, 0.5)]


@pytest.mark.parametrize("shown", SHOWN)
def test_what_says_no_options_is_read_with_torchs_whatever_the_window_shows(
    opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Call
) -> None:
    path = tmp_path / "b.json"
    path.write_text("[[1, 2, 3], [4, 5, 0]]")
    show_batch(opening, shown)
    opening.open_paths(str(path))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    opening.choose_file()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    opening.take(data)
    QGuiApplication.clipboard().setText("x = [[1, 2, 3], [4, 5, 0]]")
    opening.paste()
    assert [action.request.call for action in opening.asked] == [Call()] * 4
    assert opened(opening).call == Call()


def test_options_that_are_said_win(opening: Opening, tmp_path: Path) -> None:
    show_batch(opening, Call(True, False, -1))
    own = Call(False, True, 7, 6)
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"x": [[1, 2, 3], [4, 5, 0]], "lengths": [2, 2, 1], **asdict(own)}))
    opening.open_paths(str(path))
    assert opened(opening).call == own
    data = QMimeData()
    data.setText("x = [[1, 2, 3], [4, 5, 0]]\nlengths = [2, 2, 1]\npack_padded_sequence(x, lengths)")
    opening.take(data)
    assert opened(opening).call == Call()


def test_a_session_is_not_offered_the_name_of_the_recording_that_is_open(tmp_path: Path) -> None:
    assert free_session(tmp_path, "run") == tmp_path / "run.packviz"
    for name in ("run.packviz", "run-session.packviz"):
        (tmp_path / name).touch()
    assert free_session(tmp_path, "run") == tmp_path / "run-session2.packviz"
