"""update(state, action) → state: a pure function, and the only place where a state is made from another.

The rooms register what each action does; importing `session.updates.update` imports them all.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from packviz.session.actions import Action
from packviz.session.state import State
from packviz.session.updates.listed import following


def update(state: State, action: Action) -> State:
    """The state after the action. An action that has no meaning here leaves the very same state."""
    return following(state, dispatch(action, state))


@singledispatch
def dispatch(action: Any, state: State) -> State:
    """What an action makes of a state, by the type of the action."""
    raise TypeError(f"{action!r} is no action")
