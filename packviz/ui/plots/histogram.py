"""The histogram of x or of a state, in which the range of the colours of x is set by dragging its ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QPushButton, QWidget

from packviz.session.actions import SetLook
from packviz.session.scene.panes import limits_shown
from packviz.session.scene.parts import Scene
from packviz.session.scene.spread import names_of, saturated, spread_of_cells, spread_of_state, stride_of, told
from packviz.session.scene.trace_grids import StatesGrid
from packviz.session.state import Range
from packviz.ui.look.theme import qcolour
from packviz.ui.plots.dialog import PlotDialog
from packviz.ui.plots.graph import paint_in, pyqtgraph

OF_X = "x"


class HistogramDialog(PlotDialog):
    """The numbers of x or of a state, counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.reset = QPushButton("Reset the range")
        super().__init__("Histogram", ("value", "numbers", "left"), parent, self.reset)
        self.of.setAccessibleName("Of what")
        self.plot.setMouseEnabled(x=True, y=False)
        graph = pyqtgraph()
        self.bars = graph.BarGraphItem(x0=[], x1=[], height=[])
        self.region = graph.LinearRegionItem(swapMode="block")
        self.region.sigRegionChangeFinished.connect(self._dragged)
        self.plot.addItem(self.bars)
        self.plot.addItem(self.region)
        self.reset.clicked.connect(self._reset)
        self.resize(620, 360)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the batch, the step and the range of the scene."""
        self._scene = scene
        grid = scene.states.grid
        self.offer(((OF_X, "x, in its valid cells"), *names_of(grid.trace if isinstance(grid, StatesGrid) else None)))
        if last is None or scene.theme is not last.theme:
            paint_in(self.plot, scene.theme)
            self.bars.setOpts(brush=qcolour(scene.theme, "bar"), pen=qcolour(scene.theme, "panel"))
            self.region.setBrush(qcolour(scene.theme, "accent", 30))
            self.region.setHoverBrush(qcolour(scene.theme, "accent", 50))
            for line in self.region.lines:
                line.setPen(qcolour(scene.theme, "accent"), width=2)
        self._count(scene)
        self._mark(scene)

    def _count(self, scene: Scene) -> None:
        """Count again, where what is counted is another."""
        name, batch, look, grid = self.of.currentData(), scene.controls.batch, scene.controls.look, scene.states.grid
        on_state = name != OF_X and isinstance(grid, StatesGrid)
        if not (self.is_new(name, grid) if on_state else self.is_new(name, batch, look.feature)):
            return
        if on_state:
            assert isinstance(grid, StatesGrid)
            if not grid.trace.known(grid.moment).all():
                self._shown = ()
                self.said.setText(f"The states after t{grid.step} are being computed again…")
                return
            spread = spread_of_state(grid.trace, name, grid.moment)
            lines = [told(spread, f"{name} after t{grid.step}, active rows"), saturated(grid.trace, name, grid.moment)]
        else:
            found = spread_of_cells(batch, look.feature)
            if found is None or batch is None:
                self.bars.setOpts(x0=[], x1=[], height=[])
                self.said.setText("There are no numbers of x to count.")
                return
            spread, stride = found, stride_of(batch)
            named = "x" if batch.feature_count < 2 else "the norm" if look.feature < 0 else f"feature {look.feature}"
            some = f"every {stride}th row and step" if stride > 1 else ""
            lines = [told(spread, named), some]
        self.said.setText(" · ".join(line for line in lines if line))
        self.bars.setOpts(x0=spread.edges[:-1], x1=spread.edges[1:], height=spread.counts)
        if len(spread.edges):
            self.plot.setXRange(float(spread.edges[0]), float(spread.edges[-1]))

    def _mark(self, scene: Scene) -> None:
        """The range of the colours of x, over the counts of x alone."""
        there = self.of.currentData() == OF_X and spread_there(scene)
        self.region.setVisible(there)
        self.reset.setEnabled(scene.controls.look.range is not None)
        if there:
            low, high = limits_shown(scene.controls.batch, scene.controls.look)
            with QSignalBlocker(self.region):
                self.region.setRegion((low, high))

    def _dragged(self, region: Any) -> None:
        low, high = region.getRegion()
        if self._scene is None or not low < high:
            return
        look = self._scene.controls.look
        locked = look.range is not None and look.range.locked
        self.intent.emit(SetLook(replace(look, colour="value", range=Range(float(low), float(high), locked))))

    def _reset(self) -> None:
        if self._scene is not None:
            self.intent.emit(SetLook(replace(self._scene.controls.look, range=None)))


def spread_there(scene: Scene) -> bool:
    """Whether there are numbers of x that have colours by value."""
    batch = scene.controls.batch
    return batch is not None and batch.x.ndim >= 2 and batch.x.size > 0 and batch.x.dtype.kind != "c"
