"""The list of calls as a part of the scene: the same object as long as nothing about it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.calls.choosing import Which
from packviz.core.calls.unseen import compiled, scripted
from packviz.core.findings import Severity
from packviz.core.noted import Recording
from packviz.session import actions as act
from packviz.session.scene.calls import CallsPart, trouble_of
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.session.updates.update import update
from tests.recorded import EVAL, TRAIN, record
from tests.session.updates.test_recordings import does, opened


@pytest.fixture
def state(tmp_path: Path) -> State:
    return opened(record(tmp_path / "run.packviz", 9, bad=(7,), kept=(2, 4, 9), sites={9: EVAL}, end=False))


def test_it_says_what_is_listed_and_which_call_is_open(state: State) -> None:
    part = resolve(state, None).calls
    assert (part.name, part.open, part.ahead, part.current) == ("run.packviz", 7, 0, 7)
    assert part.told == "run.packviz · 9 calls · 4 kept"
    assert part.trouble == "it has no end: the program was killed, or is still running"
    assert part.differs == "Since call 6: now length-not-positive, it raised, shortest 2 → 0, N 12 → 10"
    assert (part.listed(7), part.listed(1), part.listed(99), part.listed(0)) == (0, 1, -1, -1)
    assert part.choices.sites == ((TRAIN, 8), (EVAL, 1))
    assert part.choices.codes == (("length-not-positive", Severity.ERROR, 1),)
    assert part.choices.severities == ((Severity.ERROR, 1),)


def test_it_follows_the_walk_and_says_what_is_on_its_way(state: State) -> None:
    ahead = resolve(update(state, act.OpenCall(4)), None)
    assert (ahead.calls.open, ahead.calls.ahead, ahead.calls.current) == (7, 4, 4)
    assert ahead.banner.text == ""
    there = resolve(does(state, act.OpenCall(9)), ahead).calls
    assert (there.open, there.ahead) == (9, 0)
    assert there.differs == "Call 9 is the first of its site"
    assert resolve(does(state, act.OpenCall(2)), None).calls.differs == "Since call 1: nothing that was noted"


def test_it_says_how_many_are_listed_where_not_all_are(state: State) -> None:
    part = resolve(does(state, act.ChooseCalls(Which(site=EVAL))), None).calls
    assert (part.told, part.places.tolist()) == ("run.packviz · 1 of 9 calls · 1 of 4 kept", [8])
    assert part.lanes is not None
    assert part.lanes.places.tolist() == [8]


def test_it_is_the_same_part_as_long_as_nothing_about_it_changes(state: State) -> None:
    scene = resolve(state, None)
    stepped = resolve(update(state, act.Select(1, 0)), scene)
    assert stepped.calls is scene.calls
    walked = resolve(does(state, act.OpenCall(4)), scene)
    assert walked.calls is not scene.calls
    assert walked.calls.choices is scene.calls.choices
    assert walked.calls.lanes is scene.calls.lanes
    assert resolve(State(), None).calls.shown is False


def test_what_was_not_seen_is_said(state: State) -> None:
    from dataclasses import replace

    assert state.recording is not None
    whole = replace(state.recording.recording, whole=True, unseen={"while compiling": 3})
    assert trouble_of(whole) == "3 calls not seen: while compiling"
    assert trouble_of(replace(whole, unseen={})) == ""


def test_nothing_in_it_can_be_written_to(state: State) -> None:
    part = resolve(state, None).calls
    with pytest.raises(ValueError, match="read-only"):
        part.places[0] = 1
    assert CallsPart().current == 0


def test_what_runs_unseen_is_said_beside_what_was_counted() -> None:
    unseen = {"while tracing": 3, compiled("nn.LSTM", EVAL): 2, scripted("nn.GRU", None): 1}
    assert trouble_of(Recording("", (), unseen=unseen)) == (
        "3 calls not seen: while tracing"
        " · 2 calls were compiled into a graph by torch.compile, their runs are not seen: nn.LSTM at eval.py:12"
        " · What TorchScript runs is not seen: nn.GRU"
    )
