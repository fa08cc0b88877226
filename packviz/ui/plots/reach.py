"""Where a cell of x goes: how far every state of its row moves with it, step by step, and what arrives in h_n."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.core.moments import Moment
from packviz.core.origins import OfX
from packviz.core.reach import Reach, Way
from packviz.session.actions import AskReach, GoToPass, Select, StepTo
from packviz.session.scene.parts import Scene
from packviz.session.scene.reach import ReachPart
from packviz.session.state import NORM
from packviz.ui.dialogs.links import escape, link, scrolled_words
from packviz.ui.look.theme import qcolour
from packviz.ui.plots.dialog import PlotDialog
from packviz.ui.plots.graph import paint_in, pyqtgraph

MOST_DOTS = 60  # steps of which each has a dot
BESIDE, LINE = 4, 0.09  # so many names stand in a line above the lines of the plot; its height, as a share of theirs
APART = "\N{EM SPACE}"  # from a name to the line of the next one
WORDS = 190  # pixels of the words below the plot


class ReachDialog(PlotDialog):
    """A window beside the other one, which follows it while it is open: another length or x asks anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Where does this go?", ("step t", "norm of ∂h_t / ∂x", "bottom"), parent)
        self._reach: Reach | None = None
        self.of.setAccessibleName("Of which of its features")
        self.of.activated.connect(self._ask_feature)
        self.plot.setLogMode(x=False, y=True)
        self.plot.setAccessibleName("How far h moves with the cell, after each step")
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.legend = self.plot.addLegend(offset=(8, 6), colCount=BESIDE)
        graph = pyqtgraph()
        self.now, self.read = graph.InfiniteLine(angle=90), graph.InfiniteLine(angle=90)
        self.plot.addItem(self.now)
        self.plot.addItem(self.read)
        self.curves: list[Any] = []
        self.words, area = scrolled_words("What becomes of it in each layer and direction", self.followed)
        area.setFixedHeight(WORDS)
        box = self.layout()
        assert isinstance(box, QVBoxLayout)
        box.insertWidget(2, area)
        self.resize(800, 620)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.intent.emit(AskReach(None))

    # ---- drawn -----------------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene."""
        self._scene, part, theme = scene, scene.reach, scene.theme
        if last is None or theme is not last.theme:
            paint_in(self.plot, theme)
            self.legend.setLabelTextColor(qcolour(theme, "text"))
            self.now.setPen(qcolour(theme, "accent"))
            self.read.setPen(pyqtgraph().mkPen(qcolour(theme, "muted"), style=Qt.PenStyle.DashLine))
        self.now.setPos(scene.pointer.step)
        if not self.is_new(part, theme):
            return
        self._reach = part.reach
        self._offer_features(part)
        self.said.setText(part.reach.measured if part.reach is not None else "")
        self.read.setVisible(part.reach is not None)
        self._draw_lines(part.reach, theme)
        self.words.setText(self._words(part, theme))

    def _offer_features(self, part: ReachPart) -> None:
        """One feature, or all of them."""
        self.of.setVisible(part.features > 1)
        if part.of is None or part.features < 2:
            return
        one = part.of.feature if part.of.feature >= 0 else self._last_feature(part.features)
        self.offer(((str(NORM), f"all {part.features} features"), (str(one), f"feature {one}")))
        self.of.setCurrentIndex(max(0, self.of.findData(str(part.of.feature))))

    def _last_feature(self, features: int) -> int:
        """The feature that was looked at last, here or in the other window."""
        shown = self.of.itemData(1) if self.of.count() > 1 else None
        feature = int(shown) if shown is not None else 0
        return feature if feature < features else 0

    def _draw_lines(self, reach: Reach | None, theme: Theme) -> None:
        for curve in self.curves:
            self.plot.removeItem(curve)
        self.curves = []
        if reach is None:
            return
        inks = _inks(reach, theme)
        dots = reach.length <= MOST_DOTS
        for way, ink in zip(reach.ways, inks, strict=True):
            values = reach.influence[way.end.layer, way.end.direction]
            with np.errstate(invalid="ignore"):
                shown = np.where((values > 0) & np.isfinite(values), values, np.nan)  # 0 is on no logarithmic axis
            style = Qt.PenStyle.DashLine if way.end.direction else Qt.PenStyle.SolidLine
            self.curves.append(
                self.plot.plot(
                    np.arange(reach.length),
                    shown,
                    connect="finite",
                    name=f"{way.name}{APART}",
                    pen=pyqtgraph().mkPen(ink, width=1.8, style=style),
                    symbol="o" if dots else None,
                    symbolSize=6,
                    symbolBrush=ink,
                    symbolPen=None,
                )
            )
        self.read.setPos(reach.of.step)
        self.plot.setXRange(-0.5, reach.length - 0.5, padding=0.01)
        self._fit(reach)

    def _fit(self, reach: Reach) -> None:
        """All that is above 0, and room for the names above it."""
        every = np.concatenate(list(reach.influence.values()))
        seen = np.log10(every[(every > 0) & np.isfinite(every)])
        if len(seen):
            low, high = float(seen.min()), float(seen.max())
            span = max(high - low, 1.0)
            lines = -(-len(reach.influence) // BESIDE)
            self.plot.setYRange(low - LINE * span, high + (lines + 1) * LINE * span, padding=0)

    def _words(self, part: ReachPart, theme: Theme) -> str:
        if part.of is None:
            return escape("Point at a cell of x, and ask with Shift+W.")
        head = f"<b>{escape(part.cell)}</b>" if part.cell else ""
        reach = part.reach
        if reach is None:
            return f"<p>{head}</p><p>{escape(part.why)}</p>"
        lines = [f"{head}<br>{escape(reach.read)}."]
        inks = _inks(reach, theme)
        lines += [_line(way, ink, theme) for way, ink in zip(reach.ways, inks, strict=True)]
        return "".join(f"<p style='margin-top: 0; margin-bottom: 7px'>{line}</p>" for line in lines)

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _ask_feature(self, place: int) -> None:
        of = None if self._scene is None else self._scene.reach.of
        if of is not None:
            self.intent.emit(AskReach(OfX(of.row, of.step, int(self.of.itemData(place)))))

    def followed(self, where: str) -> None:
        """Somebody goes to where it is largest, or to what arrives."""
        if self._reach is None:
            return
        slot, _, which = where.partition(":")
        way = self._reach.ways[int(slot)]
        self._go(way.peak if which == "peak" else way.end)

    def _go(self, moment: Moment) -> None:
        assert self._reach is not None
        self.intent.emit(GoToPass(moment.layer, moment.direction))
        self.intent.emit(StepTo(moment.step))
        self.intent.emit(Select(self._reach.of.row))

    def _clicked(self, event: Any) -> None:
        if self._reach is None:
            return
        step = round(self.plot.getPlotItem().vb.mapSceneToView(event.scenePos()).x())
        if 0 <= step < self._reach.length:
            self.intent.emit(StepTo(step))


def _inks(reach: Reach, theme: Theme) -> list[tuple[int, int, int]]:
    """A colour for each layer and direction."""
    r_g_b = colour.sequence_colours(len(reach.influence), theme).tolist()
    return [(int(r), int(g), int(b)) for r, g, b in r_g_b]


def _line(way: Way, ink: tuple[int, int, int], theme: Theme) -> str:
    """What becomes of it in one layer and direction, with links to where it is largest and to h_n."""
    r, g, b = ink
    dot = f"<span style='color: #{r:02x}{g:02x}{b:02x}'>●</span>"
    peak = f"after t{way.peak.step}"
    largest = escape(way.largest).replace(peak, link(f"{way.slot}:peak", peak, theme), 1)
    arrival = escape(way.arrival).replace(way.place, link(f"{way.slot}:end", way.place, theme), 1)
    return f"{dot} {escape(way.name)}: {largest}. {arrival}."
