"""The final states as torch returns them: slot after slot, headed by its layer and direction; each number leads to the
moment and the cell that it comes from."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from packviz.core.batch import Batch
from packviz.core.moments import pass_name
from packviz.core.texts.wording import rows_listed
from packviz.session.actions import GoToPass, Hover, Select, StepTo
from packviz.session.cursor import Place
from packviz.session.scene.final_grid import FinalGrid, FinalNumber
from packviz.session.scene.numbers import number
from packviz.session.scene.parts import Scene
from packviz.session.scene.scale import through_zero
from packviz.session.scene.trace_grids import StatesGrid
from packviz.session.scene.words import of_line, shape_text
from packviz.ui.canvas.beyond import point_to
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.cells import CellsLayer
from packviz.ui.canvas.ruler import Ruler
from packviz.ui.canvas.spoken import speak
from packviz.ui.look.lettering import label_font
from packviz.ui.look.theme import qcolour
from packviz.ui.panes.frame import PaneFrame

MARGINS = (40, 104)
LINE = 16.0  # pixels of a line of a heading
LEAST = 5.0  # pixels of a cell that has room for a frame of its own


class SlotRuler(Ruler):
    """Over each slot its name, and its layer and direction; those of `slot`, which is shown, are lit."""

    grid: FinalGrid | None = None
    slot = -1

    def look(self) -> tuple[Any, ...]:
        return (*super().look(), self.grid, self.slot)

    def draw(self, p: QPainter) -> None:
        grid = self.grid
        if self.theme is None or grid is None:
            return
        mapper = self.canvas.mapper
        for slot in range(grid.slots):
            first, stop = grid.block(slot)
            x = max((first - mapper.across[0]) * mapper.across_scale, 0.0)  # a name stands where its slot comes in
            width = (stop - mapper.across[0]) * mapper.across_scale - x
            lit = slot == self.slot
            p.setFont(label_font(12, bold=lit))
            p.setPen(qcolour(self.theme, "accent" if lit else "text"))
            layer, direction = grid.at(slot)
            long, metrics = pass_name(layer, direction, grid.trace.directions), QFontMetricsF(p.font())
            self._write(p, (f"{grid.shown}[{slot}]", f"[{slot}]", str(slot)), x, width, 2, metrics)
            if not lit:
                p.setPen(qcolour(self.theme, "muted"))
            self._write(p, (long, long.removeprefix("layer "), long[-1]), x, width, 1, metrics)

    def _write(
        self, p: QPainter, texts: tuple[str, ...], x: float, width: float, line: int, metrics: QFontMetricsF
    ) -> None:
        """The first of the texts that there is room for; `line`: counted from the cells up."""
        for text in texts:
            if metrics.horizontalAdvance(text) <= width:
                box = QRectF(x, self.rect().height() - 3 - line * LINE, width + 1, LINE)
                p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
                return


class FinalLayer(CellsLayer):
    """The cells, the slot that is lit, the selected row, and the number that is pointed at."""

    row = -1
    hover_row = -1
    lit = -1
    number: FinalNumber | None = None

    def _draw_cursor(self, p: QPainter, mapper: Any, theme: Any) -> None:
        grid = self.grid
        if not isinstance(grid, FinalGrid):
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setBrush(Qt.BrushStyle.NoBrush)
        if 0 <= self.hover_row < grid.down:
            p.fillRect(mapper.rect(self.hover_row, 0, 1, grid.across), qcolour(theme, "text", 26))
        if 0 <= self.lit < grid.slots and grid.slots > 1:
            first, stop = grid.block(self.lit)
            p.setPen(QPen(qcolour(theme, "accent"), 2))
            p.drawRoundedRect(mapper.rect(0, first, grid.down, stop - first).adjusted(1, 1, -1, -1), 3, 3)
        if 0 <= self.row < grid.down:
            p.setPen(QPen(qcolour(theme, "text", 150), 1.2))
            p.drawRoundedRect(mapper.rect(self.row, 0, 1, grid.across).adjusted(1, 1, -1, -1), 5, 5)
        if self.number is not None:
            rect = mapper.rect(self.number.row, grid.column(self.number))
            if min(rect.width(), rect.height()) < LEAST:
                centre = rect.center()
                rect = QRectF(centre.x() - LEAST, centre.y() - LEAST, 2 * LEAST, 2 * LEAST)
            p.setPen(QPen(qcolour(theme, "text"), 2))
            p.drawRoundedRect(rect.adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)
            point_to(p, self.rect(), rect, qcolour(theme, "text"), qcolour(theme, "panel"))


class FinalView(PaneFrame):
    """The grid. `shown`: h_n or c_n. `pointed` brings the way of the number that is pointed at, in words; `asked` the
    one of which somebody wants to know where it comes from, `going` the cell of which they want to know where it goes.
    """

    intent = Signal(object)
    pointed = Signal(str)
    asked = Signal(object)
    going = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("final", parent)
        self.shown = "h_n"
        self.grid: FinalGrid | None = None
        self._batch: Batch | None = None
        self.number: FinalNumber | None = None
        self.canvas = Canvas(margins=MARGINS)
        self.canvas.most_down, self.canvas.most_across = 44.0, 72.0
        self.layer = FinalLayer(self.canvas)
        self.slots, self.rows = SlotRuler(self.canvas, "across"), Ruler(self.canvas, "down")
        self.canvas.set_rulers(self.slots, self.rows)
        self.set_body(self.canvas)
        self.canvas.hovered.connect(self._hovered)
        self.canvas.clicked.connect(lambda row, column, _: self._go_to(row, column))
        self.canvas.head_clicked.connect(lambda head: self._select(head.place) if head.along == "down" else None)
        self.canvas.doubled.connect(self._doubled)
        self.canvas.walked.connect(self._walked)
        self.canvas.entered.connect(self._entered)

    # ---- drawn -----------------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the final states of the run that the scene shows."""
        theme, states, batch = scene.theme, scene.states.grid, scene.controls.batch
        trace = states.trace if isinstance(states, StatesGrid) else None
        rows = 0 if not isinstance(states, StatesGrid) else states.rows
        if last is None or theme is not last.theme:
            self.layer.theme = self.slots.theme = self.rows.theme = theme
            self.canvas.set_theme(theme)
        now = self.grid
        same = now is not None and (now.trace, now.shown, now.rows, now.theme) == (trace, self.shown, rows, theme)
        if last is None or not same or scene.states.of != last.states.of or batch is not self._batch:
            self._batch = batch
            known = trace is not None and self.shown in trace.final
            self._show(FinalGrid(trace, self.shown, rows, theme) if trace is not None and known else None, scene)
        self.rows.heads = None if scene.padded.grid is None else scene.padded.grid.heads
        pointer = scene.pointer
        self.layer.row = self.rows.current = pointer.row
        self.layer.hover_row = pointer.hover[1] if pointer.hover else -1
        lit = -1 if self.grid is None else self.grid.slot_of(pointer.layer, pointer.direction)
        self.layer.lit = self.slots.slot = lit
        self.canvas.refresh()

    def _show(self, grid: FinalGrid | None, scene: Scene) -> None:
        self.grid = self.slots.grid = grid
        self.layer.set_grid(grid, stale=scene.states.stale)
        if grid is None:
            self.write(self.shown, "", "", scene.states.empty or "Nothing is stepped.")
            self.bar.show_scale(None, scene.theme)
        else:
            lengths, directions = grid.trace.packing.lengths, grid.trace.directions
            subtitle = of_line(scene.states.of, "layers × directions, rows in the order of the batch, units")
            slot = "slot = 2 · layer + direction" if directions > 1 else "slot = layer"
            ends = "a row ends after its last step" + (", backward after t0" if directions > 1 else "")
            dropped = rows_listed(range(len(lengths), grid.rows))
            footer = f"{slot} · {ends}" + (f" · {dropped}: no length, torch drops them" if dropped else "")
            self.write(f"{self.shown} {shape_text(grid.values.shape)}", subtitle, footer, "")
            scale = through_zero(number(grid.limit), f"{self.shown} by value, one scale for all slots")
            self.bar.show_scale(scale, scene.theme)
            self.canvas.set_size(grid.down, grid.across, False)
        held = self.number
        kept = grid is not None and held is not None and held.slot < grid.slots and held.unit < grid.width
        self._point(held if kept and grid and held and grid.number(held.row, grid.column(held)) else None)

    def _point(self, number: FinalNumber | None) -> None:
        """The words are of this number."""
        self.number = self.layer.number = number
        told = ""
        if number is not None and self.grid is not None and self._batch is not None:
            told = self.grid.told(number, self._batch)
        speak(self.canvas, told)
        self.pointed.emit(told)
        self.canvas.refresh()

    # ---- asking ----------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Where does the number that is pointed at come from, or the first one of the current row?"""
        number = self.number or self._current()
        if self.grid is not None and number is not None:
            self._point(number)
            self.asked.emit(self.grid.of(number))

    def ask_reach(self) -> None:
        """Where does the cell of x go that is read at the step of that number?"""
        number = self.number or self._current()
        if self.grid is not None and number is not None:
            self._point(number)
            self.going.emit(Place(number.row, self.grid.moment(number).step))

    def _current(self) -> FinalNumber | None:
        """The first unit of the selected row in the slot that is lit."""
        grid = self.grid
        return None if grid is None else grid.number(self.layer.row, grid.block(max(0, self.layer.lit))[0])

    def _hovered(self, place: tuple[int, int] | None) -> None:
        grid = self.grid
        number = None if grid is None or place is None else grid.number(*place)
        self._point(number)
        where = None if grid is None or number is None else Place(number.row, grid.moment(number).step)
        self.intent.emit(Hover(where))

    def _go_to(self, row: int, column: int) -> None:
        number = None if self.grid is None else self.grid.number(row, column)
        if self.grid is not None and number is not None:
            moment = self.grid.moment(number)
            self._point(number)
            self.intent.emit(GoToPass(moment.layer, moment.direction))
            self.intent.emit(StepTo(moment.step))
            self.intent.emit(Select(row))

    def _doubled(self, row: int, column: int) -> None:
        number = None if self.grid is None else self.grid.number(row, column)
        if number is not None:
            self._point(number)
            self.ask()

    def _select(self, row: int) -> None:
        if self.grid is not None and 0 <= row < self.grid.rows:
            self.intent.emit(Select(row))

    def _walked(self, down: int, across: int) -> None:
        """To the number beside the one that is pointed at; over the gap between two slots."""
        grid, here = self.grid, self.number or self._current()
        if grid is None or here is None:
            return
        column, row = grid.column(here) + across, here.row + down
        while 0 <= column < grid.across and across and grid.number(here.row, column) is None:
            column += across
        number = grid.number(row, column) if self.number is not None else here
        if number is not None:
            self._point(number)
            self.canvas.reveal(number.row, grid.column(number))

    def _entered(self) -> None:
        number = self.number or self._current()
        if self.grid is not None and number is not None:
            self._go_to(number.row, self.grid.column(number))
