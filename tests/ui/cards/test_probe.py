from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QBoxLayout, QLabel
from pytestqt.qtbot import QtBot

from packviz.core.batch import Batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.requests import ProbeRequest, TorchRequest
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.torch_side.probe.calls import probe_callable
from packviz.ui.cards.probe import ProbeView
from packviz.ui.window import Window
from tests.torch_side.probe.functions import LENGTHS, RIGHT, WRONG
from tests.torch_side.probe.test_judging import law_batch
from tests.ui.conftest import state_of


def request_of(state: State) -> ProbeRequest:
    assert isinstance(state.batch, Batch)
    return ProbeRequest(state.batch, state.module)


def probed(name: str) -> State:
    state = update(state_of(name), act.Probe())
    request = request_of(state)
    return update(state, act.Computed(request, request.do(UNWATCHED)))


def drawn(qtbot: QtBot, state: State, width: int = 900) -> tuple[ProbeView, list[Any]]:
    view, asked = ProbeView(), list[Any]()
    qtbot.addWidget(view)
    view.resize(width, 300)
    view.intent.connect(asked.append)
    view.draw(resolve(state, None), None)
    with qtbot.waitExposed(view):
        view.show()
    QApplication.processEvents()
    return view, asked


def test_each_run_has_a_sentence_and_a_strip_for_each_layer(qtbot: QtBot) -> None:
    view, _ = drawn(qtbot, probed("inconsistent-lengths"))
    packed, unpacked = view.cards
    assert packed.head.text() == "packed ✗"
    assert packed.text.toPlainText() == "outputs, h_n and c_n of 1 of 3 rows read padding (row 2)"
    assert [len(card.strips) for card in (packed, unpacked)] == [1, 1]
    assert view.legend.isVisible()
    clean, _ = drawn(qtbot, probed("first-batch"))
    assert clean.cards[0].head.text() == "packed ✓"
    assert clean.cards[0].text.toPlainText() == "clean"


def test_a_click_on_a_bar_selects_its_row(qtbot: QtBot) -> None:
    view, asked = drawn(qtbot, probed("inconsistent-lengths"))
    strip = view.cards[0].strips[0]
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(2).center())
    assert asked == [act.Select(2)]


def test_what_a_run_raises_is_shown(qtbot: QtBot) -> None:
    view, _ = drawn(qtbot, probed("beyond-the-end"))
    assert view.cards[0].head.text() == "packed –"
    assert "start (10) + length (1) exceeds dimension size (10)." in view.cards[0].text.toPlainText()
    assert view.cards[0].strips == []


def test_the_button_probes_stops_and_probes_again(qtbot: QtBot) -> None:
    state = state_of("first-batch")
    view, asked = drawn(qtbot, state)
    last = resolve(state, None)

    def shown(state: State) -> str:
        nonlocal last
        scene = resolve(state, last)
        view.draw(scene, last)
        last = scene
        return view.button.text()

    assert shown(state) == "Probe"
    view.button.click()
    state = update(state, act.Probe())
    assert shown(state) == "Cancel"
    assert view.progress.isVisible()
    view.button.click()
    assert shown(update(state, act.Failed(request_of(state), "too large"))) == "Probe again"
    assert view.text.toPlainText() == "too large"
    assert shown(probed("first-batch")) == "Probe again"
    assert asked == [act.Probe(), act.CancelProbe()]


def test_without_a_batch_it_says_so_and_has_no_button(qtbot: QtBot) -> None:
    view, _ = drawn(qtbot, State())
    assert view.text.toPlainText() == "There is no batch to probe: open one first."
    assert not view.button.isVisible()


def test_another_batch_clears_the_old_runs(qtbot: QtBot) -> None:
    state = probed("inconsistent-lengths")
    view, _ = drawn(qtbot, state)
    view.draw(resolve(update(state, act.SetLength(2, 3)), None), resolve(state, None))
    assert view.cards == []
    assert "changed" in view.text.toPlainText()
    assert not view.legend.isVisible()


@pytest.mark.parametrize(("width", "beside"), [(260, False), (400, False), (800, True), (900, False), (1200, True)])
def test_the_runs_stand_side_by_side_where_there_is_room(qtbot: QtBot, width: int, beside: bool) -> None:
    view, _ = drawn(qtbot, probed("first-batch"), width)
    assert (view.runs_box.direction() is QBoxLayout.Direction.LeftToRight) == beside
    first, second = view.cards
    assert (first.y() == second.y()) == beside
    for card in view.cards:
        assert card.x() + card.width() <= view.inside.width()
    for label in view.legend.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width(), label.text()
    assert view.button.width() >= view.button.sizeHint().width()
    assert view.legend.isVisible()


def told(name: str, lengths: list[int]) -> State:
    """The state in which the probe of a function is shown, as if the window could be told of one."""
    made = RIGHT.get(name) or WRONG[name]
    batch = law_batch(made.batch_first, lengths)
    state = update(showing(batch, Module()), act.Computed(TorchRequest(), TorchRequest().do(UNWATCHED)))
    state = update(state, act.Probe())
    return update(state, act.Computed(request_of(state), probe_callable(made.make(), batch)))


def test_which_rows_and_steps_are_read_is_drawn(qtbot: QtBot) -> None:
    view, asked = drawn(qtbot, probed("first-batch"), 1240)
    assert view.law is not None
    assert view.law.isVisible()
    assert view.law.matrix is not None
    assert view.law.matrix.crossing.identity
    assert view.law.steps is not None
    assert [panel.title for panel in view.law.steps.panels] == ["h_n", "out[:, -1]", "out at lengths - 1"]
    qtbot.mouseClick(view.law.matrix, Qt.MouseButton.LeftButton, pos=view.law.matrix.place_of(1, 1).center())
    assert asked == [act.Select(1)]
    failed, _ = drawn(qtbot, probed("beyond-the-end"))
    assert failed.law is None


def test_a_permutation_is_seen_as_one_and_the_first_break_is_a_line(qtbot: QtBot) -> None:
    view, _ = drawn(qtbot, told("states_in_sorted_order", LENGTHS), 1240)
    assert view.law is not None
    assert view.law.matrix is not None
    assert view.law.matrix.crossing.sources == {0: 1, 1: 3, 3: 0}
    assert [card.finding.code for card in view.findings] == ["rows-permuted"]
    assert view.law.steps_words.toPlainText().startswith("Not looked at")
    broken, _ = drawn(qtbot, told("h_n_over_the_padded_x", LENGTHS), 1240)
    assert broken.broken.isVisible()
    assert broken.broken.toPlainText() == "Broken first by the LSTM, input right, output wrong"


@pytest.mark.parametrize("name", ["states_in_sorted_order", "h_n_of_two_layers_reshaped", "h_n_over_the_padded_x"])
def test_each_finding_leads_to_its_rows_one_after_the_other(qtbot: QtBot, name: str) -> None:
    view, asked = drawn(qtbot, told(name, LENGTHS), 1240)
    [card] = view.findings
    assert card.finding.rows
    for _ in card.finding.rows:
        card.show_cell.click()
    assert [action.row for action in asked if isinstance(action, act.Show)] == list(card.finding.rows)


def test_a_pair_that_is_clicked_selects_both_of_its_rows(qtbot: QtBot) -> None:
    state = told("states_in_sorted_order", LENGTHS)
    view, asked = drawn(qtbot, state, 1240)
    assert view.law is not None
    assert view.law.matrix is not None
    qtbot.mouseClick(view.law.matrix, Qt.MouseButton.LeftButton, pos=view.law.matrix.place_of(0, 1).center())
    for action in asked:
        state = update(state, action)
    assert state.cursor.row == 1
    assert state.cursor.block is not None
    assert set(state.cursor.block.rows) == {0, 1}


def test_what_is_drawn_follows_the_selected_row_and_the_theme(qtbot: QtBot) -> None:
    state = probed("first-batch")
    view, _ = drawn(qtbot, state, 1240)
    law, scene = view.law, resolve(state, None)
    assert law is not None
    assert law.matrix is not None
    before = law.grab().toImage()
    later = resolve(update(state, act.Select(2)), scene)
    view.draw(later, scene)
    assert view.law is law
    assert law.grab().toImage() != before
    assert law.matrix._row == 2


# ---- in the window ---------------------------------------------------------------------------------------------------


def test_the_dock_is_hidden_until_it_is_asked_for(window: Window, qtbot: QtBot) -> None:
    dock = window.docks["probe"]
    assert dock.isHidden()
    assert not window.menus.actions["part.probe"].isChecked()
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()
    assert not dock.isHidden()
    assert window.parts["probe"].isVisible()
    assert not dock.visibleRegion().isEmpty()  # in front of the states
    assert window.menus.actions["part.probe"].isChecked()
    assert window.session.state.asked == request_of(window.session.state)
    window.reset_layout()
    assert dock.isHidden()


def test_the_button_beside_the_verdict_probes_too(window: Window) -> None:
    window.verdict.probe.click()
    assert not window.docks["probe"].isHidden()
    assert window.session.state.asked is not None


def test_the_probe_runs_off_the_gui_thread_and_its_result_is_shown(window: Window, qtbot: QtBot) -> None:
    window.session.work()
    window.menus.do("probe")
    qtbot.waitUntil(lambda: bool(window.parts["probe"].cards), timeout=20_000)
    assert [card.head.text() for card in window.parts["probe"].cards] == ["packed ✓", "unpacked ✗"]
    window.session.apply(act.SetLength(0, 5))
    assert window.parts["probe"].cards == []


def test_where_the_law_is_broken_is_a_card_that_leads_to_its_rows(qtbot: QtBot) -> None:
    view, asked = drawn(qtbot, probed("inconsistent-lengths"))
    assert [card.finding.code for card in view.findings] == ["reads-padding"]
    card = view.findings[0]
    assert not card.unfolded
    assert card.finding.rows == (2,)
    card.show_cell.click()
    assert [(action.row) for action in asked if isinstance(action, act.Show)] == [2]
    helped: list[str] = []
    view.help_asked.connect(helped.append)
    card.what.click()
    assert helped == ["reads-padding"]
    clean, _ = drawn(qtbot, probed("first-batch"))
    assert clean.findings == []
    assert not clean.broken.isVisible()


def test_the_help_of_a_broken_law_opens_on_its_page(window: Window, qtbot: QtBot) -> None:
    window.parts["probe"].help_asked.emit("rows-permuted")
    assert window.beside.findings is not None
    assert window.beside.findings.isVisible()
    assert window.beside.findings.code == "rows-permuted"
