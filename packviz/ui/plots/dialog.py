"""What the windows with a plot have in common: what is plotted, what is said of it, the plot, and Close."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from packviz.session.scene.parts import Scene
from packviz.ui.dialogs.buttons import row_that_closes
from packviz.ui.plots.graph import Side, plot_widget


class PlotDialog(QDialog):
    """A window beside the other one, which follows it while it is open."""

    intent = Signal(object)

    def __init__(self, title: str, axes: tuple[str, str, Side], parent: QWidget | None, *buttons: QPushButton) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._scene: Scene | None = None
        self._shown: tuple[object, ...] = ()
        self.of = QComboBox()
        self.of.activated.connect(self._again)
        self.said = QLabel()
        self.said.setObjectName("muted")
        self.said.setWordWrap(True)
        self.plot = plot_widget(*axes)
        self.plot.setAccessibleName(title)
        self.top = QHBoxLayout()
        self.top.addWidget(self.of)
        self.top.addWidget(self.said, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addLayout(self.top)
        box.addWidget(self.plot, 1)
        box.addLayout(row_that_closes(self, *buttons))

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene."""
        raise NotImplementedError

    def offer(self, names: Sequence[tuple[str, str]]) -> None:
        """What can be plotted, (name, text) each; what is chosen stays, where it is among them."""
        if [self.of.itemData(i) for i in range(self.of.count())] == [name for name, _ in names]:
            return
        chosen = self.of.currentData()
        with QSignalBlocker(self.of):
            self.of.clear()
            for name, text in names:
                self.of.addItem(text, name)
            self.of.setCurrentIndex(max(0, self.of.findData(chosen)))

    def is_new(self, *shown: object) -> bool:
        """Whether something else is to be plotted than the last time; that is noted."""
        before, self._shown = self._shown, shown
        return len(shown) != len(before) or any(a is not b and a != b for a, b in zip(shown, before, strict=True))

    def _again(self) -> None:
        if self._scene is not None:
            self.draw(self._scene, self._scene)
