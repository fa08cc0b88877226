"""What comparisons make of a state: which are wanted, and what is kept for them."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.state import Message, State
from packviz.session.updates.dispatch import dispatch


@dispatch.register
def _(action: act.Compare, state: State) -> State:
    return state if action.on == state.comparing else replace(state, comparing=action.on)


@dispatch.register
def _(action: act.HoldAgainst, state: State) -> State:
    return state if action.other == state.other else replace(state, other=action.other)


@dispatch.register
def _(action: act.KeepRun, state: State) -> State:
    document = state.document
    if document is None:
        return state
    said = "This run is kept: change the lengths, the module or the device, and hold the new run against it."
    return replace(state, kept=document, message=Message(said))
