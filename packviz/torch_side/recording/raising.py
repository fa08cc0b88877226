"""What is said of the error that a program dies of: the calls that raised, the last ones, are among what it is held
against.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from packviz.core.messages.explain import Explanation, compared, explain
from packviz.core.noted import NotedCall
from packviz.core.report import Report
from packviz.torch_side.recording.judged import report_of
from packviz.torch_side.recording.keeping import LastCalls
from packviz.torch_side.recording.observed import said
from packviz.torch_side.recording.taken import Taken

MOST_RAISED = 8
"""Calls that raised, the last ones."""


class Tried(Protocol):
    """What a look gives; None where it fails, which is counted then."""

    def __call__(self, look: Callable[[], Report]) -> Report | None: ...


class Raising:
    """The calls that raised, the last ones. `ask`: torch is run again on what they were given."""

    def __init__(self, ask: bool) -> None:
        self._ask = ask
        self._calls: deque[tuple[NotedCall, Taken | None]] = deque(maxlen=MOST_RAISED)

    def add(self, call: NotedCall, taken: Taken | None) -> None:
        """One that raised."""
        self._calls.append((call, taken))

    def explained(self, error: BaseException, last: LastCalls, tried: Tried) -> Explanation | None:
        """What `packviz explain` says of it, with the rows of the call that raised it, or else of the last one that
        packed or unpacked; None where it is not about packing."""
        texts = {said(link): link for link in _chain(error)}
        for call, taken in reversed(self._calls):
            if call.error in texts:
                return self._compared(explain(texts[call.error]), call, taken, tried, same=True)
        told = explain(error)
        found = next((held for held in reversed(last) if not held[0].module), None)
        if found is None or not told.known:
            return None
        with_rows = self._compared(told, *found, tried, same=False)
        return with_rows if any(cause.confirmed for cause in with_rows.causes) else None

    def _compared(
        self, told: Explanation, call: NotedCall, taken: Taken | None, tried: Tried, *, same: bool
    ) -> Explanation:
        if taken is None:
            return told
        report = tried(lambda: report_of(taken, call.site.shown, ask=self._ask))
        return told if report is None else compared(told, report, same=same)


def _chain(error: BaseException) -> list[BaseException]:
    """The error, and those behind it, as far as anybody would look: they may stand behind each other."""
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(found) < 50:
        found.append(link)
        link = link.__cause__ or link.__context__
    return found
