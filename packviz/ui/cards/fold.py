"""A line that says how many cards are folded under it, and unfolds them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget


class Fold(QToolButton):
    """`▸ 3 errors follow from it`. `turned`: it was folded or unfolded by hand."""

    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fold")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCheckable(True)
        self.toggled.connect(self._turn)
        self.clicked.connect(self.turned)
        self._turn(False)
        self.hide()

    @property
    def open(self) -> bool:
        """Whether what is under it is shown."""
        return self.isChecked()

    def say(self, text: str) -> None:
        """What is under it; nothing is under it where there is no text, and then it is not there."""
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def _turn(self, on: bool) -> None:
        self.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.setAccessibleDescription("shown" if on else "folded")
