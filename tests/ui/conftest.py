"""What the tests of the views share: a session on a sample, its scene with and without results, a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Batch, BatchError
from packviz.core.cancel import UNWATCHED
from packviz.core.samples import sample
from packviz.session.actions import Action, Computed, Failed, Open
from packviz.session.requests import TorchRequest
from packviz.session.scene.resolve import Scene, resolve
from packviz.session.state import State, showing
from packviz.session.store import Session
from packviz.session.updates.update import update
from packviz.session.work import wanted
from packviz.ui.panes.board import Board
from packviz.ui.panes.states import StatesView
from packviz.ui.window import Window

LEFT, NONE, NO_KEY = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


@cache
def state_of(name: str) -> State:
    """The window's state on a sample, checked and with torch's verdict, as if the jobs were done. It is made once: no
    state is ever changed."""
    found = sample(name)
    state = showing(found.load(), module=found.module)
    assert state.batch is not None
    state = update(state, Computed(TorchRequest(), TorchRequest().do(UNWATCHED)))
    for kind, request in wanted(state).items():
        if kind in ("check", "verdict"):
            state = update(state, Computed(request, request.do(UNWATCHED)))
    return state


@pytest.fixture
def scene_of() -> Callable[[str], Scene]:
    """The scene of a sample, with its findings and torch's verdict."""
    return lambda name: resolve(state_of(name), None)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """A shown window on the first batch, which does no work of its own."""
    made = Window(Session(state_of("first-batch")))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    made.close()


class Stage:
    """The board and the state pane, shown on their own, and what they asked for: actions go in by hand."""

    def __init__(self, qtbot: QtBot, state: State, size: tuple[int, int]) -> None:
        self.state, self.scene, self.asked = state, resolve(state, None), list[Any]()
        self.board, self.states = Board(), StatesView()
        for view, height in ((self.board, size[1]), (self.states, 300)):
            qtbot.addWidget(view)
            view.resize(size[0], height)
            view.intent.connect(self.asked.append)
            view.draw(self.scene, None)
            with qtbot.waitExposed(view):
                view.show()
        QApplication.processEvents()

    def do(self, *actions: Action) -> None:
        """Apply the actions and draw every scene."""
        for action in actions:
            self.state = update(self.state, action)
            last, self.scene = self.scene, resolve(self.state, self.scene)
            for view in (self.board, self.states):
                view.draw(self.scene, last)
        QApplication.processEvents()

    def work(self) -> None:
        """Do all the work that the state wants."""
        while requests := wanted(self.state):
            for request in requests.values():
                try:
                    self.do(Computed(request, request.do(UNWATCHED)))
                except BatchError as error:
                    self.do(Failed(request, str(error)))

    def pane(self, name: str) -> Any:
        return self.states if name == "states" else self.board.panes[name]

    def at(self, name: str, down: float, across: float) -> QPoint:
        """The pixel of a pane's canvas in the middle of a cell."""
        canvas = self.pane(name).canvas
        centre = canvas.mapper.rect(down, across).center()
        return (centre + canvas.cells().topLeft()).toPoint()

    def on_board(self, name: str, down: float) -> QPointF:
        """Where the step `down` of a pane begins, in pixels of the board, with fractions."""
        canvas = self.pane(name).canvas
        corner = canvas.mapper.rect(down, canvas.mapper.across[0]).topLeft()
        return QPointF(canvas.mapTo(self.board, QPoint(0, 0))) + canvas.cells().topLeft() + corner

    def colour(self, name: str, down: float, across: float, by: tuple[int, int] = (0, 0)) -> tuple[int, int, int]:
        """The colour of the pixel in the middle of a cell, or `by` (x, y) pixels from there."""
        image = self.pane(name).canvas.grab().toImage()
        found = image.pixelColor(self.at(name, down, across) + QPoint(*by))
        return found.red(), found.green(), found.blue()

    def send(self, name: str, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        """A mouse event on a pane's canvas."""
        viewport = self.pane(name).canvas
        moving = kind is QEvent.Type.MouseMove
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease or button == NONE else button
        place = QPointF(viewport.mapToGlobal(at))
        event = QMouseEvent(kind, QPointF(at), place, NONE if moving else button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)

    def hover(self, name: str, down: float, across: float) -> None:
        self.send(name, QEvent.Type.MouseMove, self.at(name, down, across), NONE)

    def click(self, name: str, down: float, across: float, button: Qt.MouseButton = LEFT) -> None:
        at = self.at(name, down, across)
        self.send(name, QEvent.Type.MouseMove, at, NONE)
        self.asked.clear()
        self.send(name, QEvent.Type.MouseButtonPress, at, button)
        self.send(name, QEvent.Type.MouseButtonRelease, at, button)

    def drag(self, name: str, *places: QPoint) -> None:
        """Press at the first place, move over the others, and let go at the last one."""
        self.send(name, QEvent.Type.MouseMove, places[0], NONE)
        self.asked.clear()
        self.send(name, QEvent.Type.MouseButtonPress, places[0])
        for place in places[1:]:
            self.send(name, QEvent.Type.MouseMove, place)
        self.send(name, QEvent.Type.MouseButtonRelease, places[-1])

    def wheel(self, name: str, down: float, across: float, turns: int, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        viewport, at = self.pane(name).canvas, self.at(name, down, across)
        event = QWheelEvent(
            QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(), QPoint(0, 120 * turns), NONE, keys,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(viewport, event)
        QApplication.processEvents()


@pytest.fixture
def stage(qtbot: QtBot) -> Callable[..., Stage]:
    """Makes a Stage of a state, or of a batch whose work is all done."""

    def make(shown: State | Batch, *actions: Action, size: tuple[int, int] = (1400, 520)) -> Stage:
        batch = shown if isinstance(shown, Batch) else None
        made = Stage(qtbot, update(State(), Open(batch)) if batch is not None else shown, size)
        if batch is not None:
            made.work()
        made.do(*actions)
        return made

    return make
