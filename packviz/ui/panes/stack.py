"""The stack of a recurrent module as a picture: layers over one another, their directions side by side, and in each its
slot of h_n; the one whose states are shown is lit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.core.moments import ARROWS, DIRECTIONS, pass_name
from packviz.session.actions import GoToPass
from packviz.session.scene.parts import Pointer, Scene
from packviz.ui.look.lettering import label_font
from packviz.ui.look.theme import qcolour

HEIGHT, WIDTH, GAP, END = 24.0, 62.0, 4.0, 16.0  # pixels of a direction, between two, of what stands at either end
MARGIN = 6.0


class StackPicture(QWidget):
    """A click shows another layer and direction. Where there is no room for all layers, those around the current one
    are shown. Not there where the module has only one, or nothing is stepped."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = DARK
        self._pointer: Pointer | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the pointer and the theme of the scene."""
        self.setVisible(scene.states.grid is not None and scene.pointer.layers * scene.pointer.directions > 1)
        if last is not None and scene.pointer is last.pointer and scene.theme is last.theme:
            return
        was, self._pointer, self._theme = self._pointer, scene.pointer, scene.theme
        if was is None or _place(was) != _place(scene.pointer):
            self.updateGeometry()
            pointer = scene.pointer
            name = pass_name(pointer.layer, pointer.direction, pointer.directions)
            self.setAccessibleName(f"Stack of {pointer.layers} layers, {pointer.directions} directions: {name} shown")
        self.update()

    def sizeHint(self) -> QSize:
        directions = 1 if self._pointer is None else self._pointer.directions
        return QSize(round(directions * (WIDTH + GAP) - GAP + 2 * MARGIN), 40)

    def boxes(self) -> dict[tuple[int, int], QRectF]:
        """The pixels of each layer and direction that there is room for."""
        pointer = self._pointer
        if pointer is None:
            return {}
        room = max(1, int((self.height() - 2 * END - 2 * MARGIN + GAP) // (HEIGHT + GAP)))
        shown = min(pointer.layers, room)
        first = max(0, min(pointer.layer - shown // 2, pointer.layers - shown))
        top = MARGIN + END
        return {
            (layer, direction): QRectF(
                MARGIN + direction * (WIDTH + GAP), top + (first + shown - 1 - layer) * (HEIGHT + GAP), WIDTH, HEIGHT
            )
            for layer in range(first, first + shown)
            for direction in range(pointer.directions)
        }

    def slot(self, layer: int, direction: int) -> int:
        """The place of a layer and direction in h_n."""
        return layer * (1 if self._pointer is None else self._pointer.directions) + direction

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _at(self, position: QPointF) -> tuple[int, int] | None:
        return next((place for place, box in self.boxes().items() if box.contains(position)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self.intent.emit(GoToPass(*place))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self._at(QPointF(event.pos()))
            if place is not None:
                QToolTip.showText(event.globalPos(), self._told(*place), self)
                return True
        return super().event(event)

    def _told(self, layer: int, direction: int) -> str:
        reads = "x" if layer == 0 else f"h of layer {layer - 1}"
        final = "step 0" if direction else "its last step"
        return (
            f"Layer {layer}, {DIRECTIONS[direction]}: reads {reads}. h_n[{self.slot(layer, direction)}] is its h after "
            f"{final} of each row. PgUp, PgDown and R go from one to the other."
        )

    # ---- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        pointer, boxes = self._pointer, self.boxes()
        if pointer is None or not boxes:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setFont(label_font(11))
        layers = [layer for layer, _ in boxes]
        whole = next(iter(boxes.values())).united(list(boxes.values())[-1])
        above, below = max(layers) < pointer.layers - 1, min(layers) > 0
        p.setPen(qcolour(self._theme, "muted"))
        width = pointer.directions * (WIDTH + GAP) - GAP
        centre = Qt.AlignmentFlag.AlignCenter
        p.drawText(QRectF(MARGIN, whole.top() - END, width, END - 2), centre, "⋯" if above else "↑ out")
        p.drawText(QRectF(MARGIN, whole.bottom() + 2, width, END - 2), centre, "⋯" if below else "↑ x")
        for (layer, direction), box in boxes.items():
            lit = (layer, direction) == (pointer.layer, pointer.direction)
            p.setPen(QPen(qcolour(self._theme, "accent" if lit else "ended"), 1.6 if lit else 1.0))
            p.setBrush(qcolour(self._theme, "accent", 60) if lit else Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            p.setPen(qcolour(self._theme, "text" if lit else "muted"))
            arrow = f"{ARROWS[direction]} " if pointer.directions > 1 else ""
            p.drawText(box, centre, f"{arrow}h_n[{self.slot(layer, direction)}]")


def _place(pointer: Pointer) -> tuple[int, int, int, int]:
    return pointer.layer, pointer.direction, pointer.layers, pointer.directions
