"""When what a card shows turns grey: it is of an edit ago, and what replaces it takes longer than a blink."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

GREY_MS = 120  # an answer that takes no longer does not make the old one flicker


class Grey(QTimer):
    """Calls `turn` once, a while after it was asked to, unless what is awaited has come by then."""

    def __init__(self, parent: QObject, turn: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self.setInterval(GREY_MS)
        self.timeout.connect(turn)

    def soon(self) -> None:
        """It is awaited; asking again while it is does not put it off."""
        if not self.isActive():
            self.start()
