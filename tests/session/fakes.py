"""Results as small as can be, for tests of what becomes of a state once they are there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from packviz.core.report import Report
from packviz.session.actions import Computed
from packviz.session.requests import Request, TorchInfo
from packviz.session.state import State
from packviz.session.updates.update import update


def result_for(request: Request[Any]) -> Any:
    """A result of the kind that this request has."""
    match request.kind:
        case "check" | "shelf":
            return Report(request.about, None, ())
        case "trace":
            return SimpleNamespace(nbytes=0, states={(0, 0): {}}, names=("h",), batch=request.about, replays=None)
        case "torch":
            return TorchInfo("2.x")
        case _:
            return SimpleNamespace(kind=request.kind, batch=request.about)


def answered(state: State, *requests: Request[Any]) -> State:
    """The state once each of these has its result."""
    for request in requests:
        state = update(state, Computed(request, result_for(request)))
    return state
