"""h_n and c_n in a window of their own, which stays open: the way of each number back to its cell of x."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from packviz.session.actions import Hover
from packviz.session.scene.final_grid import finals_of
from packviz.session.scene.parts import Scene
from packviz.session.scene.trace_grids import StatesGrid
from packviz.ui.dialogs.buttons import row_that_closes
from packviz.ui.panes.final import FinalView

HINT = "Point at a number to see its way from x. A click goes there, a double click or W asks where it comes from."
TEXTS = {"h_n": "h_n, the final hidden states", "c_n": "c_n, the final cell states"}


class FinalDialog(QDialog):
    """A window beside the other one, which follows it while it is open. `asked`, `going`: of which number somebody
    wants to know where it comes from, and of which cell where it goes."""

    intent = Signal(object)
    asked = Signal(object)
    going = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Final states")
        self._scene: Scene | None = None
        self.of = QComboBox()
        self.of.setAccessibleName("Which final states")
        self.of.activated.connect(self._chosen)
        self.view = FinalView()
        self.view.intent.connect(self.intent)
        self.view.asked.connect(self.asked)
        self.view.going.connect(self.going)
        self.view.pointed.connect(self._say)
        self.said = QLabel(HINT)
        self.said.setWordWrap(True)
        self.origin = QPushButton("Where does it come from?")
        self.origin.setToolTip("The equation of the number that is pointed at, filled in (W)")
        self.origin.clicked.connect(self.view.ask)
        self.reach = QPushButton("Where does its cell go?")
        self.reach.setToolTip("How far every state of the row moves with the cell of x that is read there (Shift+W)")
        self.reach.clicked.connect(self.view.ask_reach)
        QShortcut(QKeySequence("W"), self, self.view.ask)
        QShortcut(QKeySequence("Shift+W"), self, self.view.ask_reach)
        top = QHBoxLayout()
        top.addWidget(self.of)
        top.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addLayout(top)
        box.addWidget(self.view, 1)
        box.addWidget(self.said)
        box.addLayout(row_that_closes(self, self.origin, self.reach))
        self.setTabOrder(self.of, self.view.canvas)
        self.resize(980, 520)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.intent.emit(Hover(None))

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene."""
        self._scene = scene
        grid = scene.states.grid
        names = finals_of(grid.trace if isinstance(grid, StatesGrid) else None)
        if names and [self.of.itemData(i) for i in range(self.of.count())] != list(names):
            with QSignalBlocker(self.of):
                self.of.clear()
                for name in names:
                    self.of.addItem(TEXTS[name], name)
                self.of.setCurrentIndex(max(0, self.of.findData(self.view.shown)))
        self.of.setVisible(len(names) > 1)
        self.view.shown = str(self.of.currentData() or "h_n")
        self.view.draw(scene, last)
        for button in (self.origin, self.reach):
            button.setEnabled(self.view.grid is not None)

    def _say(self, told: str) -> None:
        self.said.setText(told or HINT)

    def _chosen(self) -> None:
        if self._scene is not None:
            self.draw(self._scene, self._scene)
