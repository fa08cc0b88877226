"""Two runs side by side: the state of each after the current moment, how far they are apart, and how that grows."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from packviz.session.actions import GoToPass, HoldAgainst, KeepRun, Show, StepTo
from packviz.session.scene.parts import Scene
from packviz.session.scene.two_runs import TwoRunsPart
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.dialogs.buttons import row_that_closes
from packviz.ui.look.theme import qcolour
from packviz.ui.panes.states import StatesView
from packviz.ui.plots.graph import paint_in, plot_widget, pyqtgraph

PLOT = 116  # pixels of the plot of the difference


class TwoRunsDialog(QDialog):
    """A window beside the other one, which follows it while it is open. All three panes show the same cells."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Two runs side by side")
        self._scene: Scene | None = None
        self._part: TwoRunsPart | None = None
        self.other = QComboBox()
        self.other.setAccessibleName("The other run")
        self.other.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.other.activated.connect(self._chosen)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.first = QPushButton("First difference")
        self.first.setToolTip("Go to where the two runs first differ, in the order of the walk")
        self.first.clicked.connect(self._to_first)
        self.keep = QPushButton("Keep this run")
        self.keep.setToolTip("To compare later ones with it: change lengths, weights or the device")
        self.keep.clicked.connect(self._keep)
        self.pointed = QLabel()
        self.pointed.setObjectName("muted")
        self.plot = plot_widget("step t", "max |Δ|", "bottom")
        self.plot.setAccessibleName("The largest difference after each step")
        self.plot.setFixedHeight(PLOT)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.curve = self.plot.plot([], [], symbol="o", symbolSize=4)
        self.now = pyqtgraph().InfiniteLine(angle=90)
        self.plot.addItem(self.now)
        self.this = StatesView(name="this", part=lambda s: s.two.this, bad=_nothing, stacked=False)
        self.that = StatesView(name="that", part=lambda s: s.two.that, bad=_nothing, stacked=False)
        self.between = StatesView(name="between", part=lambda s: s.two.between, bad=_differing, stacked=False)
        self.views = (self.this, self.that, self.between)
        panes = QSplitter(Qt.Orientation.Vertical)
        panes.setChildrenCollapsible(False)
        for view in self.views:
            view.intent.connect(self.intent)
            view.canvas.mapped.connect(lambda canvas=view.canvas: self._follow(canvas))
            panes.addWidget(view)
        top = QHBoxLayout()
        top.addWidget(QLabel("This run against"))
        top.addWidget(self.other, 1)
        top.addWidget(self.keep)
        top.addWidget(self.first)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addLayout(top)
        box.addWidget(self.said)
        box.addWidget(self.plot)
        box.addWidget(panes, 1)
        box.addWidget(self.pointed)
        box.addLayout(row_that_closes(self))
        panes.setSizes([1 << 16] * len(self.views))
        self.resize(980, 760)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.intent.emit(HoldAgainst(None))

    # ---- drawn -----------------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene."""
        self._scene, part = scene, scene.two
        for view in self.views:
            view.draw(scene, last)
        if last is None or scene.theme is not last.theme:
            paint_in(self.plot, scene.theme)
            self.curve.setPen(qcolour(scene.theme, "accent"), width=1.6)
            self.curve.setSymbolBrush(qcolour(scene.theme, "accent"))
            self.curve.setSymbolPen(None)
            self.now.setPen(qcolour(scene.theme, "accent"))
        self.now.setPos(scene.pointer.step)
        if last is not None and part is last.two and scene.pointer is last.pointer and self._part is part:
            return
        self._offer(part)
        self.said.setText(part.said)
        self.pointed.setText(part.pointed or "Point at a number to see it in both runs.")
        self.first.setEnabled(part.found is not None and part.found.comparison.first is not None)
        self._plot(part, scene.pointer.layer, scene.pointer.direction)
        self._part = part

    def _offer(self, part: TwoRunsPart) -> None:
        if [self.other.itemData(i) for i in range(self.other.count())] != [other for other, _ in part.offered] or [
            self.other.itemText(i) for i in range(self.other.count())
        ] != [text for _, text in part.offered]:
            with QSignalBlocker(self.other):
                self.other.clear()
                for other, text in part.offered:
                    self.other.addItem(text, other)
        with QSignalBlocker(self.other):
            places = [place for place, (other, _) in enumerate(part.offered) if other == part.chosen]
            self.other.setCurrentIndex(places[0] if places else -1)

    def _plot(self, part: TwoRunsPart, layer: int, direction: int) -> None:
        found = part.found
        self.plot.setVisible(found is not None)
        there = found is not None and layer < found.moments.layers and direction < found.moments.directions
        values = found.along(layer, direction) if found is not None and there else np.empty(0)
        shown = np.where(np.isfinite(values), values, np.nan)
        self.curve.setData(np.arange(len(values)), shown, connect="finite")
        if len(values):
            self.plot.setXRange(-0.5, len(values) - 0.5, padding=0.01)
            self.plot.setYRange(0, max(float(np.nanmax(shown, initial=0.0)), 1e-12), padding=0.08)

    def _follow(self, canvas: Canvas) -> None:
        """The same cells in all panes, where somebody zooms or pans one of them."""
        for view in self.views:
            other = view.canvas
            if other is canvas or (other.size_down, other.size_across) != (canvas.size_down, canvas.size_across):
                continue
            if canvas.fitted:
                if not other.fitted:
                    other.fit()
                continue
            other.fitted = False
            other.ranges.set(canvas.ranges.x, canvas.ranges.y)

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _chosen(self, place: int) -> None:
        self.intent.emit(HoldAgainst(self.other.itemData(place)))

    def _keep(self) -> None:
        self.intent.emit(KeepRun())

    def _to_first(self) -> None:
        found = None if self._scene is None else self._scene.two.found
        if found is not None and found.comparison.first is not None:
            first = found.comparison.first
            self.intent.emit(GoToPass(first.layer, first.direction))
            self.intent.emit(StepTo(first.step))
            self.intent.emit(Show(first.row, first.step))

    def _clicked(self, event: Any) -> None:
        if self._scene is None or self._scene.controls.batch is None:
            return
        step = round(self.plot.getPlotItem().vb.mapSceneToView(event.scenePos()).x())
        if 0 <= step <= self._scene.pointer.last_step:
            self.intent.emit(StepTo(step))


def _nothing(scene: Scene) -> frozenset[int]:
    return frozenset()


def _differing(scene: Scene) -> frozenset[int]:
    return scene.two.differ
