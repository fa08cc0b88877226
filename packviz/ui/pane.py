"""A pane: a heading, a canvas of cells with its rulers, a footer. What the time panes and the state pane share."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from packviz.core.colour import Theme
from packviz.session.actions import Action, Hover, Select, SetLength, StepTo, ToggleBreakpoint
from packviz.session.scene import Pane, Pointer, Scene
from packviz.session.state import Place
from packviz.ui.canvas import Canvas, TimeAxis
from packviz.ui.layer import CellsLayer
from packviz.ui.ruler import Ruler, time_heads

HEADING_HEIGHT = 38  # one for all panes, so that their cells begin at the same height
HEADING_WIDTH = 176  # of the heading beside the cells, where time runs right


class Elided(QLabel):
    """A label of one line that ends in … where it is too long; the whole text is its tool tip."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.full = ""

    def set_full(self, text: str) -> None:
        """The text, whole."""
        if text != self.full:
            self.full = text
            self.setToolTip(text)
            self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self.full, Qt.TextElideMode.ElideRight, self.width() - 1)
        if shown != self.text():
            self.setText(shown)

    def sizeHint(self) -> QSize:
        return QSize(40, QFontMetrics(self.font()).height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(10, self.sizeHint().height())


class PaneFrame(QFrame):
    """Heading, body, footer. Where time runs right the heading stands beside the body, so that bodies stay aligned."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pane")
        self.setProperty("pane", name)
        self.name = name
        self.title, self.subtitle, self.footer = Elided("paneTitle"), Elided("paneSubtitle"), Elided("paneFooter")
        self.extra = QHBoxLayout()
        self.extra.setSpacing(3)
        self.extra.setContentsMargins(0, 0, 0, 0)
        self.empty = QLabel()
        self.empty.setObjectName("paneEmpty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.heading = QWidget()
        self.heading.setFixedHeight(HEADING_HEIGHT)
        top = QVBoxLayout(self.heading)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(1)
        self.line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.addWidget(self.subtitle, 1)
        self.line.addLayout(self.extra)
        top.addWidget(self.title)
        top.addLayout(self.line)
        self.box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self.box.setContentsMargins(11, 8, 11, 6)
        self.box.setSpacing(2)
        self.box.addWidget(self.heading)
        self.box.addWidget(self.empty, 1)

    def set_body(self, body: QWidget) -> None:
        """The widget between heading and footer."""
        self.body = body
        self.box.addWidget(body, 1)
        self.box.addWidget(self.footer)

    def set_turned(self, turned: bool) -> None:
        """Heading on top, or beside the body."""
        direction = QBoxLayout.Direction.LeftToRight if turned else QBoxLayout.Direction.TopToBottom
        if self.box.direction() == direction:
            return
        self.box.setDirection(direction)
        upright = QBoxLayout.Direction.TopToBottom
        self.line.setDirection(upright if turned else QBoxLayout.Direction.LeftToRight)
        heading = self.heading.layout()
        assert isinstance(heading, QVBoxLayout)
        if turned:
            self.box.removeWidget(self.footer)
            heading.addWidget(self.footer)
            heading.addStretch(1)
            self.heading.setMinimumHeight(0)
            self.heading.setMaximumHeight(16777215)
            self.heading.setFixedWidth(HEADING_WIDTH)
        else:
            heading.takeAt(heading.count() - 1)
            heading.removeWidget(self.footer)
            self.box.addWidget(self.footer)
            self.heading.setMinimumWidth(0)
            self.heading.setMaximumWidth(16777215)
            self.heading.setFixedHeight(HEADING_HEIGHT)

    def write(self, title: str, subtitle: str, footer: str, empty: str) -> None:
        """Set all texts; `empty`, if any, takes the body's place."""
        self.title.set_full(title)
        self.subtitle.set_full(subtitle)
        self.footer.set_full(footer)
        self.empty.setText(empty)
        self.empty.setVisible(bool(empty))
        self.body.setVisible(not empty)


class CellsPane(PaneFrame):
    """A pane of cells on the shared time axis: padded, packed, or the selected row's states.

    `intent`: what a click, a hover or a drag asks for. Time panes hold the time ruler; "across" is a row of the batch
    in the padded pane, a sorted row in the packed pane, a unit in the row pane.
    """

    intent = Signal(object)
    MARGINS = (38, 46)
    TURNED_MARGINS = (22, 104)

    def __init__(self, name: str, time: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.canvas = Canvas(time=time, margins=self.MARGINS)
        self.layer = CellsLayer(self.canvas)
        self.time_ruler, self.across_ruler = Ruler(self.canvas, "down"), Ruler(self.canvas, "across")
        self.time_ruler.heads = time_heads
        self.time_ruler.share(time.labels)
        self.canvas.set_rulers(self.across_ruler, self.time_ruler)
        self.set_body(self.canvas)
        self.pane: Pane | None = None
        self._order: Any = None
        self.canvas.hovered.connect(self._hovered)
        self.canvas.clicked.connect(self._clicked)
        self.canvas.end_dragged.connect(self._dragged)

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
        self._order = scene.ribbons.order if scene.ribbons is not None else None
        if self.name == "packed" and self.across_ruler.ribbons is not scene.ribbons:
            self.across_ruler.ribbons = scene.ribbons
            self.canvas.refresh()
        if last is None or scene.pointer is not last.pointer or pane is not getattr(last, self.name):
            self._point(scene.pointer)

    def _set_theme(self, theme: Theme) -> None:
        self.layer.theme = self.time_ruler.theme = self.across_ruler.theme = theme
        self.canvas.set_theme(theme)
        self.canvas.refresh()

    def _turn(self, turned: bool) -> None:
        self.set_turned(turned)
        self.canvas.turned = turned
        self.canvas.margins = self.TURNED_MARGINS if turned else self.MARGINS
        rulers = (self.across_ruler, self.time_ruler)
        for ruler in rulers:
            ruler.setMinimumSize(0, 0)
            ruler.setMaximumSize(16777215, 16777215)
        self.canvas.set_rulers(*(reversed(rulers) if turned else rulers))

    def _show(self, pane: Pane, turned: bool) -> None:
        self.pane = pane
        self.write(pane.title, pane.subtitle, pane.footer, pane.empty)
        grid = pane.grid
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
            hover = None if hover is None else (hover[0], -1)
        layer = self.layer
        layer.selected, layer.hover = selected, hover
        if layer.step != pointer.step or self.time_ruler.dots != pointer.breakpoints:
            layer.step = self.time_ruler.current = pointer.step
            self.time_ruler.dots = pointer.breakpoints
        self.canvas.refresh()

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
        self.intent.emit(Hover(Place(self._row_of(place[1]), place[0])))

    def _clicked(self, down: int, across: int, event: Any) -> None:
        grid = self.layer.grid
        if grid is None or not 0 <= down < grid.down:
            return
        row = self._row_of(across)
        wish: Action
        if event.button() == Qt.MouseButton.MiddleButton:
            wish = ToggleBreakpoint(down)
        elif row < 0:
            wish = StepTo(down)
        else:
            wish = Select(row, down)
        self.intent.emit(wish)

    def _dragged(self, column: int, down: int, gesture: int) -> None:
        grid = self.layer.grid
        if grid is not None:
            self.intent.emit(SetLength(column, max(0, min(down, grid.down)), gesture))
