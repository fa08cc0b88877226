"""Who is told of the calls: all that record, each of all calls while it is on; and no failure comes out of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from packviz.torch_side.recording.notes import INSIDE, NOTES, Observed, inside
from tests.torch_side.recording.programs import sequences


class Listener:
    def __init__(self, error: BaseException | None = None, at_first: BaseException | None = None) -> None:
        self.calls: list[str] = []
        self.missing: list[str] = []
        self.error, self.at_first = error, at_first

    def begins(self, observed: Observed) -> None:
        if self.at_first is not None:
            raise self.at_first

    def told(self, observed: Observed) -> None:
        self.calls.append(observed.call)
        if self.error is not None:
            raise self.error

    def missed(self, why: str) -> None:
        self.missing.append(why)

    def forked(self) -> None:
        self.calls.append("forked")

    def elsewhere(self) -> Any:
        return None


def test_each_is_told_while_it_is_on() -> None:
    one, other = Listener(), Listener()
    NOTES.add(one)
    try:
        pack_sequence(sequences(2))
        NOTES.add(other)
        pack_sequence(sequences(2))
        NOTES.remove(one)
        pack_sequence(sequences(2))
    finally:
        NOTES.remove(one)
        NOTES.remove(other)
    pack_sequence(sequences(2))
    assert (len(one.calls), len(other.calls)) == (2, 2)
    assert NOTES.listeners == ()


@pytest.mark.parametrize("errors", [(TypeError("what"), None), (None, TypeError("what"))])
def test_a_listener_that_fails_harms_nobody(errors: tuple[BaseException | None, ...]) -> None:
    bad, good = Listener(*errors), Listener()
    NOTES.add(bad)
    NOTES.add(good)
    try:
        assert pack_sequence(sequences(2)).data.tolist() == [1, 2]
    finally:
        NOTES.remove(bad)
        NOTES.remove(good)
    assert bad.missing == ["inside packviz: TypeError: what"]
    assert good.calls == ["pack_sequence"]
    assert good.missing == []


@pytest.mark.parametrize(
    ("errors", "told"), [((KeyboardInterrupt(), None), 2), ((None, KeyboardInterrupt()), 1)], ids=["end", "beginning"]
)
def test_an_interrupt_of_the_user_comes_out_and_later_calls_are_told(
    errors: tuple[BaseException | None, ...], told: int
) -> None:
    listener = Listener(*errors)
    NOTES.add(listener)
    try:
        with pytest.raises(KeyboardInterrupt):
            pack_sequence(sequences(2))
        listener.error = listener.at_first = None
        pack_sequence(sequences(2))
    finally:
        NOTES.remove(listener)
    assert listener.calls == ["pack_sequence"] * told
    assert listener.missing == []


def test_a_call_that_raises_is_told_with_its_error() -> None:
    class Asking(Listener):
        def told(self, observed: Observed) -> None:
            self.calls.append(f"{observed.call} {type(observed.error).__name__}")

    listener = Asking()
    NOTES.add(listener)
    try:
        with pytest.raises(RuntimeError):
            pack_sequence(sequences(2, 3))
        with pytest.raises(ValueError, match="2D or 3D"):
            nn.LSTM(2, 3)(torch.ones(2))
    finally:
        NOTES.remove(listener)
    assert listener.calls == ["pack_sequence RuntimeError", "nn.LSTM ValueError"]


def test_in_the_child_of_a_fork_each_is_told() -> None:
    good, bad = Listener(), Listener()
    bad.forked = lambda: 1 / 0  # type: ignore[method-assign, assignment]
    NOTES.add(bad)
    NOTES.add(good)
    try:
        NOTES.forked()
    finally:
        NOTES.remove(bad)
        NOTES.remove(good)
    assert good.calls == ["forked"]
    assert bad.missing == ["inside packviz: ZeroDivisionError: division by zero"]


def test_what_is_counted_of_an_error_is_short() -> None:
    assert inside(KeyError()) == f"{INSIDE}KeyError"
    assert len(inside(ValueError("x" * 5000))) < 200
    assert "\n" not in inside(ValueError("a\nb"))
