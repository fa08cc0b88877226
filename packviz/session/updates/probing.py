"""What asking for a leak probe makes of a state. Its result is shown with that batch and module alone."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.requests import ProbeRequest
from packviz.session.state import State
from packviz.session.updates.dispatch import dispatch


@dispatch.register
def _(action: act.Probe, state: State) -> State:
    if state.batch is None:
        return state
    request, results = ProbeRequest(state.batch, state.spec), state.results
    there = results.probe is not None and results.probe[0] == request
    if state.probe == request and (there or request not in results.failed):
        return state  # it is there, or under way
    failed = {known: text for known, text in results.failed.items() if known != request}
    return replace(state, probe=request, probing=0.0, results=replace(results, failed=failed))


@dispatch.register
def _(action: act.CancelProbe, state: State) -> State:
    if state.probe is None:
        return state
    return replace(state, probe=None, probing=0.0, results=replace(state.results, probe=None))
