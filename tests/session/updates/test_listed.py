"""Of several recordings the calls are listed of which one is open; the others are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.calls.choosing import Order
from packviz.core.module import CellKind, Module
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.recordings import RecordingWriter
from packviz.session import actions as act
from packviz.session.loads import LoadRequest
from packviz.session.state import State
from packviz.session.updates.listed import MOST
from packviz.session.updates.update import update
from tests.recorded import batch_of, call_of, record
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


def test_each_call_keeps_the_module_of_its_own_recording(tmp_path: Path) -> None:
    """What only packs brings no module along, and is stepped by that which ran on what it packed."""
    paths = [packed_and_run(tmp_path / f"{cell}.packviz", cell) for cell in ("RNN", "GRU")]
    state = does(State(), act.Load(LoadRequest(1, paths=tuple(map(str, paths)))))
    assert state.module.cell == "RNN"
    there = update(state, act.GoBy(1))
    assert there.module.cell == "GRU"
    assert update(there, act.GoBy(-1)).module.cell == "RNN"
    chosen = update(there, act.SetModel(Module("LSTM", 5)))
    assert update(chosen, act.GoBy(-1)).module.cell == "RNN"


def packed_and_run(path: Path, cell: CellKind) -> Path:
    """A recording of a call that packs a batch, which is kept, and of a module of this kind that runs on it."""
    packed = call_of(1, bad=True)._replace(call="pack_padded_sequence", module="", error="")
    run = call_of(2, kept=False)._replace(call=f"nn.{cell}", module=f"nn.{cell}(2, 5)")
    writer = RecordingWriter(path, program="train.py", torch="2.13.0")
    writer.keep(packed, batch_bytes(batch_of(1, bad=True), None, None, call=packed))
    writer.note(run)
    writer.end({})
    return path
