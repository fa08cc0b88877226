"""State after step t: h, c and the gates of every row, rows in the order of the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from packviz.core.module import STATE_NAMES
from packviz.core.moments import Moment
from packviz.session.actions import Hover, Select, Show, StepBy
from packviz.session.cursor import Place
from packviz.session.scene.pane import Pane
from packviz.session.scene.panes import bad_after
from packviz.session.scene.parts import Pointer, Scene
from packviz.session.scene.trace_grids import StatesGrid
from packviz.ui.canvas.beyond import point_to
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.cells import CellsLayer
from packviz.ui.canvas.image import visible
from packviz.ui.canvas.ruler import HALF_LINE, Ruler, apart, nice_stride, readable
from packviz.ui.canvas.spoken import speak
from packviz.ui.look.lettering import label_font
from packviz.ui.look.theme import qcolour
from packviz.ui.panes.frame import PaneFrame
from packviz.ui.panes.stack import StackPicture

ROOM_FOR_FRAMES = 8.0  # pixels a row
TICK = 3.0
LEAST_NAMED = 4.0  # pixels of a block that is worth a name


class BlockRuler(Ruler):
    """The names of the states over their blocks of units. `grid`: the states that are shown."""

    grid: StatesGrid | None = None

    def look(self) -> tuple[Any, ...]:
        return (*super().look(), self.grid and self.grid.trace)

    def draw(self, p: QPainter) -> None:
        grid = self.grid
        if self.theme is None or grid is None:
            return
        mapper = self.canvas.mapper
        p.setFont(label_font(12))
        p.setPen(qcolour(self.theme, "muted"))
        for index, name in enumerate(grid.trace.names):
            first, stop = grid.block(index)
            x = (first - mapper.across[0]) * mapper.across_scale
            end = (stop - mapper.across[0]) * mapper.across_scale
            x = max(x, 0.0)  # of a block that begins out of view the name stands where it comes in
            width = end - x
            if width < LEAST_NAMED:
                continue
            full = STATE_NAMES[name]
            text = full if p.fontMetrics().horizontalAdvance(full) <= width else name
            box = QRectF(x, self.rect().height() - 19, max(width, 14.0), 17)
            p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class RowRuler(Ruler):
    """Row numbers with the dot of their sequence; ended rows are muted. `grid`: the states that are shown."""

    grid: StatesGrid | None = None

    def look(self) -> tuple[Any, ...]:
        return (*super().look(), self.grid)

    def draw(self, p: QPainter) -> None:
        grid = self.grid
        if self.theme is None or grid is None or self.heads is None:
            return
        mapper = self.canvas.mapper
        rows = visible(mapper.down, grid.rows)
        stride = nice_stride(apart(2 * HALF_LINE, mapper.down_scale))
        shown = self._apart([r for r in rows.tolist() if r % stride == 0 or r == self.current])
        active = grid.active(np.array(shown, dtype=np.int64))
        state = "waits" if grid.moment.direction else "ended"
        for row, head, on in zip(shown, self.heads(shown), active.tolist(), strict=True):
            centre, ended = self._middle(row), not on
            rgb = QColor(*(head.rgb or (128, 128, 128)))
            rgb.setAlpha(110 if ended else 255)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(rgb)
            p.drawEllipse(QRectF(8, centre - 4.5, 9, 9))
            ink = (
                qcolour(self.theme, "error") if head.bad else QColor(*readable(head.rgb or (128, 128, 128), self.theme))
            )
            p.setPen(qcolour(self.theme, "muted") if ended and not head.bad else ink)
            p.setFont(label_font(11, bold=row == self.current))
            packed = row < grid.trace.packing.rows
            text = f"{row} {state}" if ended and mapper.down_scale >= 14 and packed else str(row)
            box = QRectF(22, centre - 9, self.rect().width() - 24, 18)
            p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _middle(self, row: int) -> float:
        mapper = self.canvas.mapper
        return self._inside((row + 0.5 - mapper.down[0]) * mapper.down_scale)

    def _apart(self, rows: list[int]) -> list[int]:
        """The rows whose labels do not run into each other, the current one before all others: the first and the
        last may be moved inside."""
        kept: list[int] = []
        for row in sorted(rows, key=lambda row: (row != self.current, row)):
            if all(abs(self._middle(row) - self._middle(other)) >= 2 * HALF_LINE for other in kept):
                kept.append(row)
        return sorted(kept)


class StatesLayer(CellsLayer):
    """The cells of the state pane, and outlines around whole rows: problems, the selected and the hovered one."""

    bad: frozenset[int] = frozenset()
    row = -1
    hover_row = -1
    hover_unit: tuple[str, int] = ("", -1)

    def _draw_cursor(self, p: QPainter, mapper: Any, theme: Any) -> None:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setBrush(Qt.BrushStyle.NoBrush)
        grid = self.grid
        if grid is None:
            return
        rows = visible(mapper.down, grid.down)
        p.setPen(QPen(qcolour(theme, "error"), 1.4, Qt.PenStyle.DashLine))
        roomy = mapper.down_scale >= ROOM_FOR_FRAMES
        for row in sorted(self.bad & set(rows.tolist())):
            rect = mapper.rect(row, 0, 1, grid.across)
            if roomy:
                p.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            else:  # a frame would cover the row: a tick at its beginning
                p.fillRect(QRectF(0, rect.y(), TICK, max(rect.height(), 1.0)), qcolour(theme, "error"))
        if self.hover_row >= 0:
            p.fillRect(mapper.rect(self.hover_row, 0, 1, grid.across), qcolour(theme, "text", 26))
            column = grid.column(*self.hover_unit) if isinstance(grid, StatesGrid) else -1
            if column >= 0:
                p.setPen(QPen(qcolour(theme, "text"), 1.2))
                p.drawRect(mapper.rect(self.hover_row, column).adjusted(0.6, 0.6, -0.6, -0.6))
        if 0 <= self.row < grid.down:
            p.setPen(QPen(qcolour(theme, "text", 150), 1.2))
            p.drawRoundedRect(mapper.rect(self.row, 0, 1, grid.across).adjusted(1, 1, -1, -1), 5, 5)
            at = QRectF(0, mapper.rect(self.row, 0).y(), mapper.width, mapper.down_scale)
            point_to(p, self.rect(), at, qcolour(theme, "text"), qcolour(theme, "panel"))


def _of_walk(scene: Scene) -> frozenset[int]:
    """The rows in which something is wrong, as far as the walk has come."""
    pointer = scene.pointer
    return bad_after(scene.padded, Moment(pointer.step, pointer.layer, pointer.direction))


class StatesView(PaneFrame):
    """Every state after the current step; ended rows are dimmed and frozen at their final h_n.

    `part`: the pane of the scene that is shown; `bad`: the rows around which a line is drawn; `stacked`: with the
    picture of the stack.
    """

    intent = Signal(object)
    menu_asked = Signal(object, QPoint)  # as of a TimePane

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        name: str = "states",
        part: Callable[[Scene], Pane] = lambda scene: scene.states,
        bad: Callable[[Scene], frozenset[int]] = _of_walk,
        stacked: bool = True,
    ) -> None:
        super().__init__(name, parent)
        self._part, self._bad, self._stacked = part, bad, stacked
        self.pointer: Pointer | None = None
        self.canvas = Canvas(margins=(22, 74))
        self.canvas.most_down = 44.0
        self.canvas.most_across = 72.0
        self.layer = StatesLayer(self.canvas)
        self.blocks, self.rows = BlockRuler(self.canvas, "across"), RowRuler(self.canvas, "down")
        self.canvas.set_rulers(self.blocks, self.rows)
        self.set_body(self.canvas)
        self.stack = StackPicture()
        self.stack.intent.connect(self.intent)
        beside = QHBoxLayout()  # the picture stands to the left of the canvas
        beside.setSpacing(6)
        self.box.removeWidget(self.canvas)
        beside.addWidget(self.stack)
        beside.addWidget(self.canvas, 1)
        self.box.insertLayout(self.box.count() - 1, beside, 1)
        self.canvas.hovered.connect(self._hovered)
        self.canvas.clicked.connect(self._clicked)
        self.canvas.head_clicked.connect(lambda head: self._select(head.place) if head.along == "down" else None)
        self.canvas.doubled.connect(lambda row, _: self._show(row))
        self.canvas.walked.connect(self._walked)
        self.canvas.entered.connect(lambda: self._show(self._row))
        self.canvas.menu_asked.connect(self._menu_asked)

    def fit(self) -> None:
        """Show all rows and units."""
        self.canvas.fit()

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the states after the current step."""
        speak(self.canvas, scene.status.left)
        if self._stacked:
            self.stack.draw(scene, last)
        pane = self._part(scene)
        if last is None or scene.theme is not last.theme:
            self.layer.theme = self.blocks.theme = self.rows.theme = scene.theme
            self.canvas.set_theme(scene.theme)
            self.canvas.refresh()
            self.bar.show_scale(pane.scale, scene.theme)
        new = last is None or pane is not self._part(last)
        if new:
            self.write(pane.title, pane.subtitle, pane.footer, pane.empty)
            self.bar.show_scale(pane.scale, scene.theme)
            self.layer.set_grid(pane.grid, stale=pane.stale)
            self.blocks.grid = self.rows.grid = pane.grid if isinstance(pane.grid, StatesGrid) else None
            if pane.grid is not None:
                self.canvas.set_size(pane.grid.down, pane.grid.across, False)
            self.canvas.refresh()
        padded = scene.padded.grid
        if last is None or scene.padded is not last.padded or self.rows.heads is None:
            self.rows.heads = padded.heads if padded is not None else None
            self.canvas.refresh()
        if last is None or new or scene.padded is not last.padded or scene.pointer is not last.pointer:
            self.layer.bad = self._bad(scene)
        if last is None or scene.pointer is not last.pointer:
            self.pointer = scene.pointer
            self.layer.row = self.rows.current = scene.pointer.row
            self.layer.hover_row = scene.pointer.hover[1] if scene.pointer.hover else -1
            self.layer.hover_unit = scene.pointer.state, scene.pointer.unit
            self.canvas.refresh()
            if last is not None and scene.pointer.row != last.pointer.row:
                self.canvas.reveal(scene.pointer.row, None)

    def _hovered(self, place: tuple[int, int] | None) -> None:
        grid = self.layer.grid
        if place is None or not isinstance(grid, StatesGrid) or not 0 <= place[0] < grid.rows:
            self.intent.emit(Hover(None))
            return
        self.intent.emit(Hover(Place(place[0], grid.step, *grid.unit(place[1]))))

    @property
    def _row(self) -> int:
        return -1 if self.pointer is None else self.pointer.row

    def _has(self, row: int) -> bool:
        grid = self.layer.grid
        return isinstance(grid, StatesGrid) and 0 <= row < grid.rows

    def _clicked(self, down: int, across: int, event: Any) -> None:
        self._select(down)

    def _select(self, row: int) -> None:
        if self._has(row):
            self.intent.emit(Select(row))

    def _show(self, row: int) -> None:
        if self._has(row) and self.pointer is not None:
            self.intent.emit(Show(row, self.pointer.step))

    def _walked(self, down: int, across: int) -> None:
        if down:
            self._select(self._row + down)
        elif across:
            self.intent.emit(StepBy(across))

    def _menu_asked(self, down: int, across: int, at: QPoint) -> None:
        row, grid = self._row if down < 0 else down, self.layer.grid
        if self._has(row) and self.pointer is not None and isinstance(grid, StatesGrid):
            self.menu_asked.emit(Place(row, self.pointer.step, *grid.unit(across)), at)
