"""What the tests of the views share: a session on a sample, its scene with and without results, a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from packviz.core.cancel import UNWATCHED
from packviz.core.samples import sample
from packviz.session.actions import Computed
from packviz.session.scene import Scene, resolve
from packviz.session.state import State
from packviz.session.store import Session
from packviz.session.update import update
from packviz.session.work import CheckRequest, TorchRequest, VerdictRequest
from packviz.ui.window import Window


def state_of(name: str) -> State:
    """The window's state on a sample, checked and with torch's verdict, as if the jobs were done."""
    found = sample(name)
    state = State(batch=found.load(), spec=found.spec)
    assert state.batch is not None
    for request in (TorchRequest(), CheckRequest(state.batch, True), VerdictRequest(state.batch, state.spec)):
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
