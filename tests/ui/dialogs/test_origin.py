"""The window that says where a number comes from: its links lead there, and Back leads back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState
from packviz.session.actions import AskOrigin, Open, StepTo
from packviz.session.cursor import Place
from packviz.ui.commands.context import entries_of
from packviz.ui.dialogs.origin import OriginDialog
from packviz.ui.window import Window

X = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)


@pytest.fixture
def dialog(window: Window, qtbot: QtBot) -> OriginDialog:
    window.session.apply(Open(make_batch(X, [4, 3], Call(True, True)), Module("LSTM", 3)))
    window.session.work()
    qtbot.waitUntil(lambda: window.session.scene.states.grid is not None, timeout=20_000)
    window.session.apply(StepTo(2))
    window.menus.do("origin")
    found = window.beside.origin
    assert found is not None
    qtbot.waitUntil(lambda: "h' = o" in found.said.text(), timeout=10_000)
    return found


def link(dialog: OriginDialog, text: str) -> str:
    """The link whose words begin so."""
    _, _, rest = dialog.said.text().partition(f">{text}")
    assert rest, dialog.said.text()
    return dialog.said.text().split(f">{text}")[0].rsplit("href='", 1)[1].split("'")[0]


def test_links_lead_from_h_to_the_cell_of_x_and_back(window: Window, dialog: OriginDialog, qtbot: QtBot) -> None:
    session = window.session
    dialog.followed(link(dialog, "c[0]"))
    qtbot.waitUntil(lambda: "c' = f" in dialog.said.text(), timeout=10_000)
    dialog.followed(link(dialog, "c before[0]"))
    qtbot.waitUntil(lambda: "after t1" in dialog.said.text().split("</b>")[0], timeout=10_000)
    assert session.state.cursor.moment == Moment(1)
    dialog.followed(link(dialog, "i[0]"))
    qtbot.waitUntil(lambda: "i = σ" in dialog.said.text(), timeout=10_000)
    dialog.followed(link(dialog, "W_ii[0, 2] x[2]"))
    assert (session.state.cursor.row, session.state.cursor.step, session.state.look.feature) == (0, 1, 2)
    assert session.state.cursor.shown is not None
    dialog.back.click()
    qtbot.waitUntil(lambda: "c' = f" in dialog.said.text(), timeout=10_000)
    assert session.state.origin == OfState("c", Moment(1), 0, 0)


def test_a_row_that_does_not_take_the_step_has_no_equation_there(
    window: Window, dialog: OriginDialog, qtbot: QtBot
) -> None:
    window.session.apply(AskOrigin(OfState("h", Moment(3), 1, 0)))
    qtbot.waitUntil(lambda: "row 1 does not take step t3" in dialog.said.text(), timeout=10_000)
    window.session.apply(AskOrigin(None))
    QApplication.processEvents()
    assert "ask with W" in dialog.said.text()


def test_the_menu_of_a_state_offers_it(window: Window, dialog: OriginDialog) -> None:
    entries = entries_of(window.session.scene, Place(1, 2, "f", 1))
    assert entries[0].text == "Where does f[1, 1] come from?"
    assert entries[0].action == AskOrigin(OfState("f", Moment(2), 1, 1))
    assert not any("come from" in entry.text for entry in entries_of(window.session.scene, Place(1, 2)))


def test_f11_goes_gate_by_gate_and_the_window_follows(window: Window, dialog: OriginDialog, qtbot: QtBot) -> None:
    window.session.apply(AskOrigin(None))
    for name in "ifgoch":
        window.menus.do("step_into")
        title = f"<b>{name}[0, 0] = "
        qtbot.waitUntil(lambda title=title: title in dialog.said.text(), timeout=10_000)
        assert "after t2" in dialog.said.text()
    window.menus.do("step_into")
    qtbot.waitUntil(lambda: "after t3" in dialog.said.text(), timeout=10_000)
    window.menus.do("step_out")
    assert window.session.state.origin is None
