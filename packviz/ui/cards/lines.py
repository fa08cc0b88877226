"""The lines of the panel of breakpoints and watches: one for each of them, with what is changed in place."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QToolButton, QVBoxLayout, QWidget

from packviz.core.look.colour import Theme
from packviz.core.stop_list import MOST_HITS
from packviz.core.stops import Where
from packviz.session.scene.stops import StopLine, WatchLine
from packviz.ui.cards.in_place import CHANGED_BY, Box, Editor, Name
from packviz.ui.cards.sparkline import Sparkline
from packviz.ui.look.lettering import Elided
from packviz.ui.look.theme import rename

BOX = 20  # pixels of a check box before its text


class Hits(QSpinBox):
    """From which hit on a breakpoint is stopped at: `every hit`, or `from hit 3`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hits")
        self.setRange(1, MOST_HITS)
        self.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)  # keys do as well
        self.setSpecialValueText("every hit")
        self.setPrefix("from hit ")
        self.setFrame(False)
        self.setFixedHeight(19)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Stop only from this hit on, counted from the start of the walk; 1: at every hit")

    def show_first(self, first: int, anew: bool) -> None:
        """The hit from which on it is; `anew`: of another breakpoint, so that what is being typed is forgotten."""
        if anew or first != self.value():
            with QSignalBlocker(self):
                self.setValue(first)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(f"{self.text()}0") + 12)  # room for one more digit

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel is scrolled


class _Line(QWidget):
    """What both kinds of lines have: a name that is typed over and a cross that takes it away, and below them what is
    said of it, so that a narrow panel has room for both.

    `removed`: by the cross. `retyped`: the text that it is to be instead; whoever takes it says `leave`. `edited`: what
    is typed is another text, or no longer typed.
    """

    removed = Signal()
    retyped = Signal(str)
    edited = Signal()

    def __init__(self, name: Name | Box, *aside: QWidget) -> None:
        super().__init__()
        self._name, self._aside, self._text, self._editing = name, aside, "", False
        self.editor = Editor()
        self.editor.returnPressed.connect(self._take)
        self.editor.textEdited.connect(self.edited)
        self.editor.left.connect(self.leave)
        self.cross = QToolButton()
        self.cross.setObjectName("cross")
        self.cross.setText("×")
        self.cross.setAutoRaise(True)
        self.cross.setToolTip("Take it away")
        self.cross.clicked.connect(self.removed)
        name.asked.connect(self.edit)
        above, self.below = QHBoxLayout(), QHBoxLayout()
        for widget, stretch in ((name, 1), (self.editor, 1), *((widget, 0) for widget in aside), (self.cross, 0)):
            above.addWidget(widget, stretch)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 2)
        rows.setSpacing(0)
        for row in (above, self.below):
            row.setSpacing(6)
            rows.addLayout(row)

    def in_turn(self) -> tuple[QWidget, ...]:
        """What Tab goes to, one after the other."""
        return self._name, self.editor, self.cross

    def edit(self) -> None:
        """Type over its name."""
        if self._editing:
            return
        self._editing = True
        for widget in (self._name, *self._aside):
            widget.hide()
        self.editor.setText(self._text)
        self.editor.show()
        self.editor.setFocus()
        self.editor.selectAll()

    def leave(self) -> None:
        """No more typing; the name is there again."""
        if not self._editing:
            return
        self._editing = False
        for widget in (self._name, *self._aside):
            widget.show()
        if self.editor.hasFocus():
            self._name.setFocus()
        self.editor.hide()
        self.edited.emit()

    def go(self) -> None:
        """There is no line for it any more; nothing is asked for by what is still being typed."""
        self.leave()
        self.hide()
        self.deleteLater()

    def _take(self) -> None:
        if self.editor.text().strip() == self._text:
            self.leave()
        else:
            self.retyped.emit(self.editor.text())

    def _named(self, text: str, anew: bool) -> None:
        if anew:
            self.leave()
        self._text = text
        self.editor.setAccessibleName(f"In the place of {text}")
        self.cross.setAccessibleName(f"Take away: {text}")


class StopRow(_Line):
    """A breakpoint: on or off, where, from which hit on, how often it has been met."""

    switched = Signal()

    def __init__(self) -> None:
        self.on, self.hits, self.told = Box(), Hits(), QLabel()
        super().__init__(self.on)
        self._line: StopLine | None = None
        self.on.clicked.connect(self.switched)
        self.on.doubled.connect(self._doubled)
        self.told.setObjectName("small")
        self.below.setContentsMargins(BOX, 0, 0, 0)
        self.below.addWidget(self.told)
        self.below.addWidget(self.hits)
        self.below.addStretch(1)

    def show_line(self, line: StopLine) -> None:
        """What there is to say of it."""
        anew = self._line is None or self._line.stop != line.stop
        self._line = line
        self._named(line.text, anew)
        self.on.setChecked(line.on)
        self.on.open_to_change = isinstance(line.stop, Where)
        met = f"{line.text}: met {line.told or 'as often as will be known'} up to here"
        self.on.setToolTip(line.trouble or (f"{met}; {CHANGED_BY}" if self.on.open_to_change else met))
        self.hits.show_first(line.first, anew)
        self.hits.setAccessibleName(f"Stop from which hit on: {line.text}")
        self.told.setText("not here" if line.trouble else line.told)
        rename(self.told, "bad" if line.trouble else "small")
        font = self.on.font()
        font.setBold(line.here)
        self.on.setFont(font)
        self.on.set_full(line.text)

    def in_turn(self) -> tuple[QWidget, ...]:
        return *super().in_turn(), self.hits

    def go(self) -> None:
        self.hits.blockSignals(True)  # Qt takes a number that is half typed when its field is hidden
        super().go()

    def _doubled(self) -> None:
        self.switched.emit()  # back to what it was before the first click
        self.edit()


class WatchRow(_Line):
    """A watch: what, its value now, the change, a small plot over all steps."""

    def __init__(self) -> None:
        self.name, self.value, self.plot = Name(), Elided("mono"), Sparkline()
        super().__init__(self.name, self.plot)
        self._line: WatchLine | None = None
        self.name.setAccessibleDescription(CHANGED_BY)
        self.below.addWidget(self.value)

    def show_line(self, line: WatchLine, theme: Theme) -> None:
        """What there is to say of it."""
        anew = self._line is None or self._line.expression != line.expression
        self._line = line
        text = str(line.expression)
        self._named(text, anew)
        self.name.set_full(text)
        self.name.setToolTip(line.trouble or f"{text}; {CHANGED_BY}")
        change = f" ({line.change})" if line.change else ""
        self.value.set_full("not here" if line.trouble else f"{line.value}{change}")
        self.value.setToolTip(line.trouble or self.value.full)
        self.plot.show_line(line, theme)
