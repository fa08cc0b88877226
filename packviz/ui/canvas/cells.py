"""Painting a grid of cells: as cells with their numbers where there is room, as an image where there is not.

The grid is asked only for what is visible. The cells are painted once into a pixmap; the cursor, the selection and the
hovered cell are drawn over it, so that pointing costs no more than a blit.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.session.scene.grids import Grid, Kind
from packviz.session.scene.resolve import NO_MARKS
from packviz.ui.canvas.beyond import point_to
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.image import draw_pixels, image_of, pixels, visible
from packviz.ui.canvas.layer import CanvasLayer
from packviz.ui.canvas.looks import CellFonts, Hatch
from packviz.ui.canvas.mapper import Mapper
from packviz.ui.canvas.picture import Picture
from packviz.ui.look.theme import qcolour

ROOMY = 13.0  # pixels from which a cell is drawn as a rounded cell of its own
MOST_CELLS = 6000  # more visible cells than these are drawn as an image
PAST, FUTURE = 0.55, 0.28  # how far past and future steps fade into the panel
MARK_COLOURS = ("error", "silent", "warning", "note")


class CellsLayer(CanvasLayer):
    """The cells of one canvas, and the one cursor over them."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.grid: Grid | None = None
        self.marks = NO_MARKS
        self.selected: tuple[int, int] | None = None
        self.hover: tuple[int, int] | None = None
        self.stale = False
        self.runs: tuple[tuple[int, int], ...] = ()  # of the selected cells: first column and column after the last
        self.steps = (0, 0)  # and their first step and the one after the last
        self._picture, self._mark_picture = Picture(), Picture()
        self._drawn_step = -1  # of the picture; -1 where it does not depend on the step
        self._longest = 0  # characters of the longest number in view
        self._short = False  # there is room for short numbers only
        self._marked = 0  # counts the marks that were shown: arrays are not compared

    def set_grid(self, grid: Grid | None, marks: NDArray[np.int64] = NO_MARKS, stale: bool = False) -> None:
        """These cells, with these marks, (n, 4)."""
        if marks is not self.marks:
            self._marked += 1
        self.grid, self.marks, self.stale = grid, marks, stale

    # ---- painting ------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        if self.grid is None or self.theme is None:
            return
        mapper = self.canvas.mapper
        if mapper.width < 2 or mapper.height < 2:
            return
        ratio = self.canvas.devicePixelRatioF()
        as_cells = self._as_cells(mapper)
        step = self.step if as_cells and self.grid.dims else -1
        p.setClipRect(self.rect(), Qt.ClipOperation.IntersectClip)
        look = (*self.grid.drawn_from, self.theme, mapper, self.backward)
        key = (*look, step)
        if step >= 0 and self._drawn_step >= 0:
            moved = partial(self._draw_move, mapper=mapper, old=self._drawn_step)
            self._picture.mend((*look, self._drawn_step), key, moved)
        self._drawn_step = step
        paint = partial(self._draw_grid, mapper=mapper, ratio=ratio, as_cells=as_cells)
        self._picture.draw(p, key, mapper.width, mapper.height, ratio, paint)
        if not as_cells and self.grid.dims and self.step >= 0:
            above, below = (FUTURE, PAST) if self.backward else (PAST, FUTURE)
            p.fillRect(mapper.band(0, self.step), qcolour(self.theme, "panel", round(255 * above)))
            p.fillRect(mapper.band(self.step + 1, self.grid.down), qcolour(self.theme, "panel", round(255 * below)))
        if self.stale:
            p.fillRect(self.rect(), qcolour(self.theme, "panel", 130))
        if len(self.marks):
            marked = (self._marked, self.theme, mapper)
            paint = partial(self._draw_marks, mapper=mapper)
            self._mark_picture.draw(p, marked, mapper.width, mapper.height, ratio, paint)
        self._draw_cursor(p, mapper, self.theme)

    def _as_cells(self, mapper: Mapper) -> bool:
        """Whether the visible cells are large and few enough to be drawn one by one."""
        assert self.grid is not None
        if min(mapper.down_scale, mapper.across_scale) < ROOMY:
            return False
        return len(visible(mapper.down, self.grid.down)) * len(visible(mapper.across, self.grid.across)) <= MOST_CELLS

    def _draw_grid(self, p: QPainter, mapper: Mapper, ratio: float, as_cells: bool) -> None:
        assert self.grid is not None
        d = visible(mapper.down, self.grid.down)
        c = visible(mapper.across, self.grid.across)
        if len(d) == 0 or len(c) == 0:
            return
        if as_cells:
            self._measure(mapper, d, c)
            self._draw_cells(p, mapper, d, c)
        else:
            self._draw_image(p, mapper, ratio)

    def _draw_move(self, p: QPainter, mapper: Mapper, old: int) -> None:
        """Paint the cells over whose step the cursor has moved; the others look as before."""
        assert self.grid is not None
        first, stop = min(old, self.step), max(old, self.step) + 1
        p.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        p.fillRect(mapper.band(first, stop), Qt.GlobalColor.transparent)
        p.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        d = visible(mapper.down, self.grid.down)
        d = d[(d >= first) & (d < stop)]
        if len(d):
            self._draw_cells(p, mapper, d, visible(mapper.across, self.grid.across))

    def _fades(self, d: NDArray[Any]) -> NDArray[Any]:
        """(n,) how far each of the steps d fades into the panel."""
        if self.grid is None or not self.grid.dims or self.step < 0:
            return np.zeros(len(d))
        above, below = (FUTURE, PAST) if self.backward else (PAST, FUTURE)
        return np.where(d < self.step, above, np.where(d > self.step, below, 0.0))

    def _measure(self, mapper: Mapper, d: Any, c: Any) -> None:
        """How long the numbers in view are, all of them short where only so they fit their cells."""
        assert self.grid is not None
        gap, frame = _rounding(mapper)[0], mapper.rect(0, 0)
        for self._short in (False, True):
            self._longest = max((len(text) for row in self.grid.texts(d, c, self._short) for text in row), default=0)
            if CellFonts(frame.width() - 2 * gap, frame.height() - 2 * gap, self._longest).main is not None:
                return

    def _draw_cells(self, p: QPainter, mapper: Mapper, d: Any, c: Any) -> None:
        grid, theme = self.grid, self.theme
        assert grid is not None and theme is not None
        kinds = grid.kinds(d, c)
        fills = colour.mix(grid.fills(d, c), theme.rgb("panel"), self._fades(d)[:, None, None])
        inks = colour.text_on(fills[..., :3])
        gap, radius = _rounding(mapper)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paddings = Hatch(theme)
        frame = mapper.rect(0, 0)
        texts = grid.texts(d, c, self._short)
        fonts = CellFonts(frame.width() - 2 * gap, frame.height() - 2 * gap, self._longest)
        notes = grid.notes(d, c) if fonts.note is not None else None
        for i, down in enumerate(d.tolist()):
            for j, across in enumerate(c.tolist()):
                kind = kinds[i, j]
                if kind == Kind.NONE:
                    continue
                rect = mapper.rect(down, across).adjusted(gap, gap, -gap, -gap)
                if kind == Kind.DATA:
                    p.setPen(Qt.PenStyle.NoPen)
                    p.setBrush(QColor(*fills[i, j].tolist()))
                    p.drawRoundedRect(rect, radius, radius)
                    ink = QColor(*inks[i, j].tolist())
                else:
                    ink = paddings.draw(p, rect, radius, Kind(kind))
                if kind == Kind.VOID:
                    continue
                fonts.draw(p, rect, texts[i][j], notes[i][j] if notes and kind == Kind.DATA else "", ink)

    def _draw_image(self, p: QPainter, mapper: Mapper, ratio: float) -> None:
        grid, theme = self.grid, self.theme
        assert grid is not None and theme is not None
        along, beside = (mapper.width, mapper.height) if mapper.turned else (mapper.height, mapper.width)
        d, d_edge, d_at = pixels(mapper.down, grid.down, along, mapper.down_scale, ratio)
        c, c_edge, c_at = pixels(mapper.across, grid.across, beside, mapper.across_scale, ratio)
        if len(d) == 0 or len(c) == 0:
            return
        image = image_of(grid, d, c, theme, round(8 * ratio))
        image[d_edge] = 0
        image[:, c_edge] = 0
        if mapper.turned:
            image = image.swapaxes(0, 1)
        draw_pixels(p, QPointF(*((d_at, c_at) if mapper.turned else (c_at, d_at))), image, ratio)

    def _draw_marks(self, p: QPainter, mapper: Mapper) -> None:
        assert self.theme is not None
        marks = self.marks
        first, last = mapper.across
        marks = marks[(marks[:, 0] + 1 > first) & (marks[:, 0] < last)]
        big = min(mapper.down_scale, mapper.across_scale) >= ROOMY
        p.setBrush(Qt.BrushStyle.NoBrush)
        for across, start, stop, rank in marks[:: max(1, len(marks) // 2000)].tolist():
            ink = qcolour(self.theme, MARK_COLOURS[rank])
            if big:
                p.setPen(QPen(ink, 2, Qt.PenStyle.DashLine))
                for down in range(max(start, int(mapper.down[0])), min(stop, int(mapper.down[1]) + 1)):
                    p.drawRoundedRect(mapper.rect(down, across).adjusted(1.5, 1.5, -1.5, -1.5), 5, 5)
            else:
                rect = mapper.rect(start, across, stop - start)
                rect.setWidth(max(rect.width(), 3.0))
                rect.setHeight(max(rect.height(), 3.0))
                p.setPen(QPen(ink, 1.5))
                p.drawRect(rect)

    def _draw_cursor(self, p: QPainter, mapper: Mapper, theme: Theme) -> None:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setBrush(Qt.BrushStyle.NoBrush)
        if self.canvas.ends is not None:
            self._draw_ends(p, mapper, theme)
        for first, stop in self.runs:
            rect = mapper.rect(self.steps[0], first, self.steps[1] - self.steps[0], stop - first)
            rect = rect.intersected(self.rect())
            p.fillRect(rect, qcolour(theme, "accent", 46))
            p.setPen(QPen(qcolour(theme, "accent"), 1.2))
            p.drawRect(rect.adjusted(0.6, 0.6, -0.6, -0.6))
        if self.selected is not None and self.selected[1] >= 0:
            self._frame(p, mapper, self.selected, qcolour(theme, "text"), 1.6)
        if self.hover is not None:
            down, across = self.hover
            tint = qcolour(theme, "text", 26)
            p.setPen(Qt.PenStyle.NoPen)
            p.fillRect(mapper.rect(down, 0, 1, self.grid.across if self.grid else 1), tint)
            if across >= 0:
                p.fillRect(mapper.rect(0, across, self.grid.down if self.grid else 1), tint)
                self._frame(p, mapper, self.hover, qcolour(theme, "text"), 2.2)
        for place in (self.selected, self.hover):
            if place is not None and place[1] >= 0:
                point_to(p, self.rect(), mapper.rect(*place), qcolour(theme, "text"), qcolour(theme, "panel"))

    def _frame(self, p: QPainter, mapper: Mapper, place: tuple[int, int], ink: QColor, width: float) -> None:
        rect = mapper.rect(*place)
        if min(rect.width(), rect.height()) < 5:
            centre = rect.center()
            rect = QRectF(centre.x() - 3.5, centre.y() - 3.5, 7, 7)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(ink, width))
        p.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)

    def _draw_ends(self, p: QPainter, mapper: Mapper, theme: Theme) -> None:
        """A bar under the last cell of each row: the handle of its length."""
        ends = self.canvas.ends
        c = visible(mapper.across, len(ends))
        if mapper.across_scale < 3:
            return
        ink = qcolour(theme, "text", 235 if mapper.across_scale >= ROOMY else 150)
        inset = 4.0 if mapper.across_scale >= ROOMY else 0.5
        thick = 3.0 if mapper.across_scale >= ROOMY else 1.5
        for across in c.tolist():
            edge = mapper.rect(float(ends[across]), across, 0)
            if mapper.turned:
                bar = QRectF(edge.x() - thick / 2, edge.y() + inset, thick, edge.height() - 2 * inset)
            else:
                bar = QRectF(edge.x() + inset, edge.y() - thick / 2, edge.width() - 2 * inset, thick)
            p.fillRect(bar, ink)


def _rounding(mapper: Mapper) -> tuple[float, float]:
    """The gap around a cell and the radius of its corners, in pixels."""
    big = min(mapper.down_scale, mapper.across_scale)
    return (2.5, 5.0) if big >= 34 else (1.5, 3.0) if big >= 22 else (0.8, 2.0)
