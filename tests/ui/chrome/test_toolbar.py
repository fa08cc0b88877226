from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.app import lay_out
from packviz.core.batch import Call, make_batch
from packviz.core.samples import finding_samples
from packviz.session.actions import Open, SetLengths, SetSpeed
from packviz.session.scene.resolve import resolve
from packviz.session.store import Session
from packviz.session.updates.update import update
from packviz.ui.window import Window
from tests.ui.conftest import state_of


def test_a_switch_changes_the_option_and_undo_turns_it_back(window: Window) -> None:
    toolbar = window.toolbar
    toolbar.batch_first.click()
    assert window.session.state.batch.call.batch_first is False
    window.menus.do("undo")
    assert toolbar.batch_first.isChecked()


def test_a_padding_value_that_is_no_number_changes_nothing(window: Window) -> None:
    field = window.toolbar.padding_value
    before = window.session.state
    field.setText("none")
    field.editingFinished.emit()
    assert window.session.state.batch is before.batch
    assert window.session.scene.banner.bad
    assert "'none' is no number" in window.session.scene.banner.text
    assert field.text() == "0"
    field.setText("-1.5")
    field.editingFinished.emit()
    assert window.session.state.batch.call.padding_value == -1.5


def test_total_length_is_typed_and_taken_away(window: Window) -> None:
    field = window.toolbar.total_length
    field.setText("7")
    field.editingFinished.emit()
    assert window.session.state.batch.call.total_length == 7
    field.setText("")
    field.editingFinished.emit()
    assert window.session.state.batch.call.total_length is None


def test_the_pills_say_what_is_set(window: Window) -> None:
    toolbar = window.toolbar
    assert toolbar.lengths.text() == "lengths 3, 2, 4"
    assert toolbar.cell.text() == "LSTM 1→6"
    assert toolbar.colour.text() == "colour: sequence"
    assert toolbar.device.text() == "cpu"
    assert toolbar.step.text() == "t = 0 / 3"


def test_only_devices_that_are_there_are_offered(window: Window, qtbot: QtBot) -> None:
    state = window.session.state
    state = replace(state, torch=replace(state.torch, devices=("cpu", "cuda:0")))
    window.draw(resolve(update(state, Open(state.batch)), window.scene))
    assert [action.text() for action in window.toolbar.device.menu().actions()] == ["cpu", "cuda:0"]
    assert "device.cuda:0" in window.menus.commands


def test_the_step_is_never_cut(window: Window) -> None:
    window.resize(960, 600)
    for steps in (3, 5000):
        window.session.apply(Open(make_batch(np.ones((1, steps), np.float32), [steps], Call(True, False))))
        window.menus.do("last")
        QApplication.processEvents()
        label = window.toolbar.step
        assert label.text() == f"t = {steps - 1} / {steps - 1}"
        assert label.width() >= label.sizeHint().width()


def test_the_step_has_its_room_from_the_first_frame_on(qtbot: QtBot) -> None:
    made = Window(Session(state_of("what-is-the-4")))
    qtbot.addWidget(made)
    made.resize(1280, 720)
    with qtbot.waitExposed(made):
        made.show()
    assert made.toolbar.step.width() >= made.toolbar.step.sizeHint().width()


def test_a_module_of_the_batchs_own_is_said_and_dropped_for_a_chosen_one_and_comes_back(window: Window) -> None:
    def ticked() -> list[str]:
        return [a.text() for name, a in window.menus.actions.items() if name.startswith("module.") and a.isChecked()]

    found = finding_samples()["hidden-shape"]
    window.session.apply(Open(found.load(), found.module))
    assert window.toolbar.cell.text() == "own LSTM"
    assert ticked() == []
    window.menus.do("module.LSTM")
    assert window.toolbar.cell.text() == "LSTM 2→6"
    assert ticked() == ["Step an nn.LSTM"]
    window.menus.do("undo")
    assert window.toolbar.cell.text() == "own LSTM"
    assert window.toolbar.cell.toolTip().startswith("One like the batch's own module is stepped")


def test_what_changes_its_width_shifts_nothing_back_and_forth(window: Window) -> None:
    window.resize(1600, 900)
    bar = window.toolbar

    def places() -> list[int]:
        lay_out()
        return [part.x() for part in (bar.cell, bar.padding_value, bar.colour, bar.device)]

    window.session.apply(SetLengths((3, 2, 10)))
    wide = places()
    for lengths in ((3, 2, 4), (1, 1, 1), (3, 2, 10)):
        window.session.apply(SetLengths(lengths))
        assert places() == wide
    for speed in (30.0, 1.0, 10.0):
        window.session.apply(SetSpeed(speed))
    steady = places()
    window.session.apply(SetSpeed(2.0))
    assert places() == steady
