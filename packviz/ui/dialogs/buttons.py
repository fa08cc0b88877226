"""The row of buttons below a dialog, in the window's looks."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox


def buttons_of(dialog: QDialog, which: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """Standard buttons that accept and reject the dialog; words alone, where a style would add pictures of its own."""
    box = QDialogButtonBox(which)
    for button in box.buttons():
        button.setIcon(QIcon())
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box
