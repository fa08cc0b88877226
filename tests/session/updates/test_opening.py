"""Opening, walking and closing: a list of documents, each with its own place, stops and module."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.findings import Edit
from packviz.core.module import Module, Stored
from packviz.core.moments import Moment
from packviz.core.rules import check
from packviz.core.rules.meant import with_meant
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.session import actions as act
from packviz.session.cursor import Cursor
from packviz.session.loads import Entry, Loaded, LoadRequest
from packviz.session.saving import modified
from packviz.session.state import Message, Offer, State, TorchInfo, showing
from packviz.session.updates.update import update

WEIGHTS = Stored("w.pt", {"weight_ih_l0": np.zeros((4, 2)), "weight_hh_l0": np.zeros((4, 1))})


def named(name: str, rows: int = 3, features: tuple[int, ...] = ()) -> Batch:
    return make_batch(np.ones((rows, 5, *features)), [5] * rows, Call(True, False), source=name)


A, B, C = named("a"), named("b"), named("c", 2)


def several(*batches: Batch) -> State:
    return update(State(), act.OpenAll(tuple(map(Entry, batches))))


def names(state: State) -> list[str]:
    return [document.source for document in state.documents.all]


def test_several_batches_open_as_a_list_with_the_first_one_shown() -> None:
    state = several(A, B, C)
    assert names(state) == ["a", "b", "c"]
    assert state.batch is A
    assert update(state, act.OpenAll(())) is state


def test_a_batch_alone_is_replaced_and_an_undo_brings_it_back_where_one_was() -> None:
    state = update(update(showing(A), act.Select(2, 3)), act.OpenAll((Entry(B), Entry(C))))
    assert names(state) == ["b", "c"]
    assert state.history.undo_label == "open b and 1 more"
    back = update(state, act.Undo())
    assert names(back) == ["a"]
    assert back.cursor == Cursor(Moment(3), 2)
    assert names(update(back, act.Redo())) == ["b", "c"]


def test_beside_a_list_another_batch_is_added_and_shown() -> None:
    state = update(several(A, B), act.Open(C))
    assert names(state) == ["a", "b", "c"]
    assert state.batch is C


def test_a_batch_that_a_program_has_shown_is_not_replaced_by_a_file() -> None:
    state = update(State(), act.Receive((Entry(A, by="1 train.py:3"),)))
    assert names(update(state, act.Open(B))) == ["a", "b"]


@pytest.mark.parametrize("edit", [act.SetLength(0, 2), act.SetValue(0, 1, 0, 7.0), act.SetOption("padding_value", 3.0)])
def test_a_batch_that_was_changed_is_not_replaced_by_another(edit: act.Action) -> None:
    """It would be in no file, and no longer kept for a crash, and nobody was asked."""
    state = update(showing(A), edit)
    opened = update(state, act.Open(B))
    assert names(opened) == [*names(state), "b"]
    assert opened.batch is B
    assert update(opened, act.GoBy(-1)).batch is state.batch
    assert names(update(update(state, act.Undo()), act.Open(B))) == ["b"]


def test_a_module_and_stops_go_along_and_keep_no_batch() -> None:
    state = update(update(showing(A), act.SetModel(Module("GRU", 9))), act.ToggleStop(AtStep(2)))
    opened = update(state, act.Open(B))
    assert names(opened) == ["b"]
    assert opened.module == Module("GRU", 9)


def test_closing_a_changed_batch_says_how_it_comes_back() -> None:
    state = update(update(several(A, B), act.SetLength(0, 2)), act.Close())
    assert state.message == Message("a was closed, and its changes are in no file: Ctrl+Z brings it back.")
    assert names(update(state, act.Undo())) == ["a", "b"]
    assert update(several(A, B), act.Close()).message is None


def test_walking_shows_the_next_one_and_stops_at_the_ends() -> None:
    state = several(A, B, C)
    state = update(state, act.GoBy(1))
    assert state.batch is B
    assert update(state, act.GoTo(2)).batch is C
    assert update(state, act.GoBy(2)) is state
    assert update(state, act.GoBy(-2)) is state
    assert update(state, act.GoTo(1)) is state
    assert update(state, act.GoTo(0)).batch is A


def test_each_document_keeps_the_place_where_somebody_was_in_it_and_its_stops() -> None:
    state = update(several(A, C), act.Select(2, 4))
    state = update(state, act.ToggleBreakpoint(1))
    there = update(state, act.GoBy(1))
    assert (there.cursor, there.stepped) == (Cursor(), False)
    assert there.document is not None
    assert there.document.stops == Stops()
    back = update(update(there, act.StepTo(2)), act.GoBy(-1))
    assert back.cursor == Cursor(Moment(4), 2)
    assert back.document is not None
    assert back.document.stops == Stops((AtStep(1),))
    assert update(back, act.GoBy(1)).cursor == Cursor(Moment(2), 0)


def test_an_undo_shows_the_document_in_which_the_edit_was_made() -> None:
    state = update(several(A, B), act.SetLength(0, 1))
    there = update(state, act.GoBy(1))
    undone = update(there, act.Undo())
    assert undone.batch is A
    assert undone.documents.open == 0


def test_closing_takes_one_off_the_list_and_an_undo_puts_it_back() -> None:
    state = several(A, B, C)
    closed = update(state, act.Close())
    assert (names(closed), closed.batch) == (["b", "c"], B)
    assert update(closed, act.Undo()).batch is A
    other = update(state, act.Close(2))
    assert (names(other), other.batch) == (["a", "b"], A)
    empty = update(update(closed, act.Close()), act.Close())
    assert empty.batch is None
    assert empty.cursor == Cursor()
    assert update(empty, act.Close()) is empty
    assert update(empty, act.Undo()).batch is C


def test_the_module_and_its_weights_go_along_where_they_fit() -> None:
    module = Module("LSTM", 1, weights=WEIGHTS)
    fits, other = named("fits", features=(2,)), named("other")
    state = update(update(State(), act.Open(named("first", features=(2,)))), act.SetModel(module))
    assert update(state, act.Open(fits)).module is module
    assert update(state, act.Open(fits)).message is None
    lost = update(state, act.Open(other))
    assert lost.module.stored is None
    assert lost.message is not None
    assert lost.message.text.startswith("The weights of w.pt take F = 2, but other has F = 1")
    assert not lost.message.bad
    assert update(lost, act.Undo()).module is module


def test_walking_takes_the_chosen_module_along_and_says_what_does_not_fit() -> None:
    state = several(named("a", features=(2,)), named("b", features=(2,)), named("c"))
    state = update(state, act.SetModel(Module("LSTM", 1, weights=WEIGHTS)))
    there = update(state, act.GoBy(1))
    assert there.module is state.module
    assert there.message is None
    last = update(there, act.GoBy(1))
    assert last.module.stored is None
    assert last.message is not None
    assert "take F = 2, but c has F = 1" in last.message.text


def test_a_document_that_brought_its_own_module_keeps_it_and_does_not_hand_it_on() -> None:
    own = Module("RNN", 3)
    state = update(State(), act.OpenAll((Entry(A), Entry(B, own), Entry(C))))
    state = update(state, act.SetModel(Module("GRU")))
    there = update(state, act.GoBy(1))
    assert there.module is own
    assert update(there, act.GoBy(1)).module.cell == "LSTM"
    assert update(there, act.GoBy(-1)).module.cell == "GRU"
    alone = update(showing(A, own), act.Open(B))
    assert alone.module == Module()


def test_what_could_not_be_read_is_said_beside_what_was_opened() -> None:
    request = LoadRequest(1, paths=("a", "b", "c"))
    state = update(update(State(), act.Load(request)), act.Computed(request, Loaded((Entry(A),), trouble="b: no.")))
    assert state.batch is A
    assert state.message == Message("b: no.", bad=True)


def test_the_note_of_a_load_and_what_became_of_the_module_stand_in_one_message() -> None:
    request = LoadRequest(1, sample="x", note="Look at row 2.")
    state = replace(State(), spare=Module("LSTM", 1, weights=WEIGHTS), torch=TorchInfo("2.x"))
    state = update(update(state, act.Load(request)), act.Computed(request, Loaded((Entry(A, notes=request.note),))))
    assert state.message is not None
    assert state.message.text.startswith("Look at row 2. The weights of w.pt take F = 2")
    assert state.document is not None
    assert state.document.notes == "Look at row 2."


def test_of_what_was_loaded_the_one_that_is_meant_is_shown() -> None:
    request = LoadRequest(1, text="x")
    state = update(State(), act.Load(request))
    state = update(state, act.Computed(request, Loaded((Entry(A), Entry(B), Entry(C)), shown=2)))
    assert (names(state), state.batch) == (["a", "b", "c"], C)
    assert update(several(A, B), act.OpenAll((Entry(C),))).documents.open == 2


SQUARE = np.array([[1.0, 2, 3], [4, 5, 0], [6, 0, 0], [7, 0, 0]])


def read(state: State, request: LoadRequest) -> State:
    """The state once the text is read."""
    state = update(state, act.Load(request))
    assert state.loading is not None
    asked = state.loading.request
    return update(state, act.Computed(asked, asked.do(UNWATCHED)))


def test_lengths_alone_are_offered_as_those_of_the_open_batch_and_change_nothing_before() -> None:
    before = showing(A)
    state = read(before, LoadRequest(1, text="lengths = [3, 2, 5]"))
    assert state.batch is A
    assert state.message is not None
    assert state.message.text == "The paste holds 3 lengths and no x. a has 3 rows."
    assert state.message.offers == (Offer("Take them as its lengths", act.SetLengths((3, 2, 5))),)
    taken = update(state, state.message.offers[0].action)
    assert taken.batch is not None
    assert taken.batch.lengths.tolist() == [3, 2, 5]
    assert update(taken, act.Undo()).batch is A


def test_a_row_of_as_many_whole_numbers_as_rows_may_be_either() -> None:
    state = read(showing(A), LoadRequest(1, text="[3, 2, 5]"))
    assert state.batch is A
    assert state.message is not None
    take, new = state.message.offers
    assert take.action == act.SetLengths((3, 2, 5))
    opened = update(state, new.action)
    assert opened.batch is not None
    assert opened.batch.x.tolist() == [3, 2, 5]


@pytest.mark.parametrize("text", ["[3, 2, 5, 1]", "[3.5, 2.5, 1.5]", "[-3, 2, 5]", "[[3, 2], [5, 1], [1, 1]]"])
def test_what_can_not_be_its_lengths_opens_as_a_batch(text: str) -> None:
    state = read(showing(A), LoadRequest(1, text=text))
    assert state.batch is not A
    assert state.message is None or not state.message.offers


def test_lengths_alone_in_an_empty_window_say_what_is_missing() -> None:
    state = read(State(), LoadRequest(1, text="lengths = [3, 2, 5]"))
    assert state.batch is None
    assert state.message is not None
    assert state.message.text == "The text holds lengths and no x: paste x as well, or open its batch first."


def test_the_options_that_somebody_has_chosen_are_those_of_the_next_paste_and_that_is_said_once() -> None:
    first = LoadRequest(1, text=f"x = {SQUARE[[1, 0, 2, 3]].tolist()}\nlengths = [2, 3, 1, 1]")
    state = read(State(), first)
    assert state.batch is not None
    assert state.batch.call == Call()
    meant = with_meant(check(state.batch)).meant
    assert meant is not None
    state = update(state, act.ApplyFix(meant.edit))
    assert state.usual == Call(True, False)
    state = read(state, replace(first, serial=2))
    assert state.batch is not None
    assert state.batch.call == Call(True, False)
    assert state.message is not None
    said = "What says no options is read with batch_first=True, enforce_sorted=False now, as you chose."
    assert state.message.text == said
    again = read(state, replace(first, serial=3))
    assert again.message is None
    back = update(state, state.message.offers[0].action)
    assert back.usual == Call()
    assert back.batch is not None
    assert back.batch.call == Call()
    assert update(back, act.Undo()).batch is state.batch


def test_what_says_its_own_options_or_was_typed_keeps_them() -> None:
    chosen = update(showing(A), act.SetUsual(Call(True, False)))
    told = read(chosen, LoadRequest(1, text="x = [[1, 2], [3, 0], [1, 0]]\nlengths = [3, 1]\nbatch_first = False"))
    assert told.batch is not None
    assert told.batch.call == Call(False, False)
    assert told.message is None
    typed = LoadRequest(2, text="[[1, 2], [3, 0]]", call=Call(False, True, -1.0), typed=frozenset({"padding_value"}))
    there = read(chosen, typed)
    assert there.batch is not None
    assert there.batch.call == typed.call
    sample = read(chosen, LoadRequest(3, sample="first-batch"))
    assert sample.message is None


def test_a_fix_of_lengths_is_no_choice_for_the_next() -> None:
    state = update(showing(A), act.ApplyFix(Edit("Set length 3", lengths=(3, 5, 5))))
    assert state.usual == Call()


def test_what_was_opened_is_in_a_file_until_it_is_edited() -> None:
    state = State()
    for number in range(2):
        batch = make_batch(np.ones((2, 3)), [3, 2], Call(True, False), source=f"{number}.npz")
        state = update(state, act.Open(batch))
        assert not modified(state.documents, state.clean, state.file)
    edited = update(state, act.SetLength(0, 1))
    assert modified(edited.documents, edited.clean, edited.file)
