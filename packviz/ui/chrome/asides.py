"""How large a dock is that comes with what it shows, as the calls come with a recording, and goes with it: as it was
left the last time, else its share of the window. What stands beside it has its own height back once it goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStyle

Share = tuple[float, float]
"""Of the window's width and of its height."""
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Asides:
    """The sizes of the docks of a window that come and go. `beside`: which dock each shares a row with, if any."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget], beside: Mapping[str, str]) -> None:
        self._window, self._docks, self._beside = window, docks, beside
        self._left: dict[str, Share] = {}
        self._alone: dict[str, float] = {}
        """The share of the window's height that the dock beside each had before it came."""

    def bring(self, name: str, usual: Share, show: Callable[[], None]) -> None:
        """Show a dock, which `show` does, in its size: the `usual` one where none is remembered."""
        dock, mate = self._docks[name], self._mate(name)
        both, high = (0, 0) if mate is None else (mate.width(), mate.height())
        came = dock.isHidden() and self._window.isVisible()  # else nothing has its size yet
        show()
        if not came or dock.isFloating() or mate in self._window.tabifiedDockWidgets(dock):
            return
        wide, tall = self._left.get(name, usual)
        wide *= self._window.width()
        if mate is None:
            self._window.resizeDocks([dock], [round(wide)], ACROSS)
            return
        self._alone.setdefault(name, high / self._window.height())
        share_out(self._window, (dock, mate), round(wide), both)
        self._window.resizeDocks([dock, mate], [round(tall * self._window.height())] * 2, DOWN)

    def give_back(self, name: str) -> None:
        """A dock goes: what stood beside it is as high as before."""
        self.note(name)
        alone, mate = self._alone.pop(name, None), self._mate(name)
        if alone is not None and mate is not None:
            self._window.resizeDocks([mate], [round(alone * self._window.height())], DOWN)

    def note(self, name: str) -> None:
        """Remember how large a dock is, where it stands in its place."""
        dock, size = self._docks[name], self._window.size()
        if dock.isVisible() and not dock.isFloating():
            self._left[name] = (dock.width() / size.width(), dock.height() / size.height())

    def forget(self) -> None:
        """Everything is as at first."""
        self._left.clear()
        self._alone.clear()

    def told(self) -> bytes:
        """What is remembered of them, as `remember` reads it."""
        return json.dumps({"left": self._left, "alone": self._alone}).encode()

    def remember(self, told: bytes) -> None:
        """Take what an earlier window told at its end, none of them shown; of what is no such thing, nothing."""
        left, alone = _read(told)
        self._left = {name: share for name, share in left.items() if name in self._docks}
        for name, share in alone.items():
            mate = self._mate(name)
            if mate is not None:
                self._window.resizeDocks([mate], [round(share * self._window.height())], DOWN)

    def _mate(self, name: str) -> QDockWidget | None:
        """The dock that stands beside this one, where it does."""
        mate = self._docks.get(self._beside.get(name, ""))
        return None if mate is None or mate.isHidden() or mate.isFloating() else mate


def share_out(window: QMainWindow, row: Sequence[QDockWidget], first: int, both: int) -> None:
    """Give the first of two docks in a row so many pixels, and the other one what is left of `both`, which they have
    together: of sizes that add up to another number Qt would make others."""
    between = window.style().pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent, None, window)
    window.resizeDocks(row, [first, max(1, both - between - first)], ACROSS)


def _read(told: bytes) -> tuple[dict[str, Share], dict[str, float]]:
    try:
        said = json.loads(told or b"{}")
        left = {name: (_share(wide), _share(high)) for name, (wide, high) in said.get("left", {}).items()}
        return left, {name: _share(high) for name, high in said.get("alone", {}).items()}
    except (ValueError, TypeError, AttributeError):
        return {}, {}


def _share(value: object) -> float:
    if isinstance(value, float) and 0 < value <= 1:
        return value
    raise ValueError(f"{value!r} is no share")
