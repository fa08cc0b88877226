"""What an action paints, counted: no widget twice, and nothing that it does not touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.ui.window import Window


class Paints(QObject):
    """Counts the paint events of every widget."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.seen: Counter[QWidget] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self.seen[watched] += 1
        return False


@pytest.fixture
def paints(window: Window) -> Iterator[Paints]:
    counted = Paints(window)
    window.session.apply(act.StepTo(1))
    for _ in range(5):
        QApplication.processEvents()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(counted)
    yield counted
    application.removeEventFilter(counted)


def painted_by(action: act.Action, window: Window, paints: Paints) -> Counter[str]:
    """How often the action has each kind of widget painted, at most: `Canvas` 2 is one canvas twice."""
    paints.seen.clear()
    window.session.apply(action)
    for _ in range(5):
        QApplication.processEvents()
    most: Counter[str] = Counter()
    for widget, times in paints.seen.items():
        kind = type(widget).__name__
        most[kind] = max(most[kind], times)
    return most


ACTIONS = [act.StepBy(1), act.StepBy(-1), act.Hover(Place(0, 1)), act.SetLength(0, 2), act.Undo(), act.Redo()]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: type(action).__name__)
def test_an_action_paints_each_canvas_once(action: act.Action, window: Window, paints: Paints) -> None:
    if isinstance(action, act.Undo | act.Redo):
        painted_by(act.SetLength(0, 1), window, paints)
    if isinstance(action, act.Redo):
        painted_by(act.Undo(), window, paints)
    painted = painted_by(action, window, paints)
    assert painted["Canvas"] == 1
    assert painted["Scanline"] <= 1


@pytest.mark.parametrize("action", ACTIONS[:3], ids=lambda action: type(action).__name__)
def test_a_step_and_the_pointer_paint_no_card(action: act.Action, window: Window, paints: Paints) -> None:
    painted_by(action, window, paints)
    assert not [widget for widget in paints.seen if type(widget).__module__.startswith("packviz.ui.cards")]


def test_the_pointer_paints_no_heading_and_no_tool(window: Window, paints: Paints) -> None:
    assert not {"Toolbar", "TimeSlider", "Elided", "Board"} & painted_by(act.Hover(Place(0, 1)), window, paints).keys()


def test_what_changes_nothing_paints_nothing(window: Window, paints: Paints) -> None:
    painted_by(act.Hover(Place(0, 1)), window, paints)
    assert not painted_by(act.Hover(Place(0, 1)), window, paints)
    assert not painted_by(act.StepTo(window.session.state.cursor.step), window, paints)
