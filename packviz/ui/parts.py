"""THE table of the parts of the window: the panes on the time axis, and the docks around them.

Window, board, layout, commands, menus and tests read it: a pane is declared here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from packviz.ui.calls.view import CallsView
from packviz.ui.canvas.surface import TimeAxis
from packviz.ui.cards.findings import FindingsView
from packviz.ui.cards.inspector import InspectorView
from packviz.ui.cards.notes import NotesView
from packviz.ui.cards.probe import ProbeView
from packviz.ui.cards.python import PythonView
from packviz.ui.cards.stops import StopsView
from packviz.ui.cards.verdict import VerdictView
from packviz.ui.panes.bars import BarsPane
from packviz.ui.panes.cells_pane import CellsPane
from packviz.ui.panes.shelf import ShelfView
from packviz.ui.panes.states import StatesView
from packviz.ui.panes.time_pane import TimePane

Area = Qt.DockWidgetArea


@dataclass(frozen=True)
class TimePart:
    """A pane on the shared time axis. `name` is that of its part of the scene; `share` and `turned`: how much of the
    board it takes where time runs down and where it runs right."""

    name: str
    title: str
    make: Callable[[TimeAxis], TimePane]
    share: int
    turned: int


@dataclass(frozen=True)
class DockPart:
    """A dock. `area`: where it stands at first, under the one before it in the same area, or behind the tab of the one
    named `behind`, or to the left of the one named `beside`. `share`: of the window's height; `low`: the same in a low
    window, None where it then goes behind the one before it. `aside`: it is hidden until it is asked for, or has
    something to show."""

    name: str
    title: str
    make: Callable[[], QWidget]
    area: Area
    share: float
    low: float | None
    behind: str = ""
    beside: str = ""
    aside: bool = False


TIME_PARTS: tuple[TimePart, ...] = (
    TimePart("padded", "Padded x", lambda time: CellsPane("padded", time), 33, 30),
    TimePart("packed", "Packed data", lambda time: CellsPane("packed", time), 31, 30),
    TimePart("sizes", "batch_sizes", BarsPane, 18, 19),
    TimePart("row", "Row over time", lambda time: CellsPane("row", time), 27, 24),
)
DOCK_PARTS: tuple[DockPart, ...] = (
    DockPart("shelf", "Batches", ShelfView, Area.LeftDockWidgetArea, 0.62, 0.62, aside=True),
    DockPart("states", "State after step t", StatesView, Area.BottomDockWidgetArea, 0.38, 0.38),
    DockPart("calls", "Calls", CallsView, Area.BottomDockWidgetArea, 0.45, 0.48, beside="states", aside=True),
    DockPart("probe", "Leak probe", ProbeView, Area.BottomDockWidgetArea, 0.38, 0.38, behind="states", aside=True),
    DockPart("findings", "Findings", FindingsView, Area.RightDockWidgetArea, 0.52, 0.6),
    DockPart("torch", "What torch does", VerdictView, Area.RightDockWidgetArea, 0.24, 0.4),
    DockPart("python", "Python", PythonView, Area.RightDockWidgetArea, 0.24, None),
    DockPart("inspector", "Inspector", InspectorView, Area.RightDockWidgetArea, 0.24, None, behind="python"),
    DockPart("stops", "Breakpoints", StopsView, Area.RightDockWidgetArea, 0.24, None, behind="python", aside=True),
    DockPart("notes", "Notes", NotesView, Area.RightDockWidgetArea, 0.24, None, behind="python", aside=True),
)
PARTS: tuple[TimePart | DockPart, ...] = (*TIME_PARTS, *DOCK_PARTS)
