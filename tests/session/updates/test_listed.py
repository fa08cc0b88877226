"""Of several recordings the calls are listed of which one is open; the others are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.calls.choosing import Order
from packviz.session import actions as act
from packviz.session.loads import LoadRequest
from packviz.session.state import State
from packviz.session.updates.listed import MOST
from packviz.session.updates.update import update
from tests.recorded import record
from tests.session.updates.test_recordings import documents, does, opened


def listed(state: State) -> str:
    return "" if state.recording is None else Path(state.recording.recording.place).stem


def at_hand(state: State) -> list[str]:
    return [Path(one.recording.place).stem for one in state.recordings]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [record(tmp_path / f"{name}.packviz", 4 + n, bad=(2,), kept=(1, 3)) for n, name in enumerate("abcdef")]


def test_walking_to_a_call_of_another_recording_lists_the_calls_of_that(paths: list[Path]) -> None:
    first = update(opened(paths[0]), act.OrderCalls("number"))
    both = opened(paths[1], update(first, act.SetLength(0, 2)))
    assert (documents(both), listed(both), at_hand(both)) == (["2 train.py:31]"] * 2, "b", ["a"])
    back = update(both, act.GoBy(-1))
    assert (listed(back), at_hand(back)) == ("a", ["b"])
    assert back.recording is not None
    assert back.recording.order == Order("number")  # as it was left
    assert back.call is not None
    there = update(back, act.GoBy(1))
    assert (listed(there), at_hand(there)) == ("b", ["a"])
    assert listed(update(there, act.Close())) == "a"
    walked = does(back, act.CallBy(1))
    assert (listed(walked), None if walked.call is None else walked.call.number) == ("a", 3)


def test_several_are_opened_in_one_go_and_the_first_one_is_listed(paths: list[Path]) -> None:
    state = does(State(), act.Load(LoadRequest(1, paths=tuple(map(str, paths[:3])))))
    assert (listed(state), len(state.documents)) == ("a", 3)
    assert {listed(state), *at_hand(state)} == {"a", "b", "c"}
    assert [listed(update(state, act.GoTo(place))) for place in range(3)] == ["a", "b", "c"]


def test_a_list_that_was_closed_does_not_come_back_by_itself(paths: list[Path]) -> None:
    both = opened(paths[1], update(opened(paths[0]), act.SetLength(0, 2)))
    closed = update(both, act.CloseRecording())
    assert listed(update(closed, act.SetLength(1, 2))) == ""
    assert listed(update(closed, act.GoBy(-1))) == "a"


def test_what_is_opened_again_is_at_hand_once_and_of_many_the_oldest_go(paths: list[Path]) -> None:
    state = State()
    for path in (*paths, paths[2]):
        state = opened(path, state)
    assert (listed(state), at_hand(state)) == ("c", ["f", "e", "d", "b"])
    assert len(at_hand(state)) == MOST
