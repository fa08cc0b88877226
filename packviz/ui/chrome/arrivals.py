"""Batches that programs show: they come from threads of the window's ear, and are added to its list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QMainWindow, QPlainTextEdit, QTextEdit, QWidget

from packviz.session.actions import Receive
from packviz.session.loads import Entry
from packviz.session.receiving import newest
from packviz.session.store import Session

Read = Callable[[bytes | bytearray], Entry]


class Ear(Protocol):
    """What a window listens with."""

    def serve(self, take: Callable[[bytearray], None]) -> None: ...

    def used(self) -> None: ...

    def close(self) -> None: ...


class Arrivals(QObject):
    """Takes what programs show once it is told with which ear to `listen`; any thread may `take` the bytes of a batch.
    `intent` brings the actions, on the thread that this object lives on.

    A program never waits for the window: what comes while it draws comes in one go afterwards, and of more than stay
    open only the newest are held. While somebody types, drags, plays or is in a dialog, what they look at stays.
    """

    intent = Signal(object)
    _came = Signal()

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._ear: Ear | None = None
        self._lock = threading.Lock()
        self._waiting: list[Entry] = []
        self._lost = 0
        self._closed = False
        self._last = ""
        self._came.connect(self._add, Qt.ConnectionType.QueuedConnection)
        window.installEventFilter(self)

    def listen(self, ear: Ear, read: Read) -> None:
        """Take what comes to this ear from now on, as `read` makes it of bytes, until the window is closed."""
        if self._closed:
            ear.close()
            return
        self._ear = ear
        ear.serve(lambda data: self.take(data, read))

    def take(self, data: bytes | bytearray, read: Read) -> None:
        """Read a batch that a program has sent, and have it added. Raises BatchError where it is none,
        ConnectionAbortedError where the window is closed by now: another one has to take it."""
        entry = read(data)
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("the window is closed")
            self._waiting.append(entry)
            more = len(self._waiting) - newest((one.batch, one.module) for one in reversed(self._waiting))
            del self._waiting[:more]
            self._lost += more
        self._came.emit()

    @Slot()
    def _add(self) -> None:
        with self._lock:
            entries, lost = tuple(self._waiting), self._lost
            self._waiting.clear()
            self._lost = 0
        if not entries:
            return  # they came together with those before
        front = not self._is_busy()
        self.intent.emit(Receive(entries, front, lost))
        again, self._last = entries[-1].by == self._last, entries[-1].by
        window = self._window
        if again or not front:
            QApplication.alert(window)  # in a loop it would take the keys away from whoever types elsewhere
            return
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def _is_busy(self) -> bool:
        """Whether what somebody does now is meant for the batch that is open."""
        if QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
            return True
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton or self._session.state.play.on:
            return True
        return _types(QApplication.focusWidget())

    def may_close(self) -> bool:
        """Whether the window may be closed: not before what has been taken is seen. Where it may, nothing is taken any
        more, and who still calls has to call another window."""
        with self._lock:
            self._closed = not self._waiting
            closed = self._closed
        if not closed:
            self._add()
        return closed

    def close(self) -> None:
        """Listen no more."""
        with self._lock:
            self._closed = True
        if self._ear is not None:
            self._ear.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate and self._ear is not None:
            self._ear.used()
        return super().eventFilter(watched, event)


def _types(widget: QWidget | None) -> bool:
    """Whether somebody types into this: a field that they can write in, in whichever window of ours it stands."""
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox)
