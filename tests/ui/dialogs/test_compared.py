"""The window of comparisons: what differs, and links to the rows."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.session.actions import Open, SetLength
from packviz.ui.window import Window

X = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)


def test_it_says_what_differs_and_leads_there(window: Window, qtbot: QtBot) -> None:
    session = window.session
    session.apply(Open(make_batch(X, [4, 2, 3], Call(True, False)), Module("GRU", 3, directions=2)))
    session.work()
    qtbot.waitUntil(lambda: session.scene.states.grid is not None, timeout=20_000)
    assert session.scene.compared.found == ()
    window.menus.do("compare")
    dialog = window.beside.compared
    assert dialog is not None
    qtbot.waitUntil(lambda: "out at lengths - 1 against h_n: the same." in dialog.said.text(), timeout=20_000)
    assert "out[:, -1] against h_n: differs in rows 1, 2" in dialog.said.text()
    place = next(i for i, one in enumerate(session.scene.compared.found) if one.name == "out[:, -1]")
    dialog.followed(f"{place}:2")
    assert session.state.cursor.row == 2
    steps = next(i for i, one in enumerate(session.scene.compared.found) if one.first is not None)
    first = session.scene.compared.found[steps].first
    assert first is not None
    dialog.followed(f"{steps}:first")
    assert session.state.cursor.moment == Moment(first.step, 0, 1)
    assert session.state.cursor.row == first.row
    session.apply(SetLength(1, 4))
    qtbot.waitUntil(lambda: "out[:, -1] against h_n: differs in row 2" in dialog.said.text(), timeout=20_000)
    dialog.close()
    assert not session.state.comparing
