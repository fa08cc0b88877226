"""Documents: a list with one of them open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import make_batch
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep, RowEnds, Where
from packviz.session.document import Document, Documents, next_number

BATCH = make_batch([[[1.0], [2.0]], [[3.0], [0.0]]], [2, 1])


def document(number: int = 0) -> Document:
    return Document(BATCH, Module(), number=number or next_number())


def several(n: int, opened: int = 0) -> Documents:
    return Documents(tuple(document(i + 1) for i in range(n)), opened)


def numbers(documents: Documents) -> list[int]:
    return [one.number for one in documents.all]


def test_no_two_documents_have_one_number() -> None:
    assert next_number() != next_number()


def test_it_says_where_it_comes_from_and_how_large_it_is() -> None:
    assert (document().source, document().size) == ("x", "2 × 2 × 1")


def test_a_batch_that_stands_alone_is_replaced_and_to_a_list_it_is_added() -> None:
    new = [document(8), document(9)]
    assert numbers(Documents().with_opened(new)) == [8, 9]
    assert numbers(several(1).with_opened(new)) == [8, 9]
    shown = Documents((replace(document(1), by="1 train.py:3"),))
    assert numbers(shown.with_opened(new)) == [1, 8, 9]
    assert numbers(several(1).with_opened(new, beside=True)) == [1, 8, 9]
    added = several(3, 1).with_opened(new)
    assert (numbers(added), added.open) == ([1, 2, 3, 8, 9], 3)


@given(st.integers(1, 6), st.data())
def test_without_some_of_them_the_open_one_stays_open_where_it_is_left(n: int, data: st.DataObject) -> None:
    before = several(n, data.draw(st.integers(0, n - 1)))
    gone = data.draw(st.sets(st.integers(1, n + 1)))
    after = before.without_numbers(gone)
    assert numbers(after) == [number for number in numbers(before) if number not in gone]
    assert before.current is not None
    if before.current.number not in gone:
        assert after.current is before.current
    elif len(after):
        following = [number for number in numbers(after) if number > before.current.number]
        assert after.current is not None
        assert after.current.number == (following or numbers(after))[0 if following else -1]
    assert before.without_numbers({n + 1}) is before
    assert several(3, 2).without_numbers({1}).open == 1
    assert several(3, 1).without_numbers({3}).open == 1


def test_more_behind_the_others_leave_the_open_one_open() -> None:
    after = several(3, 1).with_more([document(8)])
    assert (numbers(after), after.open) == ([1, 2, 3, 8], 1)


@given(st.integers(1, 6), st.data())
def test_closing_one_leaves_the_others_and_the_open_one_open(n: int, data: st.DataObject) -> None:
    opened, place = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    before = several(n, opened)
    after = before.without(place)
    assert numbers(after) == [number for number in numbers(before) if number != place + 1]
    if place != opened:
        assert after.current is before.current
    elif n > 1:
        assert after.current is before.all[place + 1 if place + 1 < n else place - 1]
    else:
        assert after.current is None


def test_another_state_of_the_open_one_leaves_the_others_the_very_same() -> None:
    before = several(3, 1)
    changed = replace(before.all[1], notes="look here")
    after = before.with_current(changed)
    assert after.current is changed
    assert (after.all[0], after.all[2]) == (before.all[0], before.all[2])
    assert before.at(1) is before
    assert before.at(2).current is before.all[2]


@pytest.mark.parametrize("number", [1, 3])
def test_a_document_is_found_by_its_number(number: int) -> None:
    assert several(3).place_of(number) == number - 1
    assert several(3).place_of(7) is None


def test_going_back_keeps_the_stops_and_notes_of_now() -> None:
    then, now = several(2), several(2)
    now = now.with_current(replace(now.all[0], stops=Stops((AtStep(1),)), notes="mine"))
    back = then.as_before(now)
    assert (back.all[0].stops, back.all[0].notes) == (Stops((AtStep(1),)), "mine")
    assert back.all[1] is then.all[1]
    gone = Documents((document(5),)).as_before(now)
    assert gone.all[0].stops == Stops()


def test_going_back_keeps_how_they_are_written_now() -> None:
    old = replace(document(1), stops=Stops((Where(parse("h>5")),)), watches=(parse("h[0,1]"),))
    new = replace(old, stops=Stops((Where(parse("h > 5")),)), watches=(parse("h[0, 1]"),))
    assert old.stops == new.stops
    assert old.with_marks_of(new).written == new.written != old.written
    assert old.with_marks_of(replace(old, watches=old.watches)) is old


def test_another_batch_gets_the_stops_with_their_hits_but_none_at_a_step() -> None:
    where = Where(parse("h > 5"))
    stops = Stops((AtStep(1), where, RowEnds()), frozenset({where}), ((AtStep(1), 2), (where, 3), (RowEnds(), 4)))
    kept, _ = replace(document(), stops=stops).marks_for_another()
    assert kept == Stops((where, RowEnds()), frozenset({where}), ((where, 3), (RowEnds(), 4)))
