"""Where the parts of the window stand: the default, and what is remembered from the last time."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from packviz.ui.chrome.asides import Asides, share_out
from packviz.ui.chrome.dock import Dock
from packviz.ui.chrome.remembered import Remembered
from packviz.ui.chrome.sizes import LOW, WIDTHS, usual_share
from packviz.ui.panes.board import Board
from packviz.ui.parts import DOCK_PARTS, TIME_PARTS, DockPart

_ARRANGED = repr([(part.name, part.area.name, part.behind, part.beside) for part in DOCK_PARTS])
VERSION = zlib.crc32(_ARRANGED.encode()) >> 1  # another arrangement of docks makes an older layout useless
ASIDE = tuple(part.name for part in DOCK_PARTS if part.aside)
BESIDE = {part.name: part.beside for part in DOCK_PARTS if part.beside}
Area = Qt.DockWidgetArea
FRAME = (8, 40)  # what a window manager's frame may take of the screen
DEFAULT_SIZE = (1600, 1000)
SETTLED_MS = 500
NEAR = 24  # pixels between two docks, one above the other
MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class _Before(NamedTuple):
    """How everything stood before one part got all the room."""

    name: str
    docks: QByteArray
    panes: dict[str, bool]
    board: QByteArray


def _lies_on(upper: QDockWidget, lower: QDockWidget) -> bool:
    """Whether one dock stands right above another."""
    one, other = upper.geometry(), lower.geometry()
    return one.left() < other.right() and other.left() < one.right() and 0 <= other.top() - one.bottom() < NEAR


class Layout(QObject):
    """Arranges the docks, shows and hides the parts. `shown_changed`: (name of the part, whether it is shown)."""

    shown_changed = Signal(str, bool)

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, QDockWidget], board: Board, remembered: Remembered
    ) -> None:
        super().__init__(window)
        self._window, self._docks, self._board, self._remembered = window, docks, board, remembered
        self._later = QTimer(self)  # to the end of a change: it is kept as it stands then, whatever comes after
        self._later.setSingleShot(True)
        self._later.setInterval(SETTLED_MS)
        self._later.timeout.connect(self.save)
        board.splitter.splitterMoved.connect(self.changed)
        board.moved.connect(self.changed)
        self.shown_changed.connect(self.changed)
        self._panes = dict.fromkeys(board.panes, True)
        self._default = self._low = self._restored = False
        self._size = QSize()
        self._before: _Before | None = None
        self._filled: frozenset[str] = frozenset()
        self._asides = Asides(window, docks, BESIDE)
        self._shares: dict[str, tuple[float, float]] = {}
        for name, dock in docks.items():
            dock.installEventFilter(self)
            if isinstance(dock, Dock):
                dock.grip.dragged.connect(lambda down, name=name: self.dragged(name, down))
                dock.grip.doubled.connect(lambda name=name: self.maximise(name))
            dock.toggleViewAction().toggled.connect(lambda on, name=name: self.shown_changed.emit(name, on))

    def is_shown(self, name: str) -> bool:
        """Whether a pane or a dock is shown."""
        return self._panes[name] if name in self._panes else not self._docks[name].isHidden()

    def set_shown(self, name: str, shown: bool) -> None:
        """Show or hide a pane or a dock."""
        if name in self._docks:
            self._docks[name].setVisible(shown)
            if shown:
                self._docks[name].raise_()  # it may be behind a tab
            return
        self._panes[name] = shown
        self._board.set_shown(name, shown)
        self.shown_changed.emit(name, shown)

    def set_filled(self, name: str, filled: bool) -> None:
        """A dock that stands aside has something to show, or nothing any more: it is shown, or hidden."""
        self._filled = self._filled | {name} if filled else self._filled - {name}
        if not filled and not self._default:
            self._asides.give_back(name)
        if filled and not self._default:
            self._asides.bring(name, usual_share(name, self._window.size()), lambda: self.set_shown(name, filled))
        else:
            self.set_shown(name, filled)
        self.proportion()

    def reset(self) -> None:
        """Every part where it was at first, and shown, but for those that are hidden until they are asked for, or have
        something to show."""
        window, docks = self._window, self._docks
        if self._before is not None:
            self._put_back(self._before)
        self._board.arrange([part.name for part in TIME_PARTS])
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        window.setCorner(Qt.Corner.BottomLeftCorner, Area.BottomDockWidgetArea)
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        self._low = window.height() < LOW
        before: dict[Area, DockPart] = {}
        for part in DOCK_PARTS:
            above = before.get(part.area)
            if part.beside:
                across = Qt.Orientation.Horizontal
                window.splitDockWidget(docks[part.beside], docks[part.name], across)
                window.splitDockWidget(docks[part.name], docks[part.beside], across)  # which comes to its right
                continue
            if above is None:
                window.addDockWidget(part.area, docks[part.name])
            elif part.behind or (self._low and part.low is None):
                window.tabifyDockWidget(docks[part.behind or above.name], docks[part.name])
                continue
            else:
                window.splitDockWidget(docks[above.name], docks[part.name], Qt.Orientation.Vertical)
            before[part.area] = part
        for name, dock in docks.items():
            dock.setVisible(name not in ASIDE or name in self._filled)
        for name in self._panes:
            self.set_shown(name, True)
        for part in before.values():
            docks[part.name].raise_()
        self._asides.forget()
        self._default = True
        self.proportion()

    # ---- all the room for one of them ------------------------------------------------------------------------------

    @property
    def maximised(self) -> str:
        """The name of the part that has all the room, or nothing."""
        return "" if self._before is None else self._before.name

    def maximise(self, name: str) -> None:
        """Give all the room to one part; where one has it already, put everything back."""
        if self._before is not None:
            self._put_back(self._before)
            return
        window, splitter = self._window, self._board.splitter
        self._before = _Before(name, window.saveState(VERSION), dict(self._panes), splitter.saveState())
        for other, dock in self._docks.items():
            dock.setVisible(other == name)
        if name in self._docks:
            self._centre.hide()
            self._docks[name].raise_()
            return
        for other in self._panes:
            self.set_shown(other, other == name)

    @property
    def _centre(self) -> QWidget:
        """What the docks stand around."""
        centre = self._window.centralWidget()
        assert centre is not None
        return centre

    def _put_back(self, before: _Before) -> None:
        self._before = None
        self._centre.show()
        self._window.restoreState(before.docks, VERSION)
        for other, shown in before.panes.items():
            self.set_shown(other, shown)
        self._board.splitter.restoreState(before.board)

    def dragged(self, name: str, down: int) -> None:
        """The strip above a dock was dragged: it takes from the one above it, or from the panes."""
        dock = self._docks[name]
        above = [
            other
            for other in self._docks.values()
            if other is not dock and other.isVisible() and not other.isFloating() and _lies_on(other, dock)
        ]
        if above:
            sizes = [above[0].height() + down, dock.height() - down]
            self._window.resizeDocks([above[0], dock], sizes, Qt.Orientation.Vertical)
        elif self._window.dockWidgetArea(dock) is Area.BottomDockWidgetArea:
            self._window.resizeDocks([dock], [dock.height() - down], Qt.Orientation.Vertical)

    def proportion(self) -> None:
        """The docks' sizes as they are at first, for the size that the window has."""
        if not self._default:
            return
        window, docks = self._window, self._docks
        if self._low != (window.height() < LOW):
            self.reset()
            return
        wide = {name: round(usual_share(name, window.size())[0] * window.width()) for name in WIDTHS}
        for name in wide:
            if name not in BESIDE:
                window.resizeDocks([docks[name]], [wide[name]], Qt.Orientation.Horizontal)
        for name in self._filled & BESIDE.keys():
            share_out(window, [docks[name], docks[BESIDE[name]]], wide[name], window.width() - wide["findings"])
        for area in dict.fromkeys(part.area for part in DOCK_PARTS):
            placed = [part for part in DOCK_PARTS if part.area is area and not part.behind]
            shares = {part.name: part.low if self._low else part.share for part in placed}
            for name in BESIDE.keys() & shares.keys():
                own = shares.pop(name)
                if name in self._filled:  # a row is as high as the higher one of the two
                    shares[name] = shares[BESIDE[name]] = own
            sizes = {name: round(window.height() * share) for name, share in shares.items() if share is not None}
            window.resizeDocks([docks[name] for name in sizes], list(sizes.values()), Qt.Orientation.Vertical)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A dock that changes its size while the window keeps its own was dragged: its share is remembered."""
        if event.type() is QEvent.Type.Resize and self._size == self._window.size():
            self._note()
        if event.type() in MOVES:
            self.changed()
        return False

    @Slot()
    def changed(self) -> None:
        """Something stands elsewhere, or is shown or hidden: that is kept in a moment."""
        if self._restored:
            self._later.start()

    def _note(self) -> None:
        size = self._window.size()
        shown = {name: dock for name, dock in self._docks.items() if dock.isVisible() and self._is_in_place(dock)}
        self._shares = {n: (d.width() / size.width(), d.height() / size.height()) for n, d in shown.items()}

    def _is_in_place(self, dock: QDockWidget) -> bool:
        """Neither floating nor behind another tab: there Qt keeps a dock outside the window, in a size of its own."""
        return not dock.isFloating() and self._window.rect().intersects(dock.geometry())

    def follow(self) -> None:
        """The window has another size: every dock keeps its share of it."""
        window, size = self._window, self._window.size()
        if self._size.isValid() and self._shares:
            names = [name for name in self._shares if self._docks[name].isVisible()]
            docks = [self._docks[name] for name in names]
            for at, length, way in (
                (0, size.width(), Qt.Orientation.Horizontal),
                (1, size.height(), Qt.Orientation.Vertical),
            ):
                window.resizeDocks(docks, [round(self._shares[name][at] * length) for name in names], way)
        self._size = size
        self.changed()

    def restore(self) -> None:
        """As it was the last time, or the default."""
        self.reset()
        self._window.resize(*self._fitting())
        parts = self._remembered.layout()
        if "geometry" in parts:
            self._window.restoreGeometry(QByteArray(parts["geometry"]))
        if "state" not in parts or not self._window.restoreState(QByteArray(parts["state"]), VERSION):
            self.proportion()
        else:
            self._default = False
            for name in ASIDE:
                self._docks[name].setVisible(name in self._filled)  # its result was that of another batch
            self._asides.remember(parts.get("asides", b""))
            hidden = parts.get("hidden", b"").decode("ascii", "replace").split()
            for name in self._panes:
                self.set_shown(name, name not in hidden)
            self._board.arrange(parts.get("order", b"").decode("ascii", "replace").split())
            if "board" in parts:
                self._board.splitter.restoreState(QByteArray(parts["board"]))
        self._restored = True

    def _fitting(self) -> tuple[int, int]:
        """The default size, or as much of it as the screen has."""
        screen = self._window.screen().availableGeometry()
        return min(DEFAULT_SIZE[0], screen.width() - FRAME[0]), min(DEFAULT_SIZE[1], screen.height() - FRAME[1])

    def save(self) -> None:
        """Remember it; of a part that has all the room, where everything was before."""
        self._later.stop()
        if self._before is not None:
            return
        for name in self._filled:
            self._asides.note(name)
        hidden = " ".join(name for name, shown in self._panes.items() if not shown)
        self._remembered.keep_layout(
            {
                "geometry": bytes(self._window.saveGeometry().data()),
                "state": bytes(self._window.saveState(VERSION).data()),
                "hidden": hidden.encode("ascii"),
                "order": " ".join(self._board.order()).encode("ascii"),
                "board": bytes(self._board.splitter.saveState().data()),
                "asides": self._asides.told(),
            }
        )
