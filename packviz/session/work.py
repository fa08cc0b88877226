"""The work that a state needs: a request for every result that is wanted and not there yet."""

from __future__ import annotations

from typing import Any

from packviz.session.requests import Request
from packviz.session.selectors import answers
from packviz.session.state import State


def wanted(state: State) -> dict[str, Request[Any]]:
    """The work whose results this state needs and has not got, one request a kind."""
    work: dict[str, Request[Any]] = {}
    if state.loading is not None:
        work["load"] = state.loading.request
    for request in (state.saving, state.keeping, state.dropping):
        if request is not None:
            work[request.kind] = request
    return work | {answer.request.kind: answer.request for answer in answers(state) if answer.wanted}
