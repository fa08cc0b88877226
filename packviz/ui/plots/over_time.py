"""One unit of a state over all steps, the selected rows together; a click goes to a step."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QSpinBox, QWidget

from packviz.core.moments import pass_name
from packviz.core.texts.wording import rows_listed
from packviz.session.actions import StepTo
from packviz.session.scene.lines import MOST_LINES, lines_of
from packviz.session.scene.parts import Scene
from packviz.session.scene.spread import names_of
from packviz.session.scene.trace_grids import StatesGrid
from packviz.ui.look.theme import qcolour
from packviz.ui.plots.dialog import PlotDialog
from packviz.ui.plots.graph import paint_in, pyqtgraph


class OverTimeDialog(PlotDialog):
    """A unit of the rows that are selected, in the layer and direction that is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("A unit over time", ("step t", "value", "bottom"), parent)
        self.of.setAccessibleName("State")
        self.unit = QSpinBox()
        self.unit.setAccessibleName("Unit")
        self.unit.setPrefix("unit ")
        self.unit.setKeyboardTracking(False)
        self.unit.valueChanged.connect(self._again)
        self.top.insertWidget(1, self.unit)
        self.setTabOrder(self.of, self.unit)
        self.now = pyqtgraph().InfiniteLine(angle=90)
        self.plot.addItem(self.now)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.curves: list[Any] = []
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
        self.offer(names_of(trace))
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
        if self.is_new(trace, name, self.unit.value(), rows, at):
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
        if not all(line.whole for line in lines):
            more += " · computing the rest again…"
        self.said.setText(f"{name}[·, {unit}]{told} · {rows_listed([line.row for line in lines])}{more}")

    def _clicked(self, event: Any) -> None:
        if self._scene is None or self._scene.controls.batch is None:
            return
        at = self.plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        step = round(at.x())
        if 0 <= step <= self._scene.pointer.last_step:
            self.intent.emit(StepTo(step))
