"""What is said of an error: of the call that raised it, or of the last one that it can be about."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.noted import NotedCall, Site
from packviz.core.report import Report
from packviz.torch_side.recording.keeping import LastCalls
from packviz.torch_side.recording.made import PACK
from packviz.torch_side.recording.observed import LONGEST_ERROR, said
from packviz.torch_side.recording.raising import MOST_RAISED, Raising
from packviz.torch_side.recording.taken import Taken
from tests.torch_side.recording.copies import copy_of
from tests.torch_side.recording.programs import batch


def look(made: Callable[[], Report]) -> Report | None:
    return made()


def unsorted() -> tuple[RuntimeError, Taken]:
    x, lengths = batch()
    with pytest.raises(RuntimeError) as caught:
        pack_padded_sequence(x, lengths, batch_first=True)
    return caught.value, copy_of(PACK, x, lengths, True, True)


def call(number: int, error: str = "") -> NotedCall:
    return NotedCall(number, PACK, Site("train.py", 31), error)


def test_it_is_explained_with_the_rows_of_the_call_that_raised_it() -> None:
    error, taken = unsorted()
    raising = Raising(ask=False)
    raising.add(call(1, said(error)), taken)
    raising.add(call(2, "ValueError: another"), None)
    found = raising.explained(error, LastCalls(3), look)
    assert found is not None
    assert [(cause.confirmed, cause.absent) for cause in found.causes] == [(True, False), (False, False)]
    behind = KeyError("x")
    behind.__cause__ = error
    assert str(raising.explained(behind, LastCalls(3), look)) == str(found)


def test_without_a_copy_it_is_explained_by_its_words() -> None:
    error, _ = unsorted()
    raising = Raising(ask=False)
    raising.add(call(1, said(error)), None)
    found = raising.explained(error, LastCalls(3), look)
    assert found is not None
    assert found.known
    assert not any(cause.confirmed for cause in found.causes)


def test_one_that_no_call_raised_is_held_against_the_last() -> None:
    error, taken = unsorted()
    last = LastCalls(3)
    assert Raising(ask=False).explained(error, last, look) is None
    last.add(call(1), taken)
    found = Raising(ask=False).explained(error, last, look)
    assert found is not None
    told = [(cause.confirmed, cause.absent) for cause in found.causes]
    assert told == [(True, False), (None, True)], "it may be about another one"
    assert Raising(ask=False).explained(ValueError("the learning rate is negative"), last, look) is None


def test_one_that_the_last_call_does_not_confirm_is_not_explained() -> None:
    error, _ = unsorted()
    last = LastCalls(3)
    last.add(call(1), copy_of(PACK, torch.ones(2, 3, 1), [3, 3], True, True))
    assert Raising(ask=False).explained(error, last, look) is None


def test_the_last_call_of_those_that_it_may_be_about_is_the_one() -> None:
    error, taken = unsorted()
    right, last = copy_of(PACK, torch.ones(2, 3, 1), [3, 3], True, True), LastCalls(9)
    last.add(call(1), right)
    last.add(call(2), taken)
    found = Raising(ask=False).explained(error, last, look)
    assert found is not None
    last.add(call(3)._replace(module="nn.GRU(1, 2)"), right)
    assert str(Raising(ask=False).explained(error, last, look)) == str(found), "a run of a module packs nothing"
    last.add(call(4), right)
    assert Raising(ask=False).explained(error, last, look) is None


def test_of_several_that_raised_the_same_the_last_is_the_one() -> None:
    raising = Raising(ask=False)
    for row in (1, 3):
        lengths = [3, 3, 3, 3]
        lengths[row] = 0
        with pytest.raises(RuntimeError) as caught:
            pack_padded_sequence(torch.ones(4, 3, 1), lengths, batch_first=True, enforce_sorted=False)
        raising.add(call(row, said(caught.value)), copy_of(PACK, torch.ones(4, 3, 1), lengths, True, False))
    assert "lengths[3] is 0" in str(raising.explained(caught.value, LastCalls(3), look))


def test_the_error_in_whose_handling_another_was_raised_is_found() -> None:
    error, taken = unsorted()
    raising = Raising(ask=False)
    raising.add(call(1, said(error)), taken)
    found = str(raising.explained(error, LastCalls(3), look))
    behind = KeyError("x")
    behind.__context__ = error
    error.__context__ = behind
    assert str(raising.explained(behind, LastCalls(3), look)) == found, "also where they stand behind each other"


def test_a_look_that_fails_leaves_the_words() -> None:
    error, taken = unsorted()
    raising = Raising(ask=False)
    raising.add(call(1, said(error)), taken)
    found = raising.explained(error, LastCalls(3), lambda _: None)
    assert found is not None
    assert not any(cause.confirmed for cause in found.causes)


def test_so_many_are_held_and_so_much_of_each() -> None:
    error, taken = unsorted()
    raising = Raising(ask=False)
    raising.add(call(1, said(error)), taken)
    for number in range(MOST_RAISED):
        raising.add(call(number, "ValueError: another"), None)
    assert raising.explained(error, LastCalls(3), look) is None
    assert len(said(ValueError("x" * 3 * LONGEST_ERROR))) <= LONGEST_ERROR
