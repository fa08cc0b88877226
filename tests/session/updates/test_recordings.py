"""Walking the calls of a recording: each opens with its module and hx, one in the place of another; edits and undo are
as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import BatchError
from packviz.core.calls.choosing import Order, Which
from packviz.core.calls.words import NONE_LISTED, nearest_said, said
from packviz.core.cancel import UNWATCHED
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.recordings import RecordingWriter
from packviz.session import actions as act
from packviz.session.loads import LoadRequest
from packviz.session.recordings import CallRequest
from packviz.session.runs import TraceRequest
from packviz.session.saving import modified
from packviz.session.scene.resolve import resolve
from packviz.session.state import Message, State
from packviz.session.updates.update import update
from packviz.session.work import wanted
from packviz.torch_side.module import build
from tests.recorded import EVAL, TRAIN, batch_of, call_of, damaged, hx_of, record


def read(state: State) -> State:
    """The state once what is being read is there."""
    while state.loading is not None:
        request = wanted(state)["load"]
        assert request == state.loading.request
        try:
            result = request.do(UNWATCHED)
        except BatchError as error:
            state = update(state, act.Failed(request, str(error)))
        else:
            state = update(state, act.Computed(request, result))
    return state


def does(state: State, *actions: act.Action) -> State:
    for action in actions:
        state = read(update(state, action))
    return state


def opened(path: Path, state: State | None = None, **more: object) -> State:
    return does(state or State(), act.Load(LoadRequest(1, paths=(str(path),), **more)))  # type: ignore[arg-type]


@pytest.fixture
def state(tmp_path: Path) -> State:
    """Calls 1 to 9, of which 2, 4, 7 and 9 are kept; 7 raised, and 9 is made elsewhere."""
    return opened(record(tmp_path / "run.packviz", 9, bad=(7,), kept=(2, 4, 9), sites={9: EVAL}))


def test_where_none_of_the_listed_calls_was_kept_it_is_said_that_there_is_none_to_go_to(tmp_path: Path) -> None:
    state = opened(record(tmp_path / "run.packviz", 5, bad=(2,), sites={5: EVAL}))
    listed = update(state, act.ChooseCalls(Which(site=EVAL)))
    walked = update(listed, act.CallBy(1))
    assert walked.loading is None
    assert walked.message is not None
    assert walked.message.text == "No call of those that are listed was kept: there is no batch to go to."
    assert update(state, act.CallBy(-1)) is state
    none = update(update(state, act.ChooseCalls(Which(code="padding-left"))), act.CallBy(1))
    assert none.message is not None
    assert none.message.text == f"{NONE_LISTED}: there is no batch to go to."


def test_a_click_where_no_batch_was_kept_says_which_call_it_opens_of_the_site_that_is_shown(state: State) -> None:
    near = does(state, act.OpenCall(5, near=True))
    assert (number(near), near.message) == (4, Message(nearest_said(call_of(5, kept=False), call_of(4))))
    again = does(does(near, act.SetLength(0, 5), act.OpenCall(2)), act.OpenCall(5, near=True))
    assert (number(again), again.message) == (4, near.message)
    there = does(update(state, act.ChooseCalls(Which(site=TRAIN))), act.OpenCall(8, near=True))
    assert number(there) == 7
    elsewhere = does(update(state, act.ChooseCalls(Which(site=EVAL))), act.OpenCall(5, near=True))
    assert number(elsewhere) == 9
    assert does(elsewhere, act.OpenCall(4, near=True)).message is None


def number(state: State) -> int | None:
    return None if state.call is None else state.call.number


def documents(state: State) -> list[str]:
    return [str(document.source).rpartition("[")[2] for document in state.documents.all]


def test_the_worst_call_is_opened_first_with_its_module_and_its_hx(state: State) -> None:
    assert state.recording is not None
    assert len(state.recording.calls) == 9
    assert (number(state), documents(state)) == (7, ["7 train.py:31]"])
    assert np.array_equal(state.batch.x, batch_of(7, True).x)  # type: ignore[union-attr]
    assert (state.module.cell, state.module.hidden, state.module.held) == ("LSTM", 4, True)
    assert state.module.numbers is not None
    assert np.array_equal(state.module.numbers.arrays[1], hx_of(7)[1])


def test_the_states_that_are_stepped_are_torchs_own_with_that_hx(state: State) -> None:
    state = does(state, act.OpenCall(4))
    assert state.batch is not None
    trace = TraceRequest(state.batch, state.module).do(UNWATCHED)
    x, lengths = torch.from_numpy(state.batch.x.copy()), torch.from_numpy(state.batch.counts.copy())
    with torch.no_grad():
        out, (h_n, c_n) = build(state.module)(
            pack_padded_sequence(x, lengths, batch_first=True), tuple(map(torch.from_numpy, hx_of(4)))
        )
    torch.testing.assert_close(torch.from_numpy(trace.final["h_n"].copy()), h_n)
    torch.testing.assert_close(torch.from_numpy(trace.final["c_n"].copy()), c_n)
    torch.testing.assert_close(torch.from_numpy(np.array(trace.states[0, 0]["h"][:])), out.data)
    assert np.array_equal(trace.initial["c_0"], hx_of(4)[1])


def test_a_call_opens_in_the_place_of_the_one_before_and_adds_nothing_to_undo(state: State) -> None:
    history = state.history
    for wanted_number in (4, 2, 9):
        state = does(state, act.OpenCall(wanted_number))
        assert (number(state), len(state.documents)) == (wanted_number, 1)
    assert state.history is history
    assert state.visits == {}


def test_next_and_previous_go_down_and_up_the_list_over_what_was_not_kept(state: State) -> None:
    seen = [number(state)]
    for by in (1, 1, 1, 1, -1, -1):
        state = does(state, act.CallBy(by))
        seen.append(number(state))
    assert seen == [7, 2, 4, 9, 9, 4, 2]
    by_number = does(state, act.OrderCalls("number"))
    assert number(does(by_number, act.CallBy(1), act.CallBy(1))) == 7
    at_eval = does(by_number, act.ChooseCalls(Which(site=EVAL)))
    assert number(at_eval) == 2  # what is open stays
    assert number(does(at_eval, act.CallBy(1))) == 9
    assert number(does(at_eval, act.CallBy(-1))) == 9


def test_keys_that_come_faster_than_the_batches_go_on_from_the_call_that_is_on_its_way(state: State) -> None:
    ahead = update(update(state, act.CallBy(1)), act.CallBy(1))
    assert ahead.loading is not None
    assert isinstance(ahead.loading.request, CallRequest)
    assert ahead.loading.request.call.number == 4
    late = update(ahead, act.Computed(CallRequest(state.recording.known, state.recording.calls[1]), None))  # type: ignore[union-attr]
    assert late is ahead
    assert number(read(ahead)) == 4
    assert number(update(ahead, act.CancelLoad())) == 7


def test_a_call_that_was_edited_keeps_its_place_and_its_undo(state: State) -> None:
    edited = does(state, act.SetLength(2, 1))
    walked = does(edited, act.OpenCall(4), act.SetLength(0, 5), act.OpenCall(2), act.OpenCall(9))
    assert documents(walked) == ["7 train.py:31]", "4 train.py:31]", "9 eval.py:12]"]
    back = does(walked, act.OpenCall(7))
    assert (number(back), len(back.documents)) == (7, 3)
    assert back.batch is not None
    assert back.batch.lengths.tolist() == [6, 4, 1]
    undone = does(walked, act.Undo())
    assert undone.batch is not None
    assert (number(undone), undone.batch.lengths.tolist()) == (4, [6, 4, 2])
    again = does(undone, act.Redo(), act.OpenCall(4))
    assert again.batch is not None
    assert again.batch.lengths.tolist() == [5, 4, 2]


def test_an_undone_edit_lies_in_nobodys_way(state: State) -> None:
    undone = does(state, act.SetLength(2, 1), act.Undo())
    walked = does(undone, act.OpenCall(4))
    assert documents(walked) == ["4 train.py:31]"]
    redone = does(walked, act.Redo())
    assert redone.batch is not None
    assert (number(redone), redone.batch.lengths.tolist()) == (7, [6, 4, 1])


def test_a_batch_that_was_open_before_stays(tmp_path: Path) -> None:
    first = update(State(), act.Open(batch_of(1)))
    listed = opened(record(tmp_path / "run.packviz", 3, kept=(2, 3)), first)
    assert len(update(listed, act.Undo()).documents) == 1
    other = does(update(listed, act.Open(batch_of(9))), act.OpenCall(3))
    assert [document.of is not None for document in other.documents.all] == [False, True]
    assert number(does(other, act.GoBy(-1))) is None
    assert documents(does(other, act.GoBy(-1), act.OpenCall(2)))[1:] == ["3 train.py:31]", "2 train.py:31]"]


def test_a_call_that_was_not_kept_says_so_or_gives_way_to_the_nearest(state: State) -> None:
    asked = does(state, act.OpenCall(5))
    assert asked.message is not None
    assert "Call 5 was noted, but its batch was not kept" in asked.message.text
    assert number(asked) == 7
    assert number(does(state, act.OpenCall(5, near=True))) == 4
    assert does(state, act.OpenCall(99)) is state


def test_a_recording_that_kept_nothing_is_listed_all_the_same(tmp_path: Path) -> None:
    before = update(State(), act.Open(batch_of(1)))
    state = opened(record(tmp_path / "run.packviz", 3), before)
    assert state.recording is not None
    assert state.documents is before.documents
    assert state.message is not None
    assert "it has noted 3 calls and kept the batch of none: record with keep=200." in state.message.text
    assert does(state, act.CallBy(1)) is state


def test_one_call_of_it_can_be_named(tmp_path: Path) -> None:
    path = record(tmp_path / "run.packviz", 5, bad=(2,), kept=(4,))
    assert number(opened(path, entry="4")) == 4
    assert number(opened(path, entry="4 train.py:31")) == 4
    refused = opened(path, entry="3")
    assert (refused.recording, refused.document) == (None, None)
    assert refused.message is not None
    assert "call 3 can't be read: its batch was not kept" in refused.message.text


def test_it_is_read_again_where_it_has_grown_and_the_list_stays_as_it_was_chosen(tmp_path: Path, state: State) -> None:
    state = does(state, act.ChooseCalls(Which(severity=Severity.ERROR)), act.OrderCalls("number"))
    record(tmp_path / "run.packviz", 12, bad=(7, 11), kept=(2,))
    state = does(state, act.ReloadRecording())
    assert state.recording is not None
    assert len(state.recording.calls) == 12
    assert state.recording.which == Which(severity=Severity.ERROR)
    assert state.recording.order == Order("number")
    assert [state.recording.calls[place].number for place in state.recording.places] == [7, 11]
    assert state.message is not None
    assert state.message.text == "Read again: 3 calls more."


def test_a_file_that_is_gone_or_another_is_said_and_the_open_call_stays(tmp_path: Path, state: State) -> None:
    record(tmp_path / "run.packviz", 3, kept=(1, 2, 3))
    other = does(state, act.OpenCall(9))
    assert other.message is not None
    assert other.message.bad
    assert [offer.action for offer in other.message.offers] == [act.ReloadRecording()]
    (tmp_path / "run.packviz").unlink()
    gone = does(state, act.ReloadRecording())
    assert gone.message is not None
    assert "there is no recording any more" in gone.message.text
    assert (number(gone), gone.recording) == (7, state.recording)


def test_the_list_is_put_away_and_the_batches_stay(state: State) -> None:
    closed = update(update(state, act.OpenCall(4)), act.CloseRecording())
    assert (closed.recording, closed.loading, closed.call) == (None, None, None)
    assert closed.documents is state.documents
    for action in (act.CloseRecording(), act.ReloadRecording(), act.CallBy(1), act.OpenCall(2)):
        assert update(closed, action) is closed
    assert update(closed, act.ChooseCalls(Which())) is closed
    assert update(closed, act.OrderCalls("number")) is closed


def test_what_is_chosen_already_changes_nothing(state: State) -> None:
    assert update(state, act.ChooseCalls(Which())) is state


def test_walking_is_no_work_that_could_be_lost_and_holds_no_batch_but_the_open_one(state: State) -> None:
    for wanted_number in (4, 2, 9):
        state = does(state, act.OpenCall(wanted_number))
        assert not modified(state.documents, state.clean, state.file)
    assert [document.number for document in state.clean] == [state.document.number]  # type: ignore[union-attr]
    edited = does(state, act.SetLength(2, 1), act.OpenCall(4))
    assert modified(edited.documents, edited.clean, edited.file)


def test_a_call_that_was_closed_is_opened_again_from_the_list(state: State) -> None:
    closed = does(state, act.Close())
    assert (number(closed), len(closed.documents)) == (None, 0)
    assert closed.recording is state.recording
    again = does(closed, act.OpenCall(4))
    assert (number(again), documents(again)) == (4, ["4 train.py:31]"])
    assert again.module.numbers is not None
    assert number(does(closed, act.Undo())) == 7


def test_another_recording_takes_the_place_of_the_first(tmp_path: Path, state: State) -> None:
    other = opened(record(tmp_path / "other.packviz", 3, kept=(2,)), state)
    assert other.recording is not None
    assert (len(other.recording.calls), number(other), len(other.documents)) == (3, 2, 1)


def packed_twice(path: Path) -> Path:
    """Two calls that pack, each followed by an nn.GRU(2, 5) that runs on what was packed; the batches of the packing
    calls are kept."""
    writer = RecordingWriter(path)
    for number in (1, 3):
        pack = call_of(number)._replace(call="pack_padded_sequence", module="")
        writer.keep(pack, batch_bytes(batch_of(number), call=pack))
        writer.note(call_of(number + 1, kept=False)._replace(call="nn.GRU", module="nn.GRU(2, 5)"))
    writer.end()
    return path


def test_what_was_packed_is_stepped_by_the_module_that_ran_on_it(tmp_path: Path) -> None:
    state = opened(packed_twice(tmp_path / "run.packviz"))
    assert state.module == Module("GRU", 5)
    assert does(state, act.OpenCall(3)).module == Module("GRU", 5)


def test_a_module_that_was_chosen_goes_along_to_what_was_packed_next(tmp_path: Path) -> None:
    state = opened(packed_twice(tmp_path / "run.packviz"))
    chosen = does(state, act.SetModel(Module("LSTM", 7)), act.OpenCall(3))
    assert (number(chosen), chosen.module) == (3, Module("LSTM", 7))


def test_of_a_damaged_recording_the_worst_call_that_is_whole_opens_and_the_damage_is_said(tmp_path: Path) -> None:
    path = damaged(record(tmp_path / "run.packviz", 6, bad=(4,), kept=(1, 2)), (b"calls/000004", 700))
    state = opened(path)
    assert state.call is not None
    assert state.call.number == 1
    assert state.message is not None
    assert state.message.bad
    assert state.message.text.startswith(f"{path} is damaged. The batch of call 4 (calls/000004.safetensors, at byte ")
    part = resolve(state, None).calls
    assert part.trouble.startswith("The batch of call 4 (calls/000004.safetensors, at byte ")
    assert part.trouble.endswith(" · No call is missing from the list")
    assert [said(call, "outcome") for call in part.calls][3].startswith("batch damaged, raised RuntimeError")
    said_so = update(state, act.OpenCall(4)).message
    assert said_so is not None
    assert said_so.text == "Call 4 was noted, but its batch is damaged: there is nothing of it to open."


def test_damage_that_has_come_since_is_said_when_it_is_read_again(tmp_path: Path) -> None:
    path = record(tmp_path / "run.packviz", 6, kept=(1, 2))
    state = opened(path)
    damaged(path, (b"calls/000002", 700))
    state = does(state, act.ReloadRecording())
    assert state.message is not None
    assert state.message.bad
    assert "Read again: no new calls." in state.message.text
    assert "The batch of call 2 (calls/000002.safetensors, at byte" in state.message.text


def test_a_recording_all_of_whose_batches_are_damaged_is_listed(tmp_path: Path) -> None:
    state = opened(damaged(record(tmp_path / "run.packviz", 6, kept=(2,)), (b"calls/000002", 700)))
    assert (state.document, resolve(state, None).calls.told) == (None, "run.packviz · 6 calls · 0 kept")
    assert state.message is not None
    assert "it has no batch that can be read: The batch of call 2 (calls/000002" in state.message.text


def test_parts_that_lie_beside_a_recording_are_told_when_it_is_opened_and_when_it_is_read_again(tmp_path: Path) -> None:
    path = record(tmp_path / "run.packviz", 6, bad=(4,))
    part_of = tmp_path / "run.packviz.0a1b-7.part"
    part_of.write_bytes(path.read_bytes())
    said = f"1 part, with calls that another process noted, lies beside it and is not in it: {part_of.name}."
    state = opened(path)
    assert state.message is not None
    assert said in state.message.text
    assert len(state.recording.calls) == 6  # type: ignore[union-attr]
    state = does(state, act.ReloadRecording())
    assert state.message is not None
    assert state.message.text.startswith("Read again: no new calls.")
    assert said in state.message.text
    assert len(opened(part_of).recording.calls) == 6  # type: ignore[union-attr]
