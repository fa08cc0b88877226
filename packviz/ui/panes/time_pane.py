"""What the panes on the shared time axis have in common: a canvas, its two rulers, time running down or right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import Theme
from packviz.session.actions import Select, Show, StepBy, StepTo, ToggleBreakpoint
from packviz.session.cursor import Place
from packviz.session.scene.resolve import Pointer, Scene
from packviz.ui.canvas.canvas import Canvas, Head
from packviz.ui.canvas.layer import CanvasLayer
from packviz.ui.canvas.ruler import Ruler, time_heads
from packviz.ui.canvas.surface import TimeAxis
from packviz.ui.panes.frame import PaneFrame

MARGINS, TURNED_MARGINS = (38, 46), (22, 104)  # pixels above and left of the cells, where time runs down and right


class TimePane(PaneFrame):
    """A pane with a canvas on the shared time axis. `layer`: what paints on it; each kind of pane makes its own.

    `intent`: what a click, a hover or a drag asks for.
    """

    intent = Signal(object)
    menu_asked = Signal(object, QPoint)  # of which Place, -1 where it is of no row or of no step; where on the screen
    layer: CanvasLayer

    def __init__(self, name: str, time: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.canvas = Canvas(time=time, margins=MARGINS)
        self.time_ruler, self.across_ruler = Ruler(self.canvas, "down"), Ruler(self.canvas, "across")
        self.time_ruler.heads = time_heads
        self.time_ruler.share(time.labels)
        self.canvas.set_rulers(self.across_ruler, self.time_ruler)
        self.set_body(self.canvas)
        self.pointer: Pointer | None = None
        self.canvas.head_clicked.connect(self._head_clicked)
        self.canvas.doubled.connect(self._doubled)
        self.canvas.walked.connect(self._walked)
        self.canvas.entered.connect(self._entered)
        self.canvas.menu_asked.connect(self._menu_asked)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show this pane's part of the scene, and the cursor."""
        raise NotImplementedError

    def _set_theme(self, theme: Theme) -> None:
        self.layer.theme = self.time_ruler.theme = self.across_ruler.theme = theme
        self.canvas.set_theme(theme)
        self.canvas.refresh()

    def _turn(self, turned: bool) -> None:
        self.set_turned(turned)
        self.canvas.turned = turned
        self.canvas.margins = TURNED_MARGINS if turned else MARGINS
        rulers = (self.across_ruler, self.time_ruler)
        self.canvas.set_rulers(*(reversed(rulers) if turned else rulers))

    def _follow(self, pointer: Pointer, last: Scene | None, column: int = -1, shown: int = -1) -> None:
        """Keep the current step in view, and the column of the selected row, where they are others than in the last
        scene; and the cell that somebody asked to be shown, in the column `shown`. -1 is no column."""
        if last is None:
            return
        was = last.pointer
        if pointer.shown is not None and pointer.shown != was.shown:
            self.canvas.reveal(pointer.shown[0], shown if shown >= 0 else None, closely=True)
            return
        step = pointer.step if pointer.step != was.step else None
        across = column if column >= 0 and pointer.row != was.row else None
        if step is not None or across is not None:
            self.canvas.reveal(step, across)

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _row_of(self, across: int) -> int:
        """The row of the batch in this column, or -1."""
        return -1

    def _column_of(self, pointer: Pointer | None) -> int:
        """The column of the selected row, or -1."""
        return -1

    def _head_clicked(self, head: Head) -> None:
        if head.along == "down":
            self.intent.emit(ToggleBreakpoint(head.place) if head.gutter else StepTo(head.place))
        elif self._row_of(head.place) >= 0:
            self.intent.emit(Select(self._row_of(head.place)))

    def _doubled(self, down: int, across: int) -> None:
        row = self._row_of(across)
        if row >= 0 and 0 <= down < self.canvas.size_down:
            self.intent.emit(Show(row, down))

    def _walked(self, down: int, across: int) -> None:
        if down:
            self.intent.emit(StepBy(down))
        column = self._column_of(self.pointer) if across else -1
        if column >= 0 and self._row_of(column + across) >= 0:
            self.intent.emit(Select(self._row_of(column + across)))

    def _entered(self) -> None:
        if self.pointer is not None:
            self.intent.emit(Show(self.pointer.row, self.pointer.step))

    def _menu_asked(self, down: int, across: int, at: QPoint) -> None:
        if down < 0 and across < 0 and self.pointer is not None:
            self.menu_asked.emit(Place(self.pointer.row, self.pointer.step), at)
        else:
            self.menu_asked.emit(Place(self._row_of(across), down if down < self.canvas.size_down else -1), at)

    def _mark_step(self, pointer: Pointer) -> None:
        self.pointer = pointer
        self.layer.backward = bool(pointer.direction)
        if self.layer.step != pointer.step or self.time_ruler.dots != pointer.breakpoints:
            self.layer.step = self.time_ruler.current = pointer.step
            self.time_ruler.dots = pointer.breakpoints
        self.canvas.refresh()
