"""One unit of a state over all steps, the selected rows together; a click goes to a step."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from packviz.core.moments import pass_name
from packviz.core.texts.wording import rows_listed
from packviz.session.actions import StepTo
from packviz.session.scene.lines import MOST_LINES, lines_of
from packviz.session.scene.parts import Scene
from packviz.session.scene.spread import names_of
from packviz.session.scene.trace_grids import StatesGrid
from packviz.ui.look.theme import qcolour
from packviz.ui.plots.graph import paint_in, plot_widget, pyqtgraph


class OverTimeDialog(QDialog):
    """A window beside the other one, which follows the rows, the layer and the step while it is open."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A unit over time")
        self._scene: Scene | None = None
        self._shown: tuple[object, ...] = ()
        self.of, self.unit = QComboBox(), QSpinBox()
        self.of.setAccessibleName("State")
        self.unit.setAccessibleName("Unit")
        self.unit.setPrefix("unit ")
        self.unit.setKeyboardTracking(False)
        self.of.activated.connect(self._again)
        self.unit.valueChanged.connect(self._again)
        self.said = QLabel()
        self.said.setObjectName("muted")
        self.said.setWordWrap(True)
        self.plot = plot_widget("step t", "value")
        self.plot.setAccessibleName("A unit over time")
        self.now = pyqtgraph().InfiniteLine(angle=90)
        self.plot.addItem(self.now)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.curves: list[Any] = []
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        close.setAutoDefault(False)
        top, below = QHBoxLayout(), QHBoxLayout()
        for part in (self.of, self.unit):
            top.addWidget(part)
        top.addWidget(self.said, 1)
        below.addStretch(1)
        below.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addLayout(top)
        box.addWidget(self.plot, 1)
        box.addLayout(below)
        self.resize(680, 360)

    def show_unit(self, name: str, unit: int) -> None:
        """Another state and unit; taken once a scene has them."""
        self._shown = ()
        with QSignalBlocker(self.of), QSignalBlocker(self.unit):
            self.of.setCurrentIndex(max(0, self.of.findData(name)))
            self.unit.setValue(unit)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene."""
        self._scene = scene
        grid = scene.states.grid
        trace = grid.trace if isinstance(grid, StatesGrid) else None
        names = names_of(trace)
        if [self.of.itemData(i) for i in range(self.of.count())] != [name for name, _ in names]:
            chosen = self.of.currentData()
            with QSignalBlocker(self.of):
                self.of.clear()
                for name, text in names:
                    self.of.addItem(text, name)
                self.of.setCurrentIndex(max(0, self.of.findData(chosen)))
        name = str(self.of.currentData() or "")
        if trace is not None:
            with QSignalBlocker(self.unit):
                self.unit.setMaximum(max(0, trace.width(name) - 1))
        if last is None or scene.theme is not last.theme:
            paint_in(self.plot, scene.theme)
            self._shown = ()
        pointer = scene.pointer
        rows = pointer.block.rows if pointer.block is not None else (pointer.row,)
        at = (pointer.layer, pointer.direction)
        self.now.setPos(pointer.step)
        self.now.setPen(qcolour(scene.theme, "accent"))
        shown = (trace, name, self.unit.value(), rows, at)
        if len(shown) == len(self._shown) and all(a is b or a == b for a, b in zip(shown, self._shown, strict=True)):
            return
        self._shown = shown
        self._draw_lines(scene, rows, at)

    def _draw_lines(self, scene: Scene, rows: tuple[int, ...], at: tuple[int, int]) -> None:
        for curve in self.curves:
            self.plot.removeItem(curve)
        grid = scene.states.grid
        trace = grid.trace if isinstance(grid, StatesGrid) else None
        name, unit = str(self.of.currentData() or ""), self.unit.value()
        lines = lines_of(trace, name, unit, rows, at)
        heads = {} if scene.padded.grid is None else {r: scene.padded.grid.heads([r])[0].rgb for r in rows[:MOST_LINES]}
        self.curves = [
            self.plot.plot(
                range(len(line.values)),
                line.values,
                pen=pyqtgraph().mkPen(heads.get(line.row) or scene.theme.rgb("accent"), width=1.6),
                symbol="o" if len(line.values) <= 60 else None,
                symbolSize=4,
                symbolBrush=heads.get(line.row) or scene.theme.rgb("accent"),
                symbolPen=None,
            )
            for line in lines
        ]
        if trace is None or not lines:
            self.said.setText(scene.states.empty or "There is nothing to plot: the selected row is not packed.")
            return
        told = f", {pass_name(*at, trace.directions)}" if len(trace.states) > 1 else ""
        more = f", the first {MOST_LINES}" if len(rows) > MOST_LINES else ""
        self.said.setText(f"{name}[·, {unit}]{told} · {rows_listed([line.row for line in lines])}{more}")

    def _again(self) -> None:
        if self._scene is not None:
            self.draw(self._scene, self._scene)

    def _clicked(self, event: Any) -> None:
        if self._scene is None or self._scene.controls.batch is None:
            return
        at = self.plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        step = round(at.x())
        if 0 <= step <= self._scene.pointer.last_step:
            self.intent.emit(StepTo(step))
