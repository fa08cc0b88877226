"""How it was looked at comes back at the next start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.stop_list import MOST_HITS, Stops
from packviz.core.stops import AtStep, NotFinite, RowEnds, Where
from packviz.session import actions as act
from packviz.session.state import State
from packviz.session.store import Session
from packviz.ui.chrome.last_time import _from
from packviz.ui.window import Window
from tests.ui.conftest import state_of


def opened(qtbot: QtBot, settings: QSettings) -> Window:
    window = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(window)
    window.show()
    return window


def test_how_it_was_looked_at_and_played_is_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = opened(qtbot, settings)
    first.session.apply(act.SetLook(replace(first.session.state.look, colour="step", orientation="right")))
    first.session.apply(act.SetSpeed(10.0))
    first.close()
    second = opened(qtbot, settings)
    look = second.session.state.look
    assert (look.colour, look.orientation, second.session.state.play.speed) == ("step", "right", 10.0)
    second.close()
    settings.setValue("colour", "mauve")
    settings.setValue("speed", "1e9")
    third = opened(qtbot, settings)
    assert (third.session.state.look.colour, third.session.state.play.speed) == ("sequence", 2.0)
    third.close()


def test_the_file_that_was_open_is_offered_on_the_sample_and_not_forced(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    path = tmp_path / "x.npy"
    np.save(path, np.ones((3, 4)))
    first = opened(qtbot, settings)
    assert first.banner.isHidden()
    first.session.apply(act.Open(make_batch(np.ones((3, 4)), [4, 4, 4], Call(True), source=str(path))))
    first.close()
    second = opened(qtbot, settings)
    assert second.session.state.batch.source.sample
    assert second.banner.text.toPlainText() == "x.npy was open the last time."
    second.banner.offers[0].click()
    assert second.session.state.loading.request.paths == (str(path),)
    second.close()
    path.unlink()
    third = opened(qtbot, settings)
    assert third.banner.isHidden()
    third.close()


@pytest.mark.parametrize(
    ("said", "module"),
    [
        ("GRU 16 3", Module("GRU", 16, 3)),
        ("LSTM 0 0", Module()),
        ("LSTM 99999 0", Module()),
        ("CNN 4 0", Module()),
        ("LSTM -4 0", Module()),
        ("LSTM", Module()),
        ("", Module()),
        ("LSTM 8 0 layers=3 directions=2 projection=2", Module("LSTM", 8, layers=3, directions=2, projection=2)),
        (
            "RNN 8 0 nonlinearity=relu bias=False initial=drawn",
            Module("RNN", 8, bias=False, nonlinearity="relu", initial="drawn"),
        ),
        ("LSTM 8 0 layers=99", Module()),
        ("LSTM 8 0 directions=3", Module()),
        ("LSTM 8 0 projection=8", Module()),
        ("GRU 8 0 projection=2", Module()),
        ("GRU 8 0 bias=maybe", Module()),
        ("GRU 8 0 color=red", Module()),
        ("GRU 8 0 layers=2=2", Module()),
        ("GRU 8 " + "9" * 5000, Module()),
        ("GRU 8 " + "0" * 12 + "9" * 5000, Module()),
        ("GRU 8 " + "0" * 11 + "99", Module()),
    ],
)
def test_the_module_is_remembered_for_what_opens_and_checked(
    qtbot: QtBot, tmp_path: Path, said: str, module: Module
) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    settings.setValue("module", said)
    window = Window(Session(State()), settings)  # as it starts with a file
    qtbot.addWidget(window)
    assert window.session.state.spare == module
    window.close()
    typed = Window(Session(State(spare=Module("RNN", 5))), settings)
    qtbot.addWidget(typed)
    assert typed.session.state.spare == Module("RNN", 5)  # what was typed wins
    typed.close()


def test_a_module_that_is_chosen_is_kept(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    window = opened(qtbot, settings)
    window.session.apply(act.SetModel(Module("GRU", 16, 3)))
    window.close()
    assert settings.value("module") == "GRU 16 3"


@pytest.mark.parametrize(
    "module",
    [
        Module("LSTM", 16, 3, layers=2, directions=2, projection=4, bias=False, initial="drawn"),
        Module("RNN", 5, nonlinearity="relu", layers=4),
    ],
)
def test_all_that_was_chosen_of_a_module_comes_back(qtbot: QtBot, tmp_path: Path, module: Module) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    window = opened(qtbot, settings)
    window.session.apply(act.SetModel(module))
    window.close()
    again = Window(Session(State()), settings)
    qtbot.addWidget(again)
    assert again.session.state.spare == module
    again.close()


def test_breakpoints_and_watches_come_back_and_those_of_a_step_do_not(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = opened(qtbot, settings)
    above = Where(parse("absmax(h) > 5"))
    for stop in (AtStep(1), NotFinite(), above):
        first.session.apply(act.ToggleStop(stop))
    first.session.apply(act.SwitchStop(above))
    first.session.apply(act.ToggleWatch(parse("h[0, 1]")))
    first.close()
    second = opened(qtbot, settings)
    document = second.session.state.document
    assert document is not None
    assert document.stops.stops == (NotFinite(), above)
    assert document.stops.off == {above}
    assert document.watches == (parse("h[0, 1]"),)
    second.session.apply(act.ClearStops())
    second.close()
    settings.setValue("watches", ["h[0, 1]", "import os", ""])
    settings.setValue("stops", ["off ", "of another version", "row-ends"])
    third = opened(qtbot, settings)
    assert third.session.state.document is not None
    assert third.session.state.document.stops.stops == (RowEnds(),)
    assert third.session.state.document.watches == (parse("h[0, 1]"),)
    third.close()


def test_from_which_hit_on_comes_back_and_whatever_else_stands_there_does_not(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = opened(qtbot, settings)
    above = Where(parse("absmax(h) > 5"))
    for stop in (NotFinite(), RowEnds(), above):
        first.session.apply(act.ToggleStop(stop))
    first.session.apply(act.StopFrom(above, 3))
    first.session.apply(act.SwitchStop(above))
    first.session.apply(act.StopFrom(RowEnds(), 12))
    first.close()
    assert settings.value("stops") == ["not-finite", "from 12 row-ends", "off from 3 absmax(h) > 5"]
    second = opened(qtbot, settings)
    document = second.session.state.document
    assert document is not None
    assert document.stops == Stops((NotFinite(), RowEnds(), above), frozenset({above}), ((RowEnds(), 12), (above, 3)))
    second.session.apply(act.ReplaceStop(above, Where(parse("absmax( h ) > 5"))))
    assert settings.value("stops")[2] == "off from 3 absmax( h ) > 5"
    second.close()


@pytest.mark.parametrize(
    "said",
    [
        "from 0 not-finite",
        "from -2 not-finite",
        "from 1000000 not-finite",
        "from 2.5 not-finite",
        "from ٣ not-finite",
        "from " + "0" * 12 + "9" * 5000 + " not-finite",
        "from two not-finite",
        "from 2",
        "from 2 ",
        "from not-finite",
        "from  2 not-finite",
        "from 2 off not-finite",
        "from 2 from 2 not-finite",
        "from 2 import os",
    ],
)
def test_a_hit_that_is_none_is_no_breakpoint(qtbot: QtBot, tmp_path: Path, said: str) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    settings.setValue("stops", [said, "from 2 row-ends", "row-ends", "off row-ends"])
    settings.setValue("watches", ["h", "h"])
    window = Window(Session(State()), settings)
    qtbot.addWidget(window)
    assert window.session.state.spare_stops == Stops((RowEnds(),), from_hit=((RowEnds(), 2),))
    assert window.session.state.spare_watches == (parse("h"),)
    window.close()


@given(st.text(max_size=30), st.text(alphabet="from of 0123456789-rwends", max_size=30))
def test_no_text_ends_the_start(any_text: str, near: str) -> None:
    for text in (any_text, near, f"from {near}", f"off from 3 {any_text}"):
        number, what = _from(text)
        assert 1 <= number <= MOST_HITS
        assert text.endswith(what)
        assert number == 1 or text.removeprefix("from ").split(" ")[0].lstrip("0") == str(number)


def test_an_empty_window_hands_them_to_its_first_batch(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    settings.setValue("stops", ["not-finite"])
    settings.setValue("watches", ["norm(c)"])
    window = Window(Session(State()), settings)
    qtbot.addWidget(window)
    window.show()
    assert window.session.state.document is None
    window.session.apply(act.Open(make_batch(np.ones((3, 4)), [4, 4, 4], Call(True))))
    assert window.session.state.document is not None
    assert window.session.state.document.stops.stops == (NotFinite(),)
    assert window.session.state.document.watches == (parse("norm(c)"),)
    window.close()
