from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.core.batch import BatchError, Call, make_batch
from packviz.session.actions import Receive
from packviz.session.loads import Entry
from packviz.ui.chrome.arrivals import Arrivals
from packviz.ui.window import Window


def entry_of(data: bytes | bytearray) -> Entry:
    if not data:
        raise BatchError("it is no batch.")
    x = np.full((2, 3), len(data), np.float32)
    return Entry(
        make_batch(x, [3, 2], Call(True, False), source=f"x of train.py:{len(data)}"), notes="Shown by a test."
    )


def arrivals_of(window: Window) -> Arrivals:
    arrivals = Arrivals(window, entry_of)
    arrivals.intent.connect(window.session.apply)
    return arrivals


def test_what_comes_from_a_thread_opens_on_that_of_the_window(window: Window, qtbot: QtBot) -> None:
    arrivals = arrivals_of(window)
    before = window.session.state.documents
    threads: list[threading.Thread] = []
    arrivals.intent.connect(lambda action: threads.append(threading.current_thread()))
    other = threading.Thread(target=arrivals.take, args=(b"12345",))
    with qtbot.waitSignal(arrivals.intent) as caught:
        other.start()
    other.join()
    assert isinstance(caught.args[0], Receive)
    assert threads == [threading.main_thread()]
    assert len(window.session.state.documents) == len(before) + 1
    assert window.windowTitle().startswith("x of train.py:5")
    assert "Shown by a test." in window.banner.text.toPlainText()


def test_further_ones_are_added_in_the_order_in_which_they_came(window: Window, qtbot: QtBot) -> None:
    arrivals = arrivals_of(window)
    for size in (1, 2, 3):
        with qtbot.waitSignal(arrivals.intent):
            arrivals.take(bytes(size))
    names = [document.source for document in window.session.state.documents.all]
    assert names[-3:] == ["x of train.py:1", "x of train.py:2", "x of train.py:3"]
    assert window.session.state.documents.current.source == names[-1]


def test_a_window_that_was_made_small_comes_back(window: Window, qtbot: QtBot) -> None:
    arrivals = arrivals_of(window)
    window.showMinimized()
    assert window.isMinimized()
    with qtbot.waitSignal(arrivals.intent):
        arrivals.take(b"1")
    assert not window.isMinimized()
    assert not window.windowState() & Qt.WindowState.WindowMinimized


def test_what_is_no_batch_is_the_senders_error(window: Window) -> None:
    before = window.session.state
    with pytest.raises(BatchError):
        arrivals_of(window).take(b"")
    assert window.session.state is before
