"""The card of the law: which row of a result reads which row of x, and which steps of its own, as two pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QWidget

from packviz.core.look.colour import Theme
from packviz.core.rows_read import Crossing
from packviz.core.steps_read import Reached
from packviz.core.texts.probe_rows import crossing_line
from packviz.session.actions import Select, ToggleRow
from packviz.session.scene.probe_rows import kinds_in
from packviz.ui.cards import row_matrix, steps_read
from packviz.ui.cards.prose import Flow, Prose
from packviz.ui.cards.row_matrix import RowMatrix
from packviz.ui.cards.steps_read import StepsRead

ROWS_WIDE = 170  # pixels of the rows, at least, where the steps stand beside them
ROOMS = (80, 120, row_matrix.ROOM)  # pixels of the rows, by what room there is
NARROW = 520  # pixels of width below which one picture stands under the other
BROKEN = "Not looked at: the rows depend on more than their own data."
NO_STATE = "Not looked at: that is done for states, and the result has an output for each step."


class Key(QWidget):
    """What the colours of a picture mean: those that are in it."""

    def __init__(self, words: Mapping[int, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        flow = Flow(self, spacing=10)
        self.swatches: dict[int, QLabel] = {}
        for kind, text in words.items():
            both, row = QWidget(), QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(4)
            both.setLayout(row)
            self.swatches[kind] = QLabel()
            label = QLabel(text)
            label.setObjectName("small")
            row.addWidget(self.swatches[kind])
            row.addWidget(label)
            flow.addWidget(both)

    def show_looks(self, looks: Mapping[int, QPixmap]) -> None:
        """Other looks of the codes."""
        for kind, label in self.swatches.items():
            label.setPixmap(looks[kind])


def pixmap_of(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], ratio: float) -> QPixmap:
    """(h, w, 4) uint8 RGBA as a pixmap."""
    held = np.ascontiguousarray(pixels)
    image = QImage(held.data, held.shape[1], held.shape[0], QImage.Format.Format_RGBA8888)
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class LawCard(QFrame):
    """Both pictures, each with its key, and the words. Where results differ, one of them is chosen. `broken`: the rows
    depend on something that they must not."""

    intent = Signal(object)

    def __init__(
        self,
        crossings: Sequence[Crossing],
        reached: Sequence[Reached],
        broken: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.crossings, self.reached = tuple(crossings), tuple(reached)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 8, 10, 9)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(5)
        self.matrix: RowMatrix | None = None
        self.steps: StepsRead | None = None
        self.which, self.of = QComboBox(), QComboBox()
        self.which.setAccessibleName("Of which result the rows are shown")
        self.of.setAccessibleName("Of which result the steps are shown")
        self.which.addItems([crossing.of for crossing in crossings])
        self.of.addItems([result.of for result in reached])
        self.which.currentIndexChanged.connect(self._show_matrix)
        self.of.currentIndexChanged.connect(self._show_steps)
        self.rows_head = self._head("Which row reads which", self.which, len(crossings) > 1)
        self.steps_head = self._head("Which steps of its row it reads", self.of, False)
        self.rows_key, self.steps_key = QWidget(), QWidget()
        self.words, self.steps_words = Prose("muted"), Prose("muted", "" if reached else BROKEN if broken else NO_STATE)
        self.words.setVisible(bool(crossings))
        self.steps_words.setVisible(not reached)
        self._shown: tuple[Theme, int, int] | None = None
        self._stacked: bool | None = None
        self._room = self._steps_room = row_matrix.ROOM
        self._show_matrix()
        self._show_steps()

    def _head(self, title: str, chooser: QComboBox, several: bool) -> QWidget:
        head, row = QWidget(), QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(title)
        label.setObjectName("heading")
        row.addWidget(label)
        row.addWidget(chooser)
        row.addStretch(1)
        head.setLayout(row)
        chooser.setVisible(several)
        return head

    def set_room(self, given: int) -> None:
        """Pixels that the rows may take from the top to the bottom; they take one of ROOMS."""
        room = max(room for room in ROOMS if room <= max(given, ROOMS[0]))
        if room != self._room:
            self._room = room
            self._show_matrix()
            self._show_steps()

    # ---- what is shown -----------------------------------------------------------------------------------------------

    def show_in(self, theme: Theme, row: int, step: int) -> None:
        """Take the colours of a theme, the selected row and the step."""
        if self.matrix is not None:
            self.matrix.show_in(theme, row)
        if self.steps is not None:
            self.steps.show_in(theme, row, step)
        if self._shown is None or theme is not self._shown[0]:
            self._paint_keys(theme)
        self._shown = theme, row, step

    def _paint_keys(self, theme: Theme) -> None:
        ratio = self.devicePixelRatioF()
        size = round(12 * ratio)
        if isinstance(self.rows_key, Key):
            looks = row_matrix.patterns(theme, size)
            self.rows_key.show_looks({kind: pixmap_of(looks[kind], ratio) for kind in self.rows_key.swatches})
        if isinstance(self.steps_key, Key):
            stripes = steps_read.looks(theme)
            y, x = np.indices((size, size))
            self.steps_key.show_looks(
                {kind: pixmap_of(stripes[kind][(x + y) % 5], ratio) for kind in self.steps_key.swatches}
            )

    def _show_matrix(self) -> None:
        if not self.crossings:
            self.rows_head.hide()
            return
        crossing = self.crossings[max(0, self.which.currentIndex())]
        old = self.matrix, self.rows_key
        self.matrix = RowMatrix(crossing, self._room)
        self.matrix.chosen.connect(self._chosen_pair)
        kinds = np.unique(self.matrix.kinds).tolist()
        self.rows_key = Key({kind: text for kind, text in row_matrix.KEY.items() if kind in kinds})
        share = self.matrix.squares.share
        many = f" A square stands for {share} × {share} rows." if share > 1 else ""
        self.words.set_text(f"{crossing.of}: {crossing_line(crossing)}.{many}")
        self.words.setToolTip(crossing.how)
        self._replace(old)

    def _show_steps(self) -> None:
        if not self.reached:
            return
        old = self.steps, self.steps_key
        margins, rows = self._grid.contentsMargins(), 0
        if self.matrix is not None and not self._stacked:
            rows = max(ROWS_WIDE, self.matrix.sizeHint().width()) + self._grid.horizontalSpacing()
        room = self.width() - rows - margins.left() - margins.right()
        all_fit = steps_read.needed(self.reached) <= room
        shown = self.reached if all_fit else (self.reached[max(0, self.of.currentIndex())],)
        self.of.setVisible(not all_fit and len(self.reached) > 1)
        same = self.steps is not None and self.steps.results == shown
        if same and self._steps_room == self._room:
            return
        self._steps_room = self._room
        self.steps = StepsRead(shown, self._room)
        self.steps.chosen.connect(lambda row, step: self.intent.emit(Select(row, step)))
        kinds = set[int]().union(*(kinds_in(result) for result in shown))
        self.steps_key = Key({kind: text for kind, text in steps_read.KEY.items() if kind in kinds})
        self.steps_head.setToolTip(shown[0].how)
        self._replace(old)

    def _replace(self, old: tuple[QWidget | None, QWidget]) -> None:
        """Lay it out anew, without these."""
        for widget in old:
            if widget is not None:
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._lay(bool(self._stacked))
        if self._shown is not None:
            theme, row, step = self._shown
            self._shown = None
            self.show_in(theme, row, step)

    # ---- laid out ----------------------------------------------------------------------------------------------------

    def _lay(self, stacked: bool) -> None:
        """The steps beside the rows, or under them."""
        left = (self.rows_head, self.matrix, self.rows_key) if self.matrix is not None else ()
        right = (self.steps_head, self.steps if self.reached else self.steps_words, self.steps_key)
        beside = bool(left) and not stacked
        for column, widgets in enumerate((left, right)):
            for row, widget in enumerate(widgets):
                if widget is not None:
                    place = row + (3 if column and stacked else 0), column if beside else 0
                    wide = 2 if widget is self.rows_key and beside and not self.reached else 1
                    self._grid.addWidget(widget, *place, 1, wide)
                    self._grid.setAlignment(widget, self._alignment(widget))
        self._grid.addWidget(self.words, 7, 0, 1, 2)
        self._grid.setColumnMinimumWidth(0, ROWS_WIDE if beside else 0)
        self._grid.setColumnStretch(0, 0 if beside else 1)
        self._grid.setColumnStretch(1, 1 if beside else 0)
        self._grid.setRowStretch(8, 1)

    def _alignment(self, widget: QWidget) -> Qt.AlignmentFlag:
        """Where a widget stands in its place."""
        if widget is self.matrix:
            return Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        heads = (self.rows_head, self.steps_head)
        return Qt.AlignmentFlag.AlignVCenter if widget in heads else Qt.AlignmentFlag.AlignTop

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.width() < NARROW
        if stacked != self._stacked:
            self._stacked = stacked
            self._lay(stacked)
        self._show_steps()

    def _chosen_pair(self, row: int, other: int) -> None:
        """Both rows are selected; the cursor is in the one that is read."""
        self.intent.emit(Select(other))
        if row != other:
            self.intent.emit(ToggleRow(row))
