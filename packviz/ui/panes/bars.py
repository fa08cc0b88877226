"""The batch_sizes pane: one bar a step, on the shared time axis."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import Theme
from packviz.session.actions import Hover, StepTo, ToggleBreakpoint
from packviz.session.cursor import Place
from packviz.session.scene.resolve import Bars, Pointer, Scene
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.image import draw_pixels, pixels, rgba, visible
from packviz.ui.canvas.layer import CanvasLayer
from packviz.ui.canvas.picture import Picture
from packviz.ui.canvas.surface import TimeAxis
from packviz.ui.look.lettering import label_font, width_of
from packviz.ui.look.theme import qcolour
from packviz.ui.panes.time_pane import TimePane

ROOM = 44.0  # pixels kept for the number behind the longest bar
HIGH, CLEAR = 9.0, 4.0  # pixels of a digit, and from the scanline to a number beside it
ROOM_BELOW = 22.0  # or below it, where time runs right


class BarsLayer(CanvasLayer):
    """The bars of one canvas, and the scanline over them."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.bars: Bars | None = None
        self.hover = -1
        self._picture, self._shape = Picture(), Picture()

    def paint(self, p: QPainter) -> None:
        bars, theme = self.bars, self.theme
        if bars is None or theme is None:
            return
        mapper = self.canvas.mapper
        p.setClipRect(self.rect(), Qt.ClipOperation.IntersectClip)
        ratio = self.canvas.devicePixelRatioF()
        self._picture.draw(p, (bars, theme, mapper, self.step), mapper.width, mapper.height, ratio, self._draw)
        if self.hover >= 0:
            p.fillRect(mapper.band(self.hover, self.hover + 1), qcolour(theme, "text", 26))

    def _draw(self, p: QPainter) -> None:
        bars, theme = self.bars, self.theme
        assert bars is not None and theme is not None
        mapper = self.canvas.mapper
        steps = visible(mapper.down, len(bars.sizes))
        across = mapper.height if mapper.turned else mapper.width
        unit = max(across - (ROOM_BELOW if mapper.turned else ROOM), 10.0) / max(1, bars.rows)
        roomy = mapper.down_scale >= 14
        if roomy:
            self._draw_bars(p, theme, bars, steps, unit)
        elif len(steps):
            self._shape.draw(
                p,
                (bars, theme, mapper),
                mapper.width,
                mapper.height,
                self.canvas.devicePixelRatioF(),
                partial(self._draw_outline, theme=theme, bars=bars, unit=unit),
            )
            self._draw_size(p, theme, bars, unit)

    def _bar(self, step: int, size: float, unit: float, gap: float) -> QRectF:
        band = self.canvas.mapper.band(step, step + 1)
        if self.canvas.turned:
            return QRectF(band.x() + gap, 0, band.width() - 2 * gap, size * unit)
        return QRectF(0, band.y() + gap, size * unit, band.height() - 2 * gap)

    def _draw_bars(self, p: QPainter, theme: Theme, bars: Bars, steps: Any, unit: float) -> None:
        gap = min(14.0, self.canvas.mapper.down_scale * 0.24)
        for t in steps.tolist():
            size = int(bars.sizes[t])
            missing = t >= bars.steps
            rect = self._bar(t, size, unit, gap)
            p.setPen(QPen(qcolour(theme, "error"), 1.4, Qt.PenStyle.DashLine) if missing else Qt.PenStyle.NoPen)
            p.setBrush(Qt.BrushStyle.NoBrush if missing else qcolour(theme, "accent" if t == self.step else "bar"))
            p.drawRoundedRect(rect, 3, 3)
            font: QFont = label_font(13, bold=True)
            p.setFont(font)
            p.setPen(qcolour(theme, "error" if missing else "accent" if t == self.step else "text"))
            if self.canvas.turned:
                box = QRectF(rect.center().x() - 30, rect.bottom() + 2, 60, 16)
                p.drawText(box, Qt.AlignmentFlag.AlignCenter, str(size))
            else:
                box = QRectF(rect.right() + 8, rect.center().y() - 9, ROOM, 18)
                p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, str(size))

    def _draw_outline(self, p: QPainter, theme: Theme, bars: Bars, unit: float) -> None:
        """Bars too thin for numbers, pixel by pixel."""
        mapper, ratio = self.canvas.mapper, self.canvas.devicePixelRatioF()
        along, beside = (mapper.width, mapper.height) if mapper.turned else (mapper.height, mapper.width)
        step, _, first = pixels(mapper.down, len(bars.sizes), along, mapper.down_scale, ratio)
        ink = np.where(step < bars.steps, np.uint32(rgba(theme, "bar")), np.uint32(rgba(theme, "error")))
        reach = bars.sizes[step] * unit * ratio
        image = np.where(np.arange(round(beside * ratio)) < reach[:, None], ink[:, None], np.uint32(0))
        image = image.T if mapper.turned else image
        draw_pixels(p, QPointF(first, 0) if mapper.turned else QPointF(0, first), image, ratio)

    def _draw_size(self, p: QPainter, theme: Theme, bars: Bars, unit: float) -> None:
        """The number of the current step, beside the outline."""
        if not 0 <= self.step < len(bars.sizes):
            return
        mapper, size = self.canvas.mapper, int(bars.sizes[self.step])
        p.setPen(qcolour(theme, "accent"))
        p.setFont(label_font(12, bold=True))
        centre = mapper.band(self.step, self.step + 1).center()
        if not self.rect().contains(centre):
            return  # zoomed or moved out of view: beside another step it would be a lie
        p.drawText(self._beside_the_line(bars, unit, width_of(str(size), 12, True)), str(size))

    def _beside_the_line(self, bars: Bars, unit: float, wide: float) -> QPointF:
        """Where a number begins that the scanline does not strike through: after the current step, or before it where
        the pane ends; and beyond all bars that it stands beside. `wide`: of the number, in pixels."""
        mapper = self.canvas.mapper
        along, end = (wide, mapper.width) if mapper.turned else (HIGH, mapper.height)
        band = mapper.band(self.step, self.step + 1)
        first, last = (band.left(), band.right()) if mapper.turned else (band.top(), band.bottom())
        start = last + CLEAR if last + CLEAR + along <= end else first - CLEAR - along
        beside = np.arange(*(int(np.floor(mapper.down[0] + at / mapper.down_scale)) for at in (start, start + along)))
        beyond = float(bars.sizes[beside[(beside >= 0) & (beside < len(bars.sizes))]].max(initial=0)) * unit
        beyond = max(beyond, bars.sizes[self.step] * unit)
        return QPointF(start, beyond + 14) if mapper.turned else QPointF(beyond + 8, start + HIGH)


class BarsPane(TimePane):
    """batch_sizes beside the cells: bar t is the number of rows active at step t."""

    def __init__(self, time: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__("sizes", time, parent)
        self.layer: BarsLayer = BarsLayer(self.canvas)
        self.canvas.hovered.connect(self._hovered)
        self.canvas.clicked.connect(self._clicked)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show batch_sizes and the scanline."""
        turned = scene.controls.look.orientation == "right"
        if last is None or scene.theme is not last.theme:
            self._set_theme(scene.theme)
        if turned != self.canvas.turned:
            self._turn(turned)
        if last is None or scene.sizes is not last.sizes or self.layer.bars is None:
            bars = scene.sizes
            self.write(bars.title, bars.subtitle, bars.footer, bars.empty)
            self.blank(not len(bars.sizes))
            self.layer.bars = bars
            self.canvas.set_size(bars.down, 1, turned)
            self.canvas.refresh()
        if last is None or scene.pointer is not last.pointer:
            self._point(scene.pointer)
            self._follow(scene.pointer, last)

    def _point(self, pointer: Pointer) -> None:
        self.layer.hover = pointer.hover[0] if pointer.hover else -1
        self._mark_step(pointer)

    def _hovered(self, place: tuple[int, int] | None) -> None:
        inside = place is not None and 0 <= place[0] < self.canvas.size_down
        self.intent.emit(Hover(Place(-1, place[0]) if inside and place else None))

    def _clicked(self, down: int, across: int, event: Any) -> None:
        if 0 <= down < self.canvas.size_down:
            middle = event.button() == Qt.MouseButton.MiddleButton
            self.intent.emit(ToggleBreakpoint(down) if middle else StepTo(down))
