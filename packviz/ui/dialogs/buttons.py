"""The row of buttons below a dialog, in the window's looks."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton


def buttons_of(dialog: QDialog, which: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """Standard buttons that accept and reject the dialog; words alone, where a style would add pictures of its own."""
    box = QDialogButtonBox(which)
    for button in box.buttons():
        button.setIcon(QIcon())
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def row_that_closes(dialog: QDialog, *before: QPushButton) -> QHBoxLayout:
    """The row below a dialog that stays open: these buttons and Close, to the right; Enter presses none by itself."""
    close, row = QPushButton("Close"), QHBoxLayout()
    close.clicked.connect(dialog.close)
    row.addStretch(1)
    for button in (*before, close):
        button.setAutoDefault(False)
        row.addWidget(button)
    return row
