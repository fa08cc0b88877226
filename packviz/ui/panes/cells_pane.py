"""A pane of cells: padded, packed, or the states of one row, on the shared time axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from packviz.session.actions import (
    Action,
    Hover,
    Select,
    SelectBlock,
    SetLength,
    StepTo,
    ToggleBreakpoint,
    ToggleRow,
)
from packviz.session.cursor import Place
from packviz.session.scene.resolve import Pane, Pointer, Scene
from packviz.session.scene.trace_grids import RowGrid
from packviz.ui.canvas.cells import CellsLayer
from packviz.ui.canvas.surface import TimeAxis
from packviz.ui.panes.length_field import LengthField
from packviz.ui.panes.time_pane import TimePane

KINDS = ("padded", "packed", "row")


def runs_of(columns: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """Ascending columns as runs: the first of each, and the one after its last."""
    if not len(columns):
        return ()
    cuts = np.flatnonzero(np.diff(columns) > 1) + 1
    return tuple((int(run[0]), int(run[-1]) + 1) for run in np.split(columns, cuts))


class CellsPane(TimePane):
    """A pane of cells on the shared time axis: padded, packed, or the selected row's states.

    "across" is a row of the batch in the padded pane, a sorted row in the packed pane, a unit in the row pane.
    """

    def __init__(self, name: str, time: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(name, time, parent)
        assert name in KINDS, f"{name}: what stands across in it is not known here"
        self.layer: CellsLayer = CellsLayer(self.canvas)
        self.pane: Pane | None = None
        self._order: Any = None
        self.canvas.hovered.connect(self._hovered)
        self.canvas.clicked.connect(self._clicked)
        self.canvas.stretched.connect(self._stretched)
        self.canvas.end_dragged.connect(self._dragged)
        self.field = LengthField(self.canvas)
        self.field.taken.connect(lambda row, length: self.intent.emit(SetLength(row, length)))
        self.canvas.head_doubled.connect(lambda head: self._type_length(head.place))
        self.canvas.typed.connect(lambda digit: self._type_length(self._column_of(self.pointer), digit))

    # ---- showing -------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show this pane's part of the scene, its ribbons and the cursor."""
        pane: Pane = getattr(scene, self.name)
        turned = scene.controls.look.orientation == "right"
        if last is None or scene.theme is not last.theme:
            self._set_theme(scene.theme)
        if turned != self.canvas.turned:
            self._turn(turned)
        if pane is not self.pane or last is None or scene.theme is not last.theme:
            self._show(pane, turned)
            self.bar.show_scale(pane.scale, scene.theme)
        self._order = scene.ribbons.order if scene.ribbons is not None else None
        if self.name == "packed" and self.across_ruler.ribbons is not scene.ribbons:
            self.across_ruler.ribbons = scene.ribbons
            self.canvas.refresh()
        if last is None or scene.pointer is not last.pointer or pane is not getattr(last, self.name):
            self._point(scene.pointer)
            self._follow(scene.pointer, last, *self._columns(scene.pointer))

    def _show(self, pane: Pane, turned: bool) -> None:
        self.pane = pane
        self.write(pane.title, pane.subtitle, pane.footer, pane.empty)
        grid = pane.grid
        self.blank(grid is None)
        self.layer.set_grid(grid, pane.marks, pane.stale)
        self.canvas.ends = pane.ends
        self.across_ruler.heads = grid.heads if grid is not None else None
        if grid is not None:
            self.canvas.set_size(grid.down, grid.across, turned)
        self.canvas.refresh()

    def _point(self, pointer: Pointer) -> None:
        selected, hover = pointer.padded, pointer.hover
        if self.name == "packed":
            selected, hover = pointer.packed, pointer.hover_packed
        elif self.name == "row":
            selected = None
            grid = self.layer.grid
            own = isinstance(grid, RowGrid) and (pointer.state, hover and hover[1]) == (grid.shown, grid.row)
            hover = None if hover is None else (hover[0], pointer.unit if own else -1)
        self.layer.selected, self.layer.hover = selected, hover
        block = None if self.name == "row" else pointer.block
        self.layer.runs = () if block is None else runs_of(self._columns_of(block.rows))
        self.layer.steps = (0, 0) if block is None else (block.first, block.last + 1)
        self.across_ruler.current = self._column_of(pointer)
        if self.name == "packed":
            self.across_ruler.lit = tuple(place[1] for place in (selected, hover) if place is not None)
        self._mark_step(pointer)

    def _columns_of(self, rows: tuple[int, ...]) -> NDArray[np.int64]:
        """The columns of some rows of the batch, ascending."""
        if self.name == "padded" or self._order is None:
            return np.array(rows if self.name == "padded" else (), dtype=np.int64)
        places = np.full(int(max(*rows, *self._order)) + 1, -1)
        places[self._order] = np.arange(len(self._order))
        columns = np.sort(places[list(rows)])
        return columns[columns >= 0]

    def _column_of(self, pointer: Pointer | None) -> int:
        if self.name == "row" or pointer is None:
            return -1
        return pointer.row if self.name == "padded" else -1 if pointer.packed is None else pointer.packed[1]

    def _columns(self, pointer: Pointer) -> tuple[int, int]:
        """The columns of the selected row, and of the cell that somebody asked to be shown; -1 where there is none."""
        shown = None if self.name == "row" else pointer.shown
        return self._column_of(pointer), -1 if shown is None else shown[2 if self.name == "packed" else 1]

    def _type_length(self, column: int, typed: str = "") -> None:
        """The length of the row in this column is typed over its number."""
        row, grid = self._row_of(column), self.layer.grid
        ends = getattr(grid, "lengths", None)
        if self.name == "padded" and row >= 0 and ends is not None and row < len(ends):
            self.canvas.reveal(None, column)
            self.field.open(row, column, int(ends[row]), typed)

    # ---- asking --------------------------------------------------------------------------------------------

    def _row_of(self, across: int) -> int:
        """The row of the batch in this column, or -1."""
        grid = self.layer.grid
        if grid is None or not 0 <= across < grid.across or self.name == "row":
            return -1
        if self.name == "packed":
            return -1 if self._order is None else int(self._order[across])
        return across

    def _hovered(self, place: tuple[int, int] | None) -> None:
        grid = self.layer.grid
        if place is None or grid is None or not 0 <= place[0] < grid.down:
            self.intent.emit(Hover(None))
            return
        step, across = place
        if isinstance(grid, RowGrid):
            known = step < grid.length and 0 <= across < grid.across
            self.intent.emit(Hover(Place(grid.row, step, grid.shown, across) if known else Place(-1, step)))
            return
        self.intent.emit(Hover(Place(self._row_of(across), step)))

    def _clicked(self, down: int, across: int, event: Any) -> None:
        grid = self.layer.grid
        if grid is None or not 0 <= down < grid.down:
            return
        row = self._row_of(across)
        wish: Action
        keys = event.modifiers()
        if event.button() == Qt.MouseButton.LeftButton and row >= 0 and keys & Qt.KeyboardModifier.ControlModifier:
            self.intent.emit(ToggleRow(row))
            return
        if event.button() == Qt.MouseButton.LeftButton and row >= 0 and keys & Qt.KeyboardModifier.ShiftModifier:
            self._extend(across, down)
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            wish = ToggleBreakpoint(down)
        elif row < 0:
            wish = StepTo(down)
        else:
            wish = Select(row, down)
        self.intent.emit(wish)

    def _extend(self, across: int, down: int) -> None:
        """Select from the current cell to this one, as the columns lie here."""
        here = self._column_of(self.pointer)
        if self.pointer is None or here < 0:
            return
        rows = tuple(self._row_of(column) for column in range(min(here, across), max(here, across) + 1))
        self.intent.emit(SelectBlock(rows, self.pointer.step, down))

    def _stretched(self, down: int, across: int) -> None:
        """Move the corner of the selected cells that is farthest from the current one, or begin at that one."""
        here, pointer = self._column_of(self.pointer), self.pointer
        if pointer is None or here < 0 or self.layer.grid is None:
            return
        column, step = here, pointer.step
        if pointer.block is not None and self.layer.runs:
            column = max(self.layer.runs[0][0], self.layer.runs[-1][1] - 1, key=lambda end: abs(end - here))
            step = max(pointer.block.first, pointer.block.last, key=lambda end: abs(end - pointer.step))
        column, step = column + across, step + down
        if self._row_of(column) >= 0 and 0 <= step < self.layer.grid.down:
            self._extend(column, step)
            self.canvas.reveal(step, column)

    def _dragged(self, column: int, down: int, gesture: int) -> None:
        grid = self.layer.grid
        if grid is not None:
            self.intent.emit(SetLength(column, max(0, min(down, grid.down)), gesture))
