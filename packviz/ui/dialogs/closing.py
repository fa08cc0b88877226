"""What becomes of a session that has changed since it was saved, when its window is closed."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from packviz.core.texts.quoting import elided, in_line
from packviz.session.actions import Save
from packviz.session.store import Session


class Wish(Enum):
    """What somebody wants who closes the window."""

    SAVE = QMessageBox.StandardButton.Save
    CLOSE = QMessageBox.StandardButton.Discard
    STAY = QMessageBox.StandardButton.Cancel


def ask_to_save(window: QWidget, file: str) -> Wish:
    """Ask whether the session in this file is to be saved first."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("packviz")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{elided(in_line(Path(file).name))} has changed since it was saved.")
    box.setInformativeText("What is not saved is kept, and offered at the next start.")
    box.setStandardButtons(Wish.SAVE.value | Wish.CLOSE.value | Wish.STAY.value)
    box.setDefaultButton(Wish.SAVE.value)
    box.button(Wish.CLOSE.value).setText("Close without saving")
    try:
        return Wish(QMessageBox.StandardButton(box.exec()))
    finally:
        box.deleteLater()


def saved_now(session: Session, file: str) -> bool:
    """Save the session and wait for it; whether that could be done, which is said where it could not."""
    waiting = QEventLoop()

    def look() -> None:
        if session.state.saving is None:
            waiting.quit()

    session.changed.connect(look)
    try:
        session.apply(Save(file))
        if session.state.saving is not None:
            waiting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    finally:
        session.changed.disconnect(look)
    return not session.scene.work.modified
