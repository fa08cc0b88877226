"""Batches that programs show: they come from threads of the window's ear, and open one after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from packviz.session.actions import Receive
from packviz.session.loads import Entry


class Arrivals(QObject):
    """Any thread may `take` the bytes of a batch, which `read` reads; `intent` brings the action, on the thread that
    this object lives on, and the window comes to the front."""

    intent = Signal(object)
    _came = Signal(object)

    def __init__(self, window: QWidget, read: Callable[[bytes | bytearray], Entry]) -> None:
        super().__init__(window)
        self._window, self._read = window, read
        self._came.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def take(self, data: bytes | bytearray) -> None:
        """Read a batch that a program has sent, and have it opened. Raises BatchError where it is none."""
        self._came.emit(self._read(data))

    @Slot(object)
    def _open(self, entry: Entry) -> None:
        self.intent.emit(Receive(entry))
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
