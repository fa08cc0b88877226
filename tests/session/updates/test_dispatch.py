"""What an action makes of a state is found by its type, in whichever room it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args, get_origin

import pytest

from packviz.session import actions as act
from packviz.session.state import State
from packviz.session.updates.dispatch import dispatch
from packviz.session.updates.update import update


@pytest.mark.parametrize("action", [get_origin(action) or action for action in get_args(act.Action)])
def test_update_knows_every_action(action: type) -> None:
    assert dispatch.dispatch(action) is not dispatch.dispatch(object)


def test_what_is_no_action_is_refused() -> None:
    with pytest.raises(TypeError, match="'step' is no action"):
        update(State(), "step")  # type: ignore[arg-type]


def test_a_room_adds_an_action_by_registering_it_for_its_type() -> None:
    @dataclass(frozen=True)
    class Wish:
        stepped: bool

    @dispatch.register(Wish)
    def _(action: Wish, state: State) -> State:
        return State(stepped=action.stepped)

    assert update(State(), Wish(True)).stepped  # type: ignore[arg-type]
