"""What programs show: added beside all that is open, in front unless somebody looks elsewhere, never more than stay."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module, Stored
from packviz.session import actions as act
from packviz.session import receiving
from packviz.session.loads import Entry
from packviz.session.saving import Saved, modified
from packviz.session.state import Message, State, showing
from packviz.session.updates.update import update

WEIGHTS = Stored("w.pt", {"weight_ih_l0": np.zeros((4, 2)), "weight_hh_l0": np.zeros((4, 1))})
LOOP = "4242 train.py:31"


def named(name: str, rows: int = 3, features: tuple[int, ...] = ()) -> Batch:
    return make_batch(np.ones((rows, 5, *features)), [5] * rows, Call(True, False), source=name)


A, B, C = named("a"), named("b"), named("c", 2)


def entry(name: str, by: str = LOOP) -> Entry:
    return Entry(named(name), notes=f"Shown: {name}.", by=by)


def names(state: State) -> list[str]:
    return [document.source for document in state.documents.all]


def looped(state: State, many: int, begin: int = 0, by: str = LOOP) -> State:
    """So many batches shown one by one, as a loop does."""
    for number in range(begin, begin + many):
        state = update(state, act.Receive((entry(f"x{number}", by),)))
    return state


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many stay in these tests."""
    monkeypatch.setattr(receiving, "MOST", 3)
    return 3


def test_what_a_program_shows_is_added_also_beside_a_batch_that_stands_alone() -> None:
    state = update(State(), act.Receive((Entry(A, notes="Shown by train.py."),)))
    assert names(state) == ["a"]
    assert state.message == Message("Shown by train.py.")
    state = update(update(state, act.Select(2, 3)), act.Receive((Entry(B, notes="Shown again."),)))
    assert names(state) == ["a", "b"]
    assert state.batch is B
    assert state.document is not None
    assert state.document.notes == "Shown again."
    state = update(state, act.GoTo(0))
    assert (state.cursor.row, state.cursor.step) == (2, 3)
    assert update(state, act.Receive(())) is state


def test_a_module_that_a_program_shows_comes_with_its_batch_and_stays_with_it() -> None:
    own = Module(inputs="given", weights=WEIGHTS)
    state = update(showing(A), act.Receive((Entry(B, own, "Shown by train.py."),)))
    assert state.module is own
    state = update(state, act.Receive((Entry(C),)))
    assert state.module == Module()
    assert update(state, act.GoTo(1)).module is own


def test_what_became_of_the_module_before_is_said_with_where_a_batch_comes_from() -> None:
    state = update(showing(named("wide", 3, (2,))), act.SetModel(Module().with_weights(WEIGHTS)))
    state = update(state, act.Receive((Entry(A, notes="Shown by train.py."),)))
    assert state.message is not None
    assert state.message.text.startswith("Shown by train.py. The weights of w.pt take F = 2")


def test_several_that_came_at_once_are_added_in_their_order_and_the_last_one_is_in_front() -> None:
    state = update(showing(A), act.Receive((entry("b"), entry("c")), lost=2))
    assert names(state) == ["a", "b", "c"]
    assert state.document is not None
    assert state.document.source == "c"
    assert state.message is not None
    assert "2 older batches" in state.message.text


def test_an_undo_takes_back_what_the_user_did_and_not_what_came_meanwhile() -> None:
    state = update(update(showing(A), act.SetLength(0, 2)), act.SetLength(0, 3))
    state = update(state, act.Undo())
    state = update(state, act.Receive((entry("b"),)))
    assert (len(state.history.past), len(state.history.future)) == (1, 1)
    back = update(state, act.Undo())
    assert names(back) == ["a", "b"]
    assert back.batch is A
    on = update(update(back, act.Redo()), act.Redo())
    assert names(on) == ["a", "b"]
    assert on.batch is not None
    assert on.batch.lengths.tolist() == [3, 5, 5]


def test_while_somebody_is_busy_it_stands_behind_the_others_and_a_button_shows_it() -> None:
    state = update(update(showing(A), act.Select(2, 3)), act.Receive((entry("b"),), front=False))
    assert names(state) == ["a", "b"]
    assert state.batch is A
    assert (state.cursor.row, state.cursor.step) == (2, 3)
    assert state.message is not None
    assert state.message.text == "Shown: b. It stands at the end of the list."
    [offer] = state.message.offers
    assert update(state, offer.action).document.source == "b"  # type: ignore[union-attr]
    assert update(State(), act.Receive((entry("b"),), front=False)).document is not None


def test_a_loop_is_followed_until_somebody_looks_at_another_batch_and_again_from_its_newest_on() -> None:
    state = looped(State(), 3)
    assert state.documents.open == 2
    state = looped(update(state, act.GoTo(1)), 2, 3)
    assert state.documents.open == 1
    state = update(update(state, act.GoTo(4)), act.Receive((entry("x5"),)))
    assert state.documents.open == 5
    elsewhere = update(update(state, act.GoTo(0)), act.Receive((entry("y", "1 other.py:3"),)))
    assert elsewhere.document.source == "y"  # type: ignore[union-attr]


def test_of_a_loop_the_newest_stay_and_it_is_said_how_many_went(few: int) -> None:
    state = looped(showing(A), few)
    assert state.message is not None
    assert "put away" not in state.message.text
    state = looped(state, 1, few)
    assert names(state) == ["a", "x1", "x2", "x3"]
    assert state.message is not None
    assert state.message.text == (
        "Shown: x3. 1 older batch that programs have shown, and nobody has changed, was put away."
    )
    state = looped(state, 5, 4)
    assert names(state) == ["a", "x6", "x7", "x8"]
    assert state.batch is not None
    assert state.batch.source.name == "x8"
    assert state.message is not None
    assert "6 older batches" in state.message.text
    assert not modified(state.documents, state.clean, state.file)


def test_weights_that_came_with_none_of_them_count_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = sum(array.nbytes for array in WEIGHTS.arrays.values() if array is not None)
    one = named("x", 3, (2,)).x.nbytes
    monkeypatch.setattr(receiving, "MOST_BYTES", 3 * one + weights)
    own = Module(inputs="given", weights=WEIGHTS)
    shared, brought = State(spare=own), State()
    for _ in range(9):
        shared = update(shared, act.Receive((Entry(named("x", 3, (2,)), by=LOOP),)))
        brought = update(brought, act.Receive((Entry(named("x", 3, (2,)), own, by=LOOP),)))
    assert all(document.module.stored is WEIGHTS for document in shared.documents.all)
    assert len(shared.documents) == (3 * one + weights) // one
    assert len(brought.documents) == (3 * one + weights) // (one + weights)


def test_nothing_of_those_that_went_stays_in_memory(few: int) -> None:
    state = update(showing(A), act.SetLength(0, 2))
    held: list[weakref.ref[np.ndarray]] = []
    for number in range(30):
        shown = entry(f"x{number}")
        held.append(weakref.ref(shown.batch.x if shown.batch.x.base is None else shown.batch.x.base))
        state = update(state, act.Receive((shown,)))
        if number % 5 == 0:
            state = update(update(state, act.GoTo(0)), act.SetLength(0, 1 + number % 4))
            state = update(state, act.GoTo(len(state.documents) - 1))
    del shown
    gc.collect()
    assert sum(one() is not None for one in held) == few
    assert len(state.clean) == 1 + few
    assert len(state.visits) <= 1 + few


CHANGES: dict[str, Callable[[State], State]] = {
    "edited": lambda state: update(state, act.SetLength(0, 2)),
    "edited and undone": lambda state: update(update(state, act.SetLength(0, 2)), act.Undo()),
    "module": lambda state: update(state, act.SetModel(replace(state.module, hidden=5))),
    "stop": lambda state: update(state, act.ToggleBreakpoint(2)),
    "saved": lambda state: saved(state),
}


def saved(state: State) -> State:
    state = update(state, act.Save("/tmp/work.packviz"))
    assert state.saving is not None
    return update(state, act.Computed(state.saving, Saved("0a1b")))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_somebody_has_changed_or_saved_never_goes(change: Callable[[State], State], few: int) -> None:
    state = change(looped(State(), 1))
    kept = state.document
    state = looped(state, 3 * few, 1)
    assert kept is not None
    assert kept.number in {document.number for document in state.documents.all}
    assert names(state) == ["x0", "x7", "x8", "x9"]


def test_an_edit_that_was_undone_can_be_done_again_after_a_loop(few: int) -> None:
    state = update(update(looped(State(), 1), act.SetLength(0, 2)), act.Undo())
    again = update(looped(state, 9, 1), act.Redo())
    assert again.batch is not None
    assert (again.batch.source.name, int(again.batch.lengths[0])) == ("x0", 2)


def test_the_open_one_stays_while_a_loop_goes_on(few: int) -> None:
    state = update(looped(State(), 2), act.GoTo(0))
    state = looped(state, 20, 2)
    assert state.document is not None
    assert state.document.source == "x0"
    assert names(state) == ["x0", "x19", "x20", "x21"]


def test_a_saved_session_is_not_modified_by_what_comes_and_goes(few: int) -> None:
    state = looped(saved(showing(A)), 9)
    assert not modified(state.documents, state.clean, state.file)


def done(state: State, deed: str, shown: Entry, number: int) -> State:
    """The state once somebody, or a program, has done this."""
    if deed == "edit" and not len(state.documents):
        return state
    actions = {
        "show": act.Receive((shown,)),
        "other": act.Receive((shown,)),
        "busy": act.Receive((shown,), front=False),
        "back": act.GoBy(-1),
        "on": act.GoBy(1),
        "edit": act.SetLength(0, 1 + number % 5),
        "undo": act.Undo(),
        "redo": act.Redo(),
        "close": act.Close(),
    }
    return update(state, actions[deed])


@given(st.lists(st.sampled_from(["show", "other", "busy", "back", "on", "edit", "undo", "redo", "close"]), max_size=40))
def test_whatever_somebody_does_meanwhile_the_bound_holds_and_the_open_one_is_one_of_them(deeds: list[str]) -> None:
    state, number = showing(A), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiving, "MOST", 3)
        for deed in deeds:
            before = state
            number += 1
            shown = entry(f"x{number}", "1 other.py:1" if deed == "other" else LOOP)
            state = done(state, deed, shown, number)
            if deed in ("show", "other", "busy"):
                assert len(state.history.past) == len(before.history.past)
                assert len(state.history.future) == len(before.history.future)
                assert state.documents.all[-1].batch is shown.batch
            numbers = [document.number for document in state.documents.all]
            assert len(set(numbers)) == len(numbers)
            assert not numbers or 0 <= state.documents.open < len(numbers)
            clean = {document.number: document.batch for document in state.clean}
            as_shown = [one for one in state.documents.all if one.by and one.batch is clean[one.number]]
            touched = deeds.count("edit") + min(deeds.count("close"), deeds.count("undo"))  # which brings it back
            assert len(as_shown) <= 3 + 1 + touched


def test_what_comes_to_the_front_is_looked_at_afresh_and_what_does_not_changes_no_look() -> None:
    state = showing(named("wide", 3, (4,)))
    state = replace(state, look=state.look.at_feature(2))
    for front, feature in ((True, 0), (False, 2)):
        came = update(state, act.Receive((Entry(named("also", 3, (4,)), by=LOOP),), front=front))
        assert came.look.feature == feature


def test_of_what_says_no_line_none_is_followed() -> None:
    state = update(showing(A), act.OpenAll((Entry(B), Entry(C))))
    state = update(state, act.GoTo(0))
    came = update(state, act.Receive((entry("y", ""),)))
    assert came.document is not None
    assert came.document.source == "y"
