"""Saving by hand: where it was saved before, or where somebody says; the title bears the mark until it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from packviz.core.saved import SavedSession
from packviz.files.kept.sessions import read_session, save_session
from packviz.files.kept.standing import standing_at
from packviz.session import actions as act
from packviz.ui.dialogs import closing
from packviz.ui.dialogs.closing import Wish
from packviz.ui.window import Window


@pytest.fixture
def where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Where the dialog is answered; each is asked for once."""
    answers = [str(tmp_path / "work")]
    asked: list[str] = []

    def ask(parent: object, title: str, beside: str, kinds: str) -> tuple[str, str]:
        asked.append(beside)
        return answers[0], kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return asked


def settled(window: Window, qtbot: QtBot) -> None:
    window.session.work()
    qtbot.waitUntil(lambda: window.session.state.saving is None)


def test_the_first_save_asks_where_and_the_next_does_not(
    window: Window, qtbot: QtBot, where: list[str], tmp_path: Path
) -> None:
    window.session.apply(act.SetLength(0, 1))
    assert window.isWindowModified()
    window.menus.do("save")
    settled(window, qtbot)
    path = tmp_path / "work.packviz"
    assert read_session(path).documents[0].batch.lengths.tolist()[0] == 1
    assert window.windowTitle() == "work.packviz: first-batch[*] — packviz"
    assert not window.isWindowModified()
    assert window.status.currentMessage() == f"Saved: {path}"
    assert window.opening.recent()[:1] in ([str(path)], [])
    window.session.apply(act.SetLength(0, 2))
    assert window.isWindowModified()
    window.menus.do("save")
    settled(window, qtbot)
    assert read_session(path).documents[0].batch.lengths.tolist()[0] == 2
    assert [Path(beside).name for beside in where] == ["first-batch.packviz"]
    window.menus.do("save_as")
    settled(window, qtbot)
    assert len(where) == 2


def test_a_dialog_that_is_given_up_saves_nothing(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *asked: ("", ""))
    window.menus.do("save")
    assert window.session.state.saving is None


def test_a_name_that_looks_like_the_mark_is_shown_as_it_is(window: Window) -> None:
    from packviz.core.batch import make_batch

    window.session.apply(act.Open(make_batch([[1.0]], [1], source="a[*].pt")))
    assert window.windowTitle() == "a[*][*].pt[*] — packviz"


@pytest.mark.parametrize("wish", Wish)
def test_of_a_session_that_has_changed_it_is_asked(
    window: Window, qtbot: QtBot, where: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: Wish
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(closing, "ask_to_save", lambda parent, file: asked.append(file) or wish)
    assert window.work.may_close()
    window.menus.do("save")
    settled(window, qtbot)
    assert window.work.may_close()
    assert asked == []
    window.session.apply(act.SetLength(0, 1))
    assert window.work.may_close() == (wish is not Wish.STAY)
    path = tmp_path / "work.packviz"
    assert asked == [str(path)]
    saved = read_session(path).documents[0].batch.lengths.tolist()[0]
    assert (saved == 1) == (wish is Wish.SAVE)
    if wish is Wish.STAY:
        window.close()
        assert window.isVisible()
        monkeypatch.setattr(closing, "ask_to_save", lambda parent, file: Wish.CLOSE)


@pytest.mark.parametrize("wish", [Wish.SAVE, Wish.CLOSE])
def test_what_a_program_shows_while_it_is_asked_keeps_the_window_open(
    window: Window, qtbot: QtBot, where: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: Wish
) -> None:
    from packviz.core.batch import make_batch
    from packviz.session.loads import Entry

    def ask(parent: object, file: str) -> Wish:
        window.session.apply(
            act.Receive((Entry(make_batch([[1.0]], [1], source="x"), by="1 train.py:3"),), front=False)
        )
        return wish

    window.menus.do("save")
    settled(window, qtbot)
    window.session.apply(act.SetLength(0, 1))
    monkeypatch.setattr(closing, "ask_to_save", ask)
    assert not window.close()
    assert window.isVisible()
    assert len(window.session.state.documents) == 2
    monkeypatch.setattr(closing, "ask_to_save", lambda parent, file: Wish.CLOSE)
    assert window.close()


def test_what_another_window_has_saved_is_asked_about(
    window: Window, qtbot: QtBot, where: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "ask_to_save", lambda parent, file: Wish.CLOSE)
    path = tmp_path / "work.packviz"
    window.session.apply(act.SetLength(0, 1))
    window.menus.do("save")
    settled(window, qtbot)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *asked: (str(path), ""))
    for length, answer in enumerate(("leave", "anyway", "elsewhere"), 2):
        theirs = save_session(path, SavedSession())
        window.session.apply(act.SetLength(0, length))
        window.menus.do("save")
        settled(window, qtbot)
        box = window.work.replacing
        assert box.isVisible()
        assert "another window or program has saved it since" in box.text()
        assert standing_at(path).identity == theirs
        assert window.isWindowModified()
        with qtbot.waitSignal(box.destroyed):
            getattr(box, answer).click()
        settled(window, qtbot)
        assert (standing_at(path).identity == theirs) == (answer == "leave")
        assert window.isWindowModified() == (answer == "leave")
    assert read_session(path).documents[0].batch.lengths.tolist()[0] == 4


def test_a_name_without_a_suffix_replaces_no_file_that_nobody_was_asked_about(
    window: Window, qtbot: QtBot, where: list[str], tmp_path: Path
) -> None:
    (tmp_path / "work.packviz").write_bytes(b"x")
    window.menus.do("save")
    settled(window, qtbot)
    assert (tmp_path / "work.packviz").read_bytes() == b"x"
    box = window.work.replacing
    assert box.text().endswith("work.packviz is another file, which would be lost.")
    with qtbot.waitSignal(box.destroyed):
        box.leave.click()
