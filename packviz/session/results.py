"""What the jobs have brought: from each request to Running, Done or Failed, bounded in bytes.

An undo, or a walk to another batch, finds what was found out before; nothing is computed twice while it fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from packviz.session.memory import Xs
from packviz.session.requests import Request

R = TypeVar("R")

MOST_BYTES = 1 << 30
"""Of all results, and of the batches that only they still hold; what is shown now is kept even beyond it."""

MOST_ANSWERS = 4096


@dataclass(frozen=True)
class Running:
    """On its way; `fraction` of it is done, 0 to 1."""

    fraction: float = 0.0


@dataclass(frozen=True, eq=False)
class Done(Generic[R]):
    """There, and how many bytes it takes."""

    result: R
    nbytes: int = 0


@dataclass(frozen=True)
class Failed:
    """It could not be done; `text` is the sentence to show."""

    text: str


@dataclass(frozen=True, eq=False)
class Results:
    """The answers by their request, oldest first. A value: every change makes another one."""

    answers: Mapping[Request[Any], Running | Done[Any] | Failed] = field(default_factory=dict)

    def of(self, request: Request[R]) -> Running | Done[R] | Failed | None:
        """What has become of a request; None where nothing has yet."""
        return self.answers.get(request)

    def done(self, request: Request[R]) -> R | None:
        """Its result, where it is there."""
        answer = self.answers.get(request)
        return answer.result if isinstance(answer, Done) else None

    def failed(self, request: Request[Any]) -> str | None:
        """Why it could not be done, where it failed."""
        answer = self.answers.get(request)
        return answer.text if isinstance(answer, Failed) else None

    def newest(self, kind: type[Request[R]], fits: Callable[[Any], bool]) -> tuple[Any, R] | None:
        """The last request of a kind that has a result and that `fits`, with its result."""
        for request, answer in reversed(list(self.answers.items())):
            if type(request) is kind and isinstance(answer, Done) and fits(request):
                return request, answer.result
        return None

    def with_answer(
        self, request: Request[Any], answer: Running | Done[Any] | Failed, kept: Set[Request[Any]] = frozenset()
    ) -> Results:
        """With this answer, the newest; the oldest make room for it, but for those that are `kept`: they are shown."""
        answers = {known: told for known, told in self.answers.items() if known != request}
        answers[request] = answer
        return Results(dict(_bounded(answers, kept | {request})))

    def without(self, *requests: Request[Any]) -> Results:
        """As if these had never been asked."""
        if not any(request in self.answers for request in requests):
            return self
        return Results({known: told for known, told in self.answers.items() if known not in requests})

    def at_rest(self) -> Results:
        """Without what was running: it is stopped when something else is shown, and starts anew."""
        if not any(isinstance(answer, Running) for answer in self.answers.values()):
            return self
        return Results({known: told for known, told in self.answers.items() if not isinstance(told, Running)})

    @property
    def nbytes(self) -> int:
        """Bytes of all results, without the batches that they are of."""
        return sum(answer.nbytes for answer in self.answers.values() if isinstance(answer, Done))


def _bounded(
    answers: Mapping[Request[Any], Running | Done[Any] | Failed], kept: Set[Request[Any]]
) -> Iterator[tuple[Request[Any], Running | Done[Any] | Failed]]:
    """All that are kept, and of the others the newest that fit beside them; oldest first."""
    total, held = 0, Xs()
    for request in kept:
        total += _bytes(answers.get(request))
        if request.about is not None:
            held.add(request.about)
    there = held.nbytes  # what is shown is in memory anyway
    stay = set(kept)
    for request, answer in reversed(list(answers.items())):
        if request in stay:
            continue
        total += _bytes(answer)
        if request.about is not None:
            held.add(request.about)
        if total + held.nbytes - there > MOST_BYTES or len(stay) >= MOST_ANSWERS:
            break
        stay.add(request)
    return ((request, answer) for request, answer in answers.items() if request in stay)


def _bytes(answer: Running | Done[Any] | Failed | None) -> int:
    return answer.nbytes if isinstance(answer, Done) else 0
