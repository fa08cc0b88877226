"""What has become of a request, in a result or in words; and what stands in for a result while it is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from packviz.core.batch import Batch
from packviz.session.memory import place_of
from packviz.session.requests import Request
from packviz.session.results import Done, Failed, Running
from packviz.session.state import State

R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Answer(Generic[R]):
    """What has become of a request. `why`: the words that stand where its result will be, or would."""

    request: Request[R]
    told: Running | Done[R] | Failed | None
    wanted: bool
    why: str

    @property
    def result(self) -> R | None:
        """The result, where it is there."""
        return self.told.result if isinstance(self.told, Done) else None

    @property
    def failed(self) -> bool:
        """It could not be done; `why` says why."""
        return isinstance(self.told, Failed)

    @property
    def fraction(self) -> float:
        """How much of it is done, 0 to 1."""
        return self.told.fraction if isinstance(self.told, Running) else float(isinstance(self.told, Done))


@dataclass(frozen=True)
class Earlier(Generic[R]):
    """A result of the same x before its last edit. `of`: of what it is, in words: `the last lengths`."""

    result: R
    of: str


def answer_to(state: State, request: Request[R]) -> Answer[R]:
    """What has become of this request, and in words why its result is not there."""
    told = state.results.of(request)
    if isinstance(told, Done):
        return Answer(request, told, False, "")
    if isinstance(told, Failed):
        return Answer(request, told, False, told.text)
    wanted = request.wanted(state)
    why = request.why_not(state) or request.waiting
    if isinstance(told, Running) and told.fraction:
        why = f"{why} {told.fraction:.0%}"
    return Answer(request, told, wanted, why)


def earlier(state: State, answer: Answer[R] | None) -> Earlier[R] | None:
    """While a result is on its way: the newest of its kind for the same x, and of what it is; else None."""
    if answer is None or answer.result is not None or answer.failed or not answer.wanted:
        return None
    now = answer.request
    assert now.about is not None
    here, rows = place_of(now.about), now.about.rows

    def same_x(request: Request[R]) -> bool:
        batch = request.about
        return batch is not None and place_of(batch) == here and batch.rows == rows

    found = state.results.newest(type(now), same_x)
    return None if found is None else Earlier(found[1], f"the last {' and '.join(_differences(found[0], now))}")


def _differences(then: Any, now: Any) -> list[str]:
    """What has changed between two requests of a kind."""
    a: Batch = then.batch
    b: Batch = now.batch
    changed = []
    if len(a.lengths) != len(b.lengths) or not np.array_equal(a.counts, b.counts):
        changed.append("lengths")
    if a.call != b.call:
        changed.append("options")
    if getattr(then, "module", None) != getattr(now, "module", None):
        changed.append("module")
    return changed or ["edit"]
