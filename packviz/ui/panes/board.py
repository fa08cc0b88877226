"""The board: padded, packed data, batch_sizes and the selected row, side by side on ONE time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from packviz.core.module import STATE_NAMES
from packviz.session.actions import SetLook
from packviz.session.scene.resolve import Scene
from packviz.session.state import Look
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.scanline import Scanline
from packviz.ui.canvas.spoken import install, speak
from packviz.ui.canvas.surface import TimeAxis
from packviz.ui.panes.feature_chooser import FeatureChooser
from packviz.ui.panes.time_pane import TimePane
from packviz.ui.parts import TIME_PARTS

CHIP = (23, 18)


class StateChooser(QWidget):
    """Which state the row pane shows: one small button for each of h, c, i, f, g, o."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(2)
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.buttons: dict[str, QToolButton] = {}
        self.names: tuple[str, ...] = ()
        self.look = Look()

    def set(self, names: tuple[str, ...], look: Look) -> None:
        """The states that there are, and the one that is shown."""
        self.look = look
        if names != self.names:
            self._build(names)
        if look.shown in self.buttons:
            self.buttons[look.shown].setChecked(True)

    def _build(self, names: tuple[str, ...]) -> None:
        for button in self.buttons.values():
            self.group.removeButton(button)
            self.row.removeWidget(button)
            button.deleteLater()
        self.buttons, self.names = {}, names
        for name in names:
            button = QToolButton(self)
            button.setObjectName("stateChip")
            button.setText(name)
            button.setCheckable(True)
            button.setFixedSize(*CHIP)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"Show the {STATE_NAMES[name]} of this row")
            button.clicked.connect(lambda _=False, shown=name: self._chosen(shown))
            self.group.addButton(button)
            self.row.addWidget(button)
            self.buttons[name] = button

    def _chosen(self, name: str) -> None:
        self.intent.emit(SetLook(replace(self.look, shown=name)))


class Board(QWidget):
    """The four time panes. They are of one size along time, so that one scanline crosses them all."""

    intent = Signal(object)
    menu_asked = Signal(object, QPoint)
    moved = Signal()  # a pane stands elsewhere now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        install()
        self.time = TimeAxis(self)
        self.panes: dict[str, TimePane] = {part.name: part.make(self.time) for part in TIME_PARTS}
        self.chooser = StateChooser()
        self.panes["row"].extra.addWidget(self.chooser)
        self.chooser.intent.connect(self.intent)
        self.features = FeatureChooser()
        self.panes["padded"].extra.addWidget(self.features)
        self.features.intent.connect(self.intent)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("board")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(8)
        for part in TIME_PARTS:
            pane = self.panes[part.name]
            self.splitter.addWidget(pane)
            self.splitter.setStretchFactor(self.splitter.indexOf(pane), part.share)
            pane.intent.connect(self.intent)
            pane.menu_asked.connect(self.menu_asked)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        self._spread()
        self.scanline = Scanline(self, self._canvases)
        self.landing = QFrame(self)  # where a pane that is being moved will stand
        self.landing.setObjectName("landing")
        self.landing.hide()
        for name, pane in self.panes.items():
            pane.canvas.mapped.connect(self.scanline.update)
            pane.heading.dragged.connect(lambda at, name=name: self._show_landing(name, at))
            pane.heading.dropped.connect(lambda at, name=name: self._dropped(name, at))

    def _canvases(self) -> list[Canvas]:
        panes = (self.panes[name] for name in self.order())
        return [pane.canvas for pane in panes if pane.canvas.isVisible()]

    # ---- the order of the panes ------------------------------------------------------------------------------------

    def order(self) -> list[str]:
        """The names of the panes as they stand."""
        return sorted(self.panes, key=lambda name: self.splitter.indexOf(self.panes[name]))

    def arrange(self, order: Sequence[str]) -> None:
        """Let them stand in this order; those that it does not name stand behind, as they do."""
        wanted = [name for name in order if name in self.panes]
        wanted += [name for name in self.order() if name not in wanted]
        if wanted == self.order():
            return
        sizes = dict(zip(self.order(), self.splitter.sizes(), strict=True))
        for place, name in enumerate(wanted):
            self.splitter.insertWidget(place, self.panes[name])
        self.splitter.setSizes([sizes[name] for name in wanted])
        self.scanline.raise_()
        self.scanline.update()

    def _place_at(self, name: str, at: QPoint) -> int:
        """Before which of the others a pane lands that is let go there."""
        others = [other for other in self.order() if other != name and self.panes[other].isVisible()]
        across = self.splitter.orientation() is Qt.Orientation.Horizontal
        point = self.splitter.mapFromGlobal(at)
        here = point.x() if across else point.y()
        centres = [self.panes[other].geometry().center() for other in others]
        return sum((centre.x() if across else centre.y()) < here for centre in centres)

    def _show_landing(self, name: str, at: QPoint) -> None:
        """A line where it will stand."""
        others = [other for other in self.order() if other != name and self.panes[other].isVisible()]
        if not others:
            return
        place, last = self._place_at(name, at), self.panes[others[-1]].geometry()
        across = self.splitter.orientation() is Qt.Orientation.Horizontal
        box = self.panes[others[place]].geometry() if place < len(others) else None
        if across:
            edge = box.left() - 5 if box is not None else last.right() + 2
            line = QRect(max(0, edge), 0, 3, self.splitter.height())
        else:
            edge = box.top() - 5 if box is not None else last.bottom() + 2
            line = QRect(0, max(0, edge), self.splitter.width(), 3)
        self.landing.setGeometry(line.translated(self.splitter.pos()))
        self.landing.show()
        self.landing.raise_()

    def _dropped(self, name: str, at: QPoint) -> None:
        self.landing.hide()
        others = [other for other in self.order() if other != name]
        shown = [other for other in others if self.panes[other].isVisible()]
        place = self._place_at(name, at)
        behind = others.index(shown[place]) if place < len(shown) else len(others)
        before = self.order()
        self.arrange([*others[:behind], name, *others[behind:]])
        if self.order() != before:
            self.moved.emit()

    # ---- shown -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scanline.setGeometry(self.rect())
        self.scanline.raise_()

    def set_shown(self, name: str, shown: bool) -> None:
        """Show or hide a pane."""
        self.panes[name].setVisible(shown)

    def fit(self) -> None:
        """Show the whole batch in every pane."""
        for pane in self.panes.values():
            pane.canvas.fit()

    def zoom(self, by: float) -> None:
        """Show so many times as much of time, and of the rows, about the middle."""
        shown = [pane.canvas for pane in self.panes.values() if pane.canvas.isVisible()]
        for canvas in shown[1:]:
            middle = QPointF(canvas.mapper.width / 2, canvas.mapper.height / 2)
            canvas.zoom_axes(middle, *((None, by) if canvas.turned else (by, None)))
        if shown:
            shown[0].zoom(by)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the four panes of the scene."""
        turned = scene.controls.look.orientation == "right"
        wish = Qt.Orientation.Vertical if turned else Qt.Orientation.Horizontal
        if self.splitter.orientation() != wish:
            self.splitter.setOrientation(wish)
            self._spread()
        if last is None or scene.controls is not last.controls:
            self.chooser.set(scene.controls.module.states, scene.controls.look)
            self.features.show_controls(scene.controls, self.panes["padded"].width())
        for pane in self.panes.values():
            pane.draw(scene, last)
            speak(pane.canvas, scene.status.left)
        if last is not None and _x_of(scene) is not _x_of(last):
            self.fit()  # another batch: where somebody had zoomed to has no meaning for it
        step = scene.pointer.step if scene.controls.batch is not None else -1
        self.scanline.set(scene.theme, step, bool(scene.pointer.direction))

    def _spread(self) -> None:
        turned = self.splitter.orientation() == Qt.Orientation.Vertical
        shares = {part.name: part.turned if turned else part.share for part in TIME_PARTS}
        self.splitter.setSizes([shares[name] * 30 for name in self.order()])


def _x_of(scene: Scene) -> object:
    """The x that is shown, or None."""
    return scene.controls.batch.x if scene.controls.batch is not None else None
