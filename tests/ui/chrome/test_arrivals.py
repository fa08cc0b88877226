from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from packviz.core.batch import BatchError, Call, make_batch
from packviz.session import receiving
from packviz.session.actions import Receive, TogglePlay
from packviz.session.loads import Entry
from packviz.ui.window import Window


def entry_of(data: bytes | bytearray) -> Entry:
    """Of `5 train.py:3` a batch of fives, shown by train.py:3."""
    if not data:
        raise BatchError("it is no batch.")
    number, _, by = bytes(data).decode().partition(" ")
    x = np.full((2, 3), int(number), np.float32)
    batch = make_batch(x, [3, 2], Call(True, False), source=f"x{number}")
    return Entry(batch, notes="Shown by a test.", by=by or f"line {number}")


@pytest.fixture(autouse=True)
def _nobody_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Qt sees it for the whole process: a button that an earlier test has pressed and not let go of, and a field
    that it has left the focus in, are none of this one's."""
    monkeypatch.setattr(QApplication, "mouseButtons", lambda: Qt.MouseButton.NoButton)
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()


class Ear:
    """What a window listens with: it counts."""

    def __init__(self) -> None:
        self.take: Callable[[bytearray], None] | None = None
        self.uses, self.closed = 0, 0

    def serve(self, take: Callable[[bytearray], None]) -> None:
        self.take = take

    def used(self) -> None:
        self.uses += 1

    def close(self) -> None:
        self.closed += 1


def take(window: Window, *said: str) -> None:
    for text in said:
        window.arrivals.take(text.encode(), entry_of)


def shown(window: Window, qtbot: QtBot, *said: str) -> list[str]:
    """What is open once these have come, each alone."""
    for text in said:
        with qtbot.waitSignal(window.arrivals.intent):
            take(window, text)
    return [document.source for document in window.session.state.documents.all]


def current(window: Window) -> str:
    document = window.session.state.document
    return "" if document is None else document.source


def test_what_comes_from_a_thread_opens_on_that_of_the_window(window: Window, qtbot: QtBot) -> None:
    before = window.session.state.documents
    threads: list[threading.Thread] = []
    window.arrivals.intent.connect(lambda action: threads.append(threading.current_thread()))
    other = threading.Thread(target=take, args=(window, "5"))
    with qtbot.waitSignal(window.arrivals.intent) as caught:
        other.start()
    other.join()
    assert isinstance(caught.args[0], Receive)
    assert threads == [threading.main_thread()]
    assert len(window.session.state.documents) == len(before) + 1
    assert window.windowTitle().startswith("x5")
    assert "Shown by a test." in window.banner.text.toPlainText()


def test_further_ones_are_added_in_the_order_in_which_they_came(window: Window, qtbot: QtBot) -> None:
    assert shown(window, qtbot, "1", "2", "3")[-3:] == ["x1", "x2", "x3"]
    assert current(window) == "x3"


def test_what_comes_while_the_window_is_busy_comes_in_one_go_and_never_more_than_stays(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST", 3)
    actions: list[Receive] = []
    window.arrivals.intent.connect(actions.append)
    take(window, *(f"{number} train.py:3" for number in range(10)))
    assert len(window.arrivals._waiting) == 3
    qtbot.waitUntil(lambda: current(window) == "x9")
    QApplication.processEvents()
    [action] = actions
    assert [entry.batch.source.name for entry in action.entries] == ["x7", "x8", "x9"]
    assert action.lost == 7
    assert "7 older batches" in window.banner.text.toPlainText()


def test_a_window_that_was_made_small_comes_back(window: Window, qtbot: QtBot) -> None:
    window.showMinimized()
    assert window.isMinimized()
    shown(window, qtbot, "1")
    assert not window.isMinimized()
    assert not window.windowState() & Qt.WindowState.WindowMinimized


def test_a_loop_does_not_bring_a_window_back_that_somebody_has_put_away(window: Window, qtbot: QtBot) -> None:
    shown(window, qtbot, "1 train.py:3")
    window.showMinimized()
    shown(window, qtbot, "2 train.py:3")
    assert window.isMinimized()
    shown(window, qtbot, "3 other.py:1")
    assert not window.isMinimized()


@pytest.mark.parametrize("kind", ["dialog", "field", "play", "popup"])
def test_what_somebody_works_at_stays_open(window: Window, qtbot: QtBot, kind: str) -> None:
    shown(window, qtbot, "1")
    if kind == "dialog":
        dialog = QDialog(window)
        dialog.open()
        end: Callable[[], object] = dialog.close
    elif kind == "field":
        field = QLineEdit(window)
        field.show()
        window.activateWindow()
        field.setFocus()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
        end = field.deleteLater
    elif kind == "popup":
        window.show_palette()
        end = window.palette_popup.close
    else:
        window.session.apply(TogglePlay())
        assert window.session.state.play.on
        end = lambda: window.session.apply(TogglePlay())  # noqa: E731
    assert shown(window, qtbot, "2")[-1] == "x2"
    assert current(window) == "x1"
    assert "It stands at the end of the list." in window.banner.text.toPlainText()
    end()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    shown(window, qtbot, "3")
    assert current(window) == "x3"


def test_a_text_that_somebody_reads_keeps_nothing_back(window: Window, qtbot: QtBot) -> None:
    shown(window, qtbot, "1")
    text = QPlainTextEdit(window)
    for read_only, front in ((False, "x1"), (True, "x3")):
        text.setReadOnly(read_only)
        text.show()
        window.activateWindow()
        text.setFocus()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is text)
        shown(window, qtbot, "3" if read_only else "2")
        assert current(window) == front
    text.deleteLater()


def test_what_is_no_batch_is_the_senders_error(window: Window) -> None:
    before = window.session.state
    with pytest.raises(BatchError):
        window.arrivals.take(b"", entry_of)
    assert window.session.state is before


def test_the_ear_hears_until_the_window_is_closed_and_which_one_was_used(window: Window, qtbot: QtBot) -> None:
    ear = Ear()
    window.arrivals.listen(ear, entry_of)
    assert ear.take is not None
    with qtbot.waitSignal(window.arrivals.intent):
        ear.take(bytearray(b"4"))
    assert current(window) == "x4"
    uses = ear.uses
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert ear.uses == uses + 1
    window.close()
    assert ear.closed
    with pytest.raises(ConnectionAbortedError):
        ear.take(bytearray(b"5"))


def test_a_window_is_not_closed_over_a_batch_that_nobody_has_seen(window: Window, qtbot: QtBot) -> None:
    take(window, "7")
    assert not window.close()
    assert current(window) == "x7"
    assert window.close()


def test_one_that_is_closed_before_it_listens_does_not_begin(window: Window) -> None:
    window.close()
    ear = Ear()
    window.arrivals.listen(ear, entry_of)
    assert (ear.take, ear.closed) == (None, 1)
