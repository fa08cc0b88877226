"""The time slider: every step of the run, the current one, the breakpoints."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.session.actions import StepBy, StepTo, ToggleBreakpoint
from packviz.session.scene.resolve import Pointer, Scene
from packviz.ui.look.theme import qcolour

MARGIN = 10.0
FEWEST_PIXELS_A_TICK = 4.0


class TimeSlider(QWidget):
    """Drag to go to a step, turn the wheel to go on by one; a double click sets a breakpoint."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = DARK
        self._step, self._last = 0, 0
        self._breakpoints: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(80)
        self.setMaximumWidth(320)
        self.setMouseTracking(True)
        self.setAccessibleName("time")

    def sizeHint(self) -> QSize:
        return QSize(90, 32)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the pointer of the scene."""
        pointer: Pointer = scene.pointer
        if last is not None and pointer is last.pointer and scene.theme is last.theme:
            return
        shown = (scene.theme, pointer.step, pointer.last_step, pointer.breakpoints)
        if shown != (self._theme, self._step, self._last, self._breakpoints):
            self._theme, self._step, self._last, self._breakpoints = shown
            self.setEnabled(scene.controls.batch is not None)
            self.update()

    def x_of(self, step: int) -> float:
        """The pixel of a step."""
        return MARGIN + (self.width() - 2 * MARGIN) * (step / self._last if self._last else 0.0)

    def step_at(self, x: float) -> int:
        """The step nearest to a pixel."""
        share = (x - MARGIN) / max(1.0, self.width() - 2 * MARGIN)
        return max(0, min(self._last, round(share * self._last)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)
        step = self.step_at(event.position().x())
        stop = " · breakpoint" if step in self._breakpoints else ""
        QToolTip.showText(event.globalPosition().toPoint(), f"t{step} of t0 … t{self._last}{stop}", self)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.intent.emit(ToggleBreakpoint(self.step_at(event.position().x())))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.intent.emit(StepBy(-1 if turned > 0 else 1))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()

    def _go(self, event: QMouseEvent) -> None:
        step = self.step_at(event.position().x())
        if step != self._step:
            self.intent.emit(StepTo(step))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle, end = self._theme, self.height() / 2 - 2, self.width() - MARGIN
        pen = QPen(qcolour(theme, "ended"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        p.setPen(pen)
        p.drawLine(QPointF(MARGIN, middle), QPointF(end, middle))
        at = self.x_of(self._step)
        pen.setColor(qcolour(theme, "accent"))
        p.setPen(pen)
        p.drawLine(QPointF(MARGIN, middle), QPointF(at, middle))
        p.setPen(QPen(qcolour(theme, "muted"), 1))
        every = 1
        while self._last / every * FEWEST_PIXELS_A_TICK > end - MARGIN:
            every *= 2 if str(every)[0] != "2" else 5
        for step in range(0, self._last + 1, every):
            x = self.x_of(step)
            p.drawLine(QPointF(x, middle + 8), QPointF(x, middle + 11))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(qcolour(theme, "error"))
        for step in self._breakpoints:
            p.drawEllipse(QPointF(self.x_of(step), middle + 10), 3, 3)
        p.setBrush(qcolour(theme, "accent"))
        p.drawEllipse(QRectF(at - 7, middle - 7, 14, 14))
