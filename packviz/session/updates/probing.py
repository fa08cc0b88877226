"""What asking for a leak probe makes of a state. Its result is shown with that batch and module alone."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.selectors import probe_of
from packviz.session.state import State
from packviz.session.updates.dispatch import dispatch


@dispatch.register
def _(action: act.Probe, state: State) -> State:
    answer = probe_of(state)
    if answer is None:
        return state
    if state.asked == answer.request and not answer.failed:
        return state  # it is there, or under way
    results = state.results.without(answer.request) if answer.failed else state.results
    return replace(state, asked=answer.request, results=results)


@dispatch.register
def _(action: act.CancelProbe, state: State) -> State:
    answer = probe_of(state)
    if answer is None or (state.asked is None and answer.told is None):
        return state
    return replace(state, asked=None, results=state.results.without(answer.request))
