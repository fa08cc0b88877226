"""update under any actions at all: a pure function that keeps the cursor inside the batch, and undoes exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed, Padded, Sequences
from packviz.core.expressions.parse import parse
from packviz.core.findings import Edit
from packviz.core.module import Module, Stored
from packviz.core.moments import Moment
from packviz.core.origins import OfX
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep, RowEnds, Where
from packviz.session import actions as act
from packviz.session import selectors
from packviz.session.cursor import Cursor, Place
from packviz.session.loads import Entry, Loaded, LoadRequest, WeightsRequest
from packviz.session.others import BeforeEdit, Kept, OtherWeights, Unpacked
from packviz.session.requests import CheckRequest, TorchInfo, TorchRequest, VerdictRequest
from packviz.session.results import Failed, Running
from packviz.session.runs import TraceRequest
from packviz.session.state import COLOURS, NORM, Loading, Look, Message, State
from packviz.session.updates.update import update
from tests.session.fakes import answered, result_for

SAMPLE = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Small batches, right and wrong: any lengths, any number of them, any layout, any kind."""
    rows, steps = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    shape = (rows, steps, *draw(st.sampled_from([(), (1,), (2,), (2, 2)])))
    x = np.arange(np.prod(shape)).reshape(shape).astype(draw(st.sampled_from(["int64", "float32", "bool"])))
    call = Call(draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([0, -1.0, float("nan")])))
    kind = draw(st.sampled_from(["padded", "sequences", "packed"]))
    n = rows if kind != "padded" else draw(st.integers(max(0, rows - 1), rows + 1))
    least, most = (-1, steps + 2) if kind == "padded" else (1, steps)
    lengths = np.array(draw(st.lists(st.integers(least, most), min_size=n, max_size=n)), dtype=np.int64)
    packed = Packed(np.argsort(-lengths, kind="stable"))
    carrier = {"padded": Padded(), "sequences": Sequences(), "packed": packed}[kind]
    return make_batch(x if call.batch_first else x.swapaxes(0, 1), lengths, call, carrier=carrier)


numbers = st.integers(-2, 8)
looks = st.builds(
    Look,
    st.sampled_from(COLOURS),
    st.sampled_from(["down", "right"]),
    st.sampled_from(["light", "dark"]),
    st.sampled_from("hcifgorzn"),
    st.integers(0, 3),
)
options = st.one_of(
    st.builds(act.SetOption, st.sampled_from(["batch_first", "enforce_sorted"]), st.booleans()),
    st.builds(act.SetOption, st.just("padding_value"), st.sampled_from([0, 1.0, float("nan")])),
    st.builds(act.SetOption, st.just("total_length"), st.none() | st.integers(0, 9)),
)
lengths_of_any_kind = st.lists(numbers, max_size=6).map(tuple)
fixes = st.builds(
    Edit, st.just("Fix it"), st.none() | lengths_of_any_kind, st.none() | st.booleans(), st.none() | st.booleans()
)
specs = st.builds(Module, st.sampled_from(["LSTM", "GRU", "RNN"]), st.integers(1, 3))
edits = st.one_of(
    st.builds(act.SetLength, numbers, numbers, st.none() | st.integers(1, 2)),
    st.builds(act.SetLengths, lengths_of_any_kind),
    options,
    st.just(act.SwapLayout()),
    st.just(act.GuessLengths()),
    st.builds(act.ApplyFix, fixes),
    st.builds(act.SetUsual, st.builds(Call, st.booleans(), st.booleans())),
    st.builds(act.SetModel, specs),
    st.builds(act.Open, batches(), st.none() | specs),
    st.builds(act.OpenAll, st.lists(st.builds(Entry, batches(), st.none() | specs), min_size=1, max_size=3).map(tuple)),
    st.just(act.Close()),
)
kinds = st.one_of(st.builds(AtStep, numbers), st.sampled_from([RowEnds(), Where(parse("h > 1")), Where(parse("h>1"))]))
watches = st.sampled_from([parse("h"), parse("norm(h)"), parse("norm( h )")])
moves = st.one_of(
    st.builds(act.ToggleStop, kinds),
    st.builds(act.SwitchStop, kinds),
    st.builds(act.StopFrom, kinds, numbers),
    st.builds(act.ReplaceStop, kinds, kinds),
    st.builds(act.ToggleWatch, watches),
    st.builds(act.ReplaceWatch, watches, watches),
    st.builds(act.StepBy, numbers),
    st.builds(act.StepTo, numbers),
    st.builds(act.RunToBreakpoint, st.sampled_from([1, -1])),
    st.builds(act.ToggleBreakpoint, st.none() | numbers),
    st.builds(act.SetSpeed, st.floats(0, 100)),
    st.sampled_from([act.RunToHover(), act.TogglePlay(), act.Tick(), act.CancelLoad()]),
    st.sampled_from([act.Probe(), act.CancelProbe(), act.GoBy(1), act.GoBy(-1), act.GoTo(0)]),
    st.builds(act.Hover, st.none() | st.builds(Place, numbers, numbers)),
    st.builds(act.Select, numbers, st.none() | numbers),
    st.builds(act.Show, numbers, st.none() | numbers),
    st.builds(act.SelectBlock, st.lists(numbers, max_size=4).map(tuple), numbers, numbers),
    st.builds(act.ToggleRow, numbers),
    st.sampled_from([act.WalkFindings(1), act.WalkFindings(-1), act.ClearStops(), act.Pin(), act.Pin(Place(0, 0))]),
    st.builds(act.SetLook, looks),
    st.builds(act.AskReach, st.none() | st.builds(OfX, numbers, numbers, st.integers(-1, 2))),
    st.builds(act.HoldAgainst, st.none() | st.sampled_from([Unpacked(), BeforeEdit(), Kept(), OtherWeights()])),
    st.just(act.KeepRun()),
    st.builds(act.Say, st.none() | st.builds(Message, st.text(max_size=5))),
    st.builds(act.Load, st.builds(LoadRequest, st.integers(0, 3), text=st.just("[[1]]"))),
)
travels = st.sampled_from([act.Undo(), act.Redo()])
anything = st.one_of(edits, moves, travels)


def bytes_of(state: State) -> tuple[Any, ...]:
    """All that could be changed in place in a state."""
    batch = state.batch
    arrays = () if batch is None else (batch.x.tobytes(), batch.lengths.tobytes())
    return (
        *arrays,
        dict(state.results.answers),
        state.documents.all,
        state.history,
        state.cursor,
        state.look,
        state.play,
    )


@given(st.none() | batches(), st.lists(anything, max_size=12))
def test_no_action_changes_the_old_state_or_leaves_the_cursor_outside(batch: Batch | None, does: list[Any]) -> None:
    state = State() if batch is None else update(State(), act.Open(batch))
    for action in does:
        before, told = state, bytes_of(state)
        state = update(state, action)
        assert bytes_of(before) == told
        assert 0 <= state.cursor.step <= state.last_step
        assert 0 <= state.cursor.row < max(1, state.batch.rows if state.batch else 1)
        if state.batch is not None:
            assert state.look.shown in state.module.states
            assert NORM <= state.look.feature < max(1, state.batch.feature_count)
            assert state.look.feature >= 0 or state.batch.feature_count > 1
            block = state.cursor.block
            assert block is None or (block.rows[-1] < state.batch.rows and 0 <= block.first <= block.last)
            assert block is None or block.last < state.batch.steps
            assert not state.batch.x.flags.writeable
            assert not state.batch.lengths.flags.writeable
        if state.document is not None:
            stops, read = state.document.stops, state.document.watches
            assert len(set(stops.stops)) == len(stops.stops)
            assert stops.off | set(dict(stops.from_hit)) <= set(stops.stops)
            assert len(set(read)) == len(read)


@given(batches(), st.lists(st.one_of(edits, moves), max_size=10))
def test_as_many_undos_as_edits_bring_back_the_very_same_batch_and_as_many_redos_the_last(
    batch: Batch, does: list[Any]
) -> None:
    opened = state = update(State(), act.Open(batch))
    for action in does:
        state = update(state, action)
    last, count = state, len(state.history.past)
    states = [state]
    for _ in range(count):
        state = update(state, act.Undo())
        states.append(state)
    assert state.batch is batch
    assert state.module == opened.module
    assert update(state, act.Undo()) is state
    for was in reversed(states[:-1]):
        state = update(state, act.Redo())
        assert state.batch is was.batch
        assert state.module == was.module
    assert state.batch is last.batch
    assert update(state, act.Redo()) is state


@given(batches(), st.lists(edits, max_size=8))
def test_each_edit_that_changes_anything_is_one_undo(batch: Batch, does: list[Any]) -> None:
    state = update(State(), act.Open(batch))
    for action in does:
        if isinstance(action, act.SetLength):
            action = replace(action, gesture=None)
        new = update(state, action)
        if new.documents is not state.documents:
            back = update(new, act.Undo())
            assert back.batch is state.batch
            assert back.module is state.module
        state = new


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_the_edits_of_one_drag_are_one_undo(ends: list[int]) -> None:
    state = opened = update(State(), act.Open(SAMPLE))
    for end in ends:
        state = update(state, act.SetLength(0, end, gesture=7))
    if len(state.history.past) > len(opened.history.past):
        state = update(state, act.Undo())
    assert state.batch is SAMPLE


def test_two_drags_are_two_undos_even_of_the_same_row() -> None:
    state = update(State(), act.Open(SAMPLE))
    for gesture, end in ((1, 4), (1, 5), (2, 4), (2, 2)):
        state = update(state, act.SetLength(0, end, gesture))
    assert state.batch is not None
    assert state.batch.lengths.tolist() == [2, 2, 4]
    state = update(state, act.Undo())
    assert state.batch is not None
    assert state.batch.lengths.tolist() == [5, 2, 4]
    assert update(state, act.Undo()).batch is SAMPLE


def test_an_undo_in_the_middle_of_a_drag_begins_a_new_edit() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.SetLength(0, 4, 1))
    state = update(update(state, act.Undo()), act.SetLength(0, 5, 1))
    assert update(state, act.Undo()).batch is SAMPLE


def test_an_edit_after_an_undo_forgets_what_was_undone() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.SetLength(0, 4))
    state = update(update(state, act.Undo()), act.SetLength(1, 3))
    assert update(state, act.Redo()) is state


MEANINGLESS = [
    act.CancelLoad(),
    act.CancelProbe(),
    act.SetLength(3, 1),
    act.SetLength(-1, 1),
    act.SetLength(0, 3),
    act.SetLengths((3, 2, 4)),
    act.SetOption("batch_first", True),
    act.ApplyFix(Edit("nothing to change")),
    act.SetModel(Module()),
    act.Undo(),
    act.Redo(),
    act.StepBy(-1),
    act.StepBy(0),
    act.StepTo(0),
    act.RunToBreakpoint(-1),
    act.RunToHover(),
    act.ToggleBreakpoint(5),
    act.ToggleBreakpoint(-1),
    act.Tick(),
    act.SetSpeed(2.0),
    act.Hover(None),
    act.Select(0),
    act.Select(0, 0),
    act.Select(3),
    act.Select(-1),
    act.SetLook(Look()),
    act.Say(None),
    act.Computed(LoadRequest(1, text="[[1]]"), Loaded((Entry(SAMPLE),))),
    act.Failed(LoadRequest(1, text="[[1]]"), "it can't be read"),
    act.Progressed(LoadRequest(1, text="[[1]]"), 0.5),
    act.Progressed(TraceRequest(SAMPLE.with_lengths([1, 1, 1]), Module()), 0.5),
    act.GoTo(0),
    act.GoTo(1),
    act.GoBy(1),
    act.GoBy(-1),
    act.Close(1),
    act.SwitchStop(RowEnds()),
    act.StopFrom(RowEnds(), 2),
    act.ReplaceStop(RowEnds(), AtStep(1)),
    act.ReplaceWatch(parse("h"), parse("c")),
]


@pytest.mark.parametrize("action", MEANINGLESS, ids=repr)
def test_an_action_without_meaning_leaves_the_very_same_state(action: act.Action) -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.StepTo(0))
    assert update(state, action) is state


NEED_A_BATCH = [
    act.StopFrom(RowEnds(), 2),
    act.SetLength(0, 1),
    act.SetLengths((1,)),
    act.SetOption("batch_first", True),
    act.SwapLayout(),
    act.GuessLengths(),
    act.ApplyFix(Edit("Fix", (1,))),
    act.ToggleBreakpoint(),
    act.TogglePlay(),
    act.Select(0),
    act.StepBy(1),
    act.Probe(),
]


@pytest.mark.parametrize("action", NEED_A_BATCH, ids=repr)
def test_without_a_batch_there_is_nothing_to_edit_or_step(action: act.Action) -> None:
    state = State()
    assert update(state, action) is state


# ---- opening ---------------------------------------------------------------------------------------------------------


def test_opening_starts_at_the_first_step_and_row_and_can_be_undone() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.Select(2, 3))
    state = update(update(state, act.ToggleBreakpoint(1)), act.Say(Message("no")))
    other = SAMPLE.with_lengths([1, 1, 1])
    opened = update(state, act.Open(other))
    assert opened.cursor == Cursor()
    assert opened.document is not None
    assert opened.document.stops == Stops()
    assert opened.message is None
    assert update(opened, act.Undo()).batch is SAMPLE


def test_a_load_shows_its_progress_and_opens_what_it_read() -> None:
    request = LoadRequest(1, paths=("/a/b.pt",))
    loading = update(update(State(), act.Open(SAMPLE)), act.Load(request))
    assert loading.batch is SAMPLE
    half = update(loading, act.Progressed(request, 0.5))
    assert half.loading == Loading(request, 0.5)
    other = SAMPLE.with_lengths([1, 1, 1])
    state = update(half, act.Computed(request, Loaded((Entry(other, Module("GRU")),))))
    assert state.loading is None
    assert state.batch is other
    assert state.module.cell == "GRU"


def test_a_load_that_fails_says_so_and_leaves_the_open_batch() -> None:
    request = LoadRequest(1, paths=("/a/b.pt",))
    loading = update(update(State(), act.Open(SAMPLE)), act.Load(request))
    state = update(loading, act.Failed(request, "b.pt is no batch."))
    assert state.batch is SAMPLE
    assert state.loading is None
    assert state.message == Message("b.pt is no batch.", bad=True)
    stopped = update(loading, act.CancelLoad())
    assert stopped.batch is SAMPLE
    assert stopped.loading is None
    assert stopped.message is not None
    assert "b.pt" in stopped.message.text


def test_the_result_of_a_load_that_another_replaced_is_not_opened() -> None:
    first, second = LoadRequest(1, paths=("/a",)), LoadRequest(2, paths=("/a",))
    state = update(update(State(), act.Load(first)), act.Load(second))
    assert update(state, act.Computed(first, Loaded((Entry(SAMPLE),)))) is state


def test_loaded_weights_are_an_edit_of_the_module() -> None:
    weights = Stored("w.pt", {"weight_ih_l0": np.zeros((9, 2)), "weight_hh_l0": np.zeros((9, 3))})
    request = WeightsRequest(1, "/w.pt")
    state = update(update(State(), act.Open(SAMPLE)), act.Load(request))
    state = update(state, act.Computed(request, weights))
    assert (state.module.weights, state.module.cell, state.module.hidden) == (weights, "GRU", 3)
    assert update(state, act.Undo()).module == Module()


# ---- what the jobs bring ---------------------------------------------------------------------------------------------


def test_results_are_kept_with_the_request_that_they_answer() -> None:
    state = update(State(), act.Open(SAMPLE))
    check, verdict = CheckRequest(SAMPLE), VerdictRequest(SAMPLE, state.module)
    trace = TraceRequest(SAMPLE, state.module)
    state = update(state, act.Computed(TorchRequest(), TorchInfo("9.9", ("cpu", "cuda:0"))))
    assert state.torch == TorchInfo("9.9", ("cpu", "cuda:0"))
    state = update(state, act.Progressed(trace, 0.5))
    assert state.results.of(trace) == Running(0.5)
    results = {request: result_for(request) for request in (check, verdict, trace)}
    state = answered(state, *results)
    for request in results:
        assert type(state.results.done(request)) is type(results[request])
    assert update(state, act.Progressed(check, 0.5)).results.done(trace) is not None


def test_a_failure_stays_known_of_its_batch_and_is_not_that_of_another() -> None:
    state = update(State(), act.Open(SAMPLE))
    trace = TraceRequest(SAMPLE, state.module)
    state = update(update(state, act.Failed(trace, "too large")), act.Failed(TorchRequest(), "no torch"))
    assert state.results.of(trace) == Failed("too large")
    assert update(state, act.SetLook(Look(theme="light"))).results is state.results
    other = update(state, act.SetLength(0, 1))
    assert selectors.trace_of(other).told is None
    assert other.torch_missing == "no torch"
    assert selectors.trace_of(update(other, act.Undo())).failed


# ---- edits -----------------------------------------------------------------------------------------------------------


def test_a_length_that_no_tensor_can_hold_is_refused_in_words() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.SetLengths((3, 2**63, 4)))
    assert state.batch is SAMPLE
    assert state.message is not None
    assert state.message.bad
    assert state.message.text.startswith("lengths[1] is 9223372036854775808,")


def test_guessed_lengths_follow_the_layout_and_the_padding_value_but_typed_ones_stay() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.GuessLengths())
    assert state.batch is not None
    assert state.batch.given.origin == "guessed"
    turned = update(state, act.SetOption("batch_first", False)).batch
    assert turned is not None
    assert len(turned.lengths) == turned.rows == 5
    typed = update(update(state, act.SetLength(0, 1)), act.SetOption("batch_first", False)).batch
    assert typed is not None
    assert typed.lengths.tolist() == [1, 2, 4]


def test_the_cursor_comes_back_inside_when_the_batch_shrinks() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.Select(2, 3))
    state = update(state, act.Hover(Place(2, 3)))
    turned = update(state, act.SetLengths((1, 1, 1)))
    assert turned.cursor == Cursor(Moment(0), 2, Place(2, 3))
    small = update(state, act.Open(make_batch([[1], [2]], [1, 1], Call(True))))
    assert small.cursor == Cursor()


def test_another_module_without_the_shown_state_shows_h() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.SetLook(Look(shown="c")))
    assert update(state, act.SetModel(Module("GRU"))).look.shown == "h"
    assert update(state, act.Open(SAMPLE, Module("RNN"))).look.shown == "h"


def test_what_can_not_be_told_is_offered_as_a_choice() -> None:
    request = LoadRequest(1, paths=("two.pt",))
    state = update(State(), act.Load(request))
    asked = update(state, act.Failed(request, "two.pt: which?", ("left", "right")))
    assert asked.message is not None
    assert [offer.label for offer in asked.message.offers] == ["left", "right"]
    again = update(asked, asked.message.offers[1].action)
    assert again.loading is not None
    assert again.loading.request == request.with_choice("right")
    lies = update(State(), act.Load(request))
    lies = update(lies, act.Failed(request, "two.pt: how?", ("BTF", "BFT"), "axes"))
    assert lies.message is not None
    assert lies.message.offers[1].action == act.Load(request.with_choice("BFT", "axes"))
    weights = WeightsRequest(2, "w.pt")
    asked = update(update(State(), act.Load(weights)), act.Failed(weights, "which?", ("", "b.")))
    assert asked.message is not None
    assert [offer.label for offer in asked.message.offers] == ["(no prefix)", "b."]
    assert asked.message.offers[1].action == act.Load(weights.with_choice("b."))


def test_a_typed_value_is_an_edit_that_an_undo_takes_back() -> None:
    batch = make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, False))
    state = update(State(), act.Open(batch))
    changed = update(state, act.SetValue(1, 1, 0, np.int64(7)))
    assert changed.batch is not None
    assert changed.batch.x.tolist() == [[1, 2, 3], [4, 7, 0]]
    assert changed.history.undo_label == "x[1, 1]"
    back = update(changed, act.Undo())
    assert back.batch is batch
    refused = update(state, act.SetValue(5, 0, 0, np.int64(7)))
    assert refused.batch is batch
    assert refused.message is not None
    assert refused.message.bad
    assert update(State(), act.SetValue(0, 0, 0, 1)).batch is None
