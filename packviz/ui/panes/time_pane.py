"""What the panes on the shared time axis have in common: a canvas, its two rulers, time running down or right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import Theme
from packviz.session.scene.resolve import Pointer, Scene
from packviz.ui.canvas.canvas import Canvas, TimeAxis
from packviz.ui.canvas.layer import CanvasLayer
from packviz.ui.canvas.ruler import Ruler, time_heads
from packviz.ui.panes.frame import PaneFrame

MARGINS, TURNED_MARGINS = (38, 46), (22, 104)  # pixels above and left of the cells, where time runs down and right


class TimePane(PaneFrame):
    """A pane with a canvas on the shared time axis. `layer`: what paints on it; each kind of pane makes its own.

    `intent`: what a click, a hover or a drag asks for.
    """

    intent = Signal(object)
    layer: CanvasLayer

    def __init__(self, name: str, time: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.canvas = Canvas(time=time, margins=MARGINS)
        self.time_ruler, self.across_ruler = Ruler(self.canvas, "down"), Ruler(self.canvas, "across")
        self.time_ruler.heads = time_heads
        self.time_ruler.share(time.labels)
        self.canvas.set_rulers(self.across_ruler, self.time_ruler)
        self.set_body(self.canvas)

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

    def _mark_step(self, pointer: Pointer) -> None:
        if self.layer.step != pointer.step or self.time_ruler.dots != pointer.breakpoints:
            self.layer.step = self.time_ruler.current = pointer.step
            self.time_ruler.dots = pointer.breakpoints
        self.canvas.refresh()
