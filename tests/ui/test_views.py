"""What is true of every view: it draws any scene, and to draw is never to ask for anything."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.calls.choosing import Which
from packviz.core.expressions.parse import parse
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.core.origins import OfX
from packviz.core.stops import RowEnds, Where
from packviz.session import actions as act
from packviz.session.loads import Entry, LoadRequest
from packviz.session.scene.resolve import resolve
from packviz.session.state import Message, State
from packviz.session.updates.update import update
from packviz.ui.chrome.banner import Banner, StatusView
from packviz.ui.chrome.module_popup import ModulePopup
from packviz.ui.chrome.time_slider import TimeSlider
from packviz.ui.chrome.toolbar import Toolbar
from packviz.ui.commands.menus import Menus
from packviz.ui.dialogs.compared import ComparedDialog
from packviz.ui.dialogs.final_states import FinalDialog
from packviz.ui.dialogs.origin import OriginDialog
from packviz.ui.panes.board import Board
from packviz.ui.parts import DOCK_PARTS
from packviz.ui.plots.histogram import HistogramDialog
from packviz.ui.plots.over_time import OverTimeDialog
from packviz.ui.plots.reach import ReachDialog
from packviz.ui.plots.two_runs import TwoRunsDialog
from tests.recorded import record
from tests.session.updates.test_recordings import opened
from tests.ui.conftest import state_of

BATCH = make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, False))
VIEWS: dict[str, Callable[[QMainWindow], Any]] = {
    "board": Board,
    **{part.name: lambda window, make=part.make: make() for part in DOCK_PARTS},
    "banner": Banner,
    "status": StatusView,
    "slider": TimeSlider,
    "module": ModulePopup,
    "menus": Menus,
    "compared": ComparedDialog,
    "final states": FinalDialog,
    "origin": OriginDialog,
    "histogram": HistogramDialog,
    "over time": OverTimeDialog,
    "reach": ReachDialog,
    "two runs": TwoRunsDialog,
    "toolbar": lambda window: Toolbar(Menus(window), window),
}


def states() -> list[State]:
    """A walk through all that a view has to show."""
    walk = [State(), state_of("first-batch")]
    for action in (
        act.StepTo(2),
        act.ToggleBreakpoint(),
        act.ToggleStop(RowEnds()),
        act.ToggleStop(Where(parse("h > 5"))),
        act.ToggleWatch(parse("norm(h)")),
        act.StopFrom(RowEnds(), 3),
        act.StopFrom(RowEnds(), 1),
        act.StopFrom(Where(parse("h > 5")), 2),
        act.ReplaceStop(Where(parse("h > 5")), Where(parse("h > 6"))),
        act.ReplaceWatch(parse("norm(h)"), parse("h[0, 1]")),
        act.ToggleStop(RowEnds()),
        act.Select(1, 0),
        act.SetLength(1, 4),
        act.SetOption("batch_first", False),
        act.SetOption("enforce_sorted", True),
        act.SetOption("padding_value", -1),
        act.SetOption("total_length", 9),
        act.SetModel(Module(cell="GRU", hidden=3, seed=5, inputs="embedding", embedding_size=4)),
        act.TogglePlay(),
        act.SetSpeed(10),
        act.Say(Message("It can't be read.", bad=True)),
        act.Load(LoadRequest(1, paths=("x.npy",))),
        act.Progressed(LoadRequest(1, paths=("x.npy",)), 0.5),
        act.AskReach(OfX(0, 1, 0)),
        act.Probe(),
        act.Undo(),
        act.Probe(),
        act.OpenAll((Entry(BATCH), Entry(BATCH.with_lengths([1, 1])), Entry(BATCH))),
        act.GoBy(1),
        act.Close(0),
    ):
        walk.append(update(walk[-1], action))
    look = walk[-1].look
    for changed in (replace(look, theme="light"), replace(look, colour="value"), replace(look, orientation="right")):
        walk.append(update(walk[-1], act.SetLook(changed)))
    return [*walk, state_of("beyond-the-end"), *with_calls(), state_of("inconsistent-lengths"), State()]


def with_calls() -> list[State]:
    """A recording, of which a call is open, on its way or none, narrowed, sorted and put away."""
    with tempfile.TemporaryDirectory() as folder:
        state = opened(record(Path(folder, "run.packviz"), 9, bad=(4,), kept=(2, 8), end=False))
    walk = [state]
    for action in (
        act.OpenCall(8),
        act.CancelLoad(),
        act.OpenCall(3),
        act.OrderCalls("number"),
        act.ChooseCalls(Which(severity=Severity.ERROR)),
        act.ChooseCalls(Which(code="none such")),
        act.Close(),
        act.CloseRecording(),
    ):
        walk.append(update(walk[-1], action))
    return walk


@pytest.mark.parametrize("name", VIEWS)
def test_drawing_never_emits_intent(name: str, qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    view = VIEWS[name](window)
    window.resize(900, 600)
    window.show()
    asked: list[object] = []
    view.intent.connect(asked.append)
    last = None
    for state in states():
        scene = resolve(state, last)
        view.draw(scene, last)
        view.draw(scene, scene)
        last = scene
    assert asked == []
