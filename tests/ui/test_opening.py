from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QSettings, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from packviz.session.actions import Load
from packviz.session.work import LoadRequest, WeightsRequest
from packviz.ui.opening import MOST_RECENT, Opening


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Opening:
    window = QWidget()
    qtbot.addWidget(window)
    made = Opening(window, QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    made.asked = []
    made.intent.connect(made.asked.append)
    made.window = window
    return made


def test_recent_files_are_remembered_newest_first_and_once(opening: Opening) -> None:
    for i in [*range(MOST_RECENT + 3), 5]:
        opening.open_path(f"/x/{i}.npy")
    assert opening.recent()[:2] == ["/x/5.npy", f"/x/{MOST_RECENT + 2}.npy"]
    assert len(opening.recent()) == len(set(opening.recent())) == MOST_RECENT


def test_every_load_has_its_own_number(opening: Opening) -> None:
    opening.open_path("/x/1.npy")
    opening.open_path("/x/1.npy")
    first, second = (action.request for action in opening.asked)
    assert first.path == second.path
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
    assert (pasted.text, pasted.path) == ("[[1, 2], [3, 0]]", None)
    assert (dropped.text, dropped.path) == (None, "/x/1.npy")


def test_what_is_chosen_is_loaded(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/x/w.pt", ""))
    opening.choose_file()
    opening.choose_weights()
    assert [type(action.request) for action in opening.asked] == [LoadRequest, WeightsRequest]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    opening.choose_file()
    assert len(opening.asked) == 2
    assert all(isinstance(action, Load) for action in opening.asked)
