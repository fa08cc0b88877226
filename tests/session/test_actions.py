"""Actions: small frozen values."""

from __future__ import annotations

import dataclasses
import inspect
from typing import get_args, get_origin

import pytest

from packviz.session import actions as act
from packviz.session.cursor import Place

ACTIONS = [get_origin(action) or action for action in get_args(act.Action)]


def test_every_class_of_the_module_is_an_action() -> None:
    here = {c for _, c in inspect.getmembers(act, inspect.isclass) if c.__module__.startswith(f"{act.__name__}.")}
    assert here == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_a_frozen_value_that_says_what_it_asks_for(action: type) -> None:
    assert dataclasses.is_dataclass(action)
    assert action.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert action.__doc__
    assert not action.__doc__.startswith(f"{action.__name__}(")  # the one that dataclasses make up


def test_actions_that_ask_for_the_same_are_equal() -> None:
    assert act.SetLength(1, 2) == act.SetLength(1, 2)
    assert act.Hover(Place(1, 2)) == act.Hover(Place(1, 2))
    assert act.StepBy(1) != act.StepBy(-1)
