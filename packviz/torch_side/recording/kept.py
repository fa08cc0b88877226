"""Which calls of a recording are written with their batches, and when."""

from __future__ import annotations

from typing import Literal

from packviz.core.batch import BatchError
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Reason, Site
from packviz.torch_side.recording.keeping import Held, LastCalls
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.taken import Taken
from packviz.torch_side.recording.unseen import Unseen, not_written
from packviz.torch_side.recording.views import Unreadable
from packviz.torch_side.recording.written import Written

When = Literal["error", "finding", "always"]
MOST_FIRST = 500
"""Calls that are kept since they are the first of their kind."""
COUNT = (Severity.ERROR, Severity.SILENT, Severity.WARNING)
"""The severities for which something is written: a note says that nothing is wrong."""


class Kept:
    """Writes the first call of each kind of finding at each site, what raised, and at the end the `keep` last ones, to
    `written`, once there is something to write: see Recorder. `unseen`: where it is counted what can't be written."""

    def __init__(self, written: Written, keep: int, when: When, unseen: Unseen) -> None:
        self._written, self._when, self._unseen = written, when, unseen
        self.last = LastCalls(keep)
        self._kinds: set[tuple[Site, str]] = set()
        self._numbers: set[int] = set()
        self._firsts: list[Held] = []
        self._found = self._raised = False

    def add(self, call: NotedCall, taken: Taken | None, observed: Observed) -> None:
        """One call, and the copy of what it was given, where there is one."""
        error = observed.error
        kinds = _kinds(call, error) if call.findings or error is not None else frozenset()
        self._found, self._raised = self._found or bool(kinds), self._raised or error is not None
        if taken is None:
            self._note(call)
            return
        reason: Reason = "" if kinds <= self._kinds else "raised" if error is not None else "first"
        self._kinds |= kinds
        if error is not None or reason:
            taken = taken.lasting()  # it is held longer than among the last
        if observed.packs:
            self.last.add_pack(call, taken)
        if observed.near or error is not None or kinds:
            self.last.add(call, taken)
        if not reason or len(self._numbers) + len(self._firsts) >= MOST_FIRST:
            self._note(call)
        elif self._worth:
            self._write_firsts()
            self._write(call._replace(reason=reason), taken)
        else:
            self._firsts.append((call._replace(reason=reason), taken))
            self._note(call)

    def add_written(self, call: NotedCall, data: bytes | None) -> None:
        """One call that another process noted, with its batch as bytes where that was kept."""
        self._found = self._found or any(severity in COUNT for _, severity in call.findings)
        self._raised = self._raised or bool(call.error)
        if data is None or not self._worth:
            self._note(call._replace(reason=""))
        else:
            self._written.keep_bytes(call, data)

    def died(self) -> None:
        """The program dies of what may have to do with its calls: they are worth being written."""
        self._raised = True

    def end(self) -> None:
        """What is still to be written is. Raises OSError."""
        if self._worth:
            self._written.begin()
            self._write_firsts()
            reason: Reason = "always" if self._when == "always" else "last"
            for call, taken in self.last:
                if call.number not in self._numbers:
                    self._write(call._replace(reason=reason), taken)
            if self.last.dropped:
                self._unseen.add("not kept, since the last calls take more than 256 MiB", self.last.dropped)
        if self._written.forgotten:
            self._unseen.add("noted, then forgotten, since so many were and nothing was found", self._written.forgotten)

    @property
    def _worth(self) -> bool:
        """Whether there is something to write."""
        return self._raised if self._when == "error" else self._when == "always" or self._found or self._raised

    def _write_firsts(self) -> None:
        for call, taken in self._firsts:
            self._write(call, taken)
        self._firsts.clear()

    def _note(self, call: NotedCall) -> None:
        try:
            self._written.note(call)
        except OSError as error:  # its line is held, and tried again with others
            why = not_written(error)
            if why not in self._unseen.counts:
                self._unseen.add(why)

    def _write(self, call: NotedCall, taken: Taken) -> None:
        try:
            self._written.keep(call, taken)
            self._numbers.add(call.number)
        except (Unreadable, BatchError) as error:
            self._unseen.failed(error)
            self._note(call._replace(reason=""))
        except OSError as error:  # the recording can't be written: what was found is told all the same
            self._unseen.add(not_written(error))
            self._note(call._replace(reason=""))


def _kinds(call: NotedCall, error: BaseException | None) -> frozenset[tuple[Site, str]]:
    """What was found in a call and what it raised, at its site."""
    found = {(call.site, code) for code, severity in call.findings if severity in COUNT}
    return frozenset(found if error is None else found | {(call.site, f"raised {type(error).__name__}")})
