"""The recording that is open in the window: its calls, which of them are listed, and the ways to read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.calls.choosing import Order, Which, places_of
from packviz.core.calls.lanes import Lanes, lanes_of
from packviz.core.cancel import Watch
from packviz.core.noted import NotedCall, Recording
from packviz.session.loads import Entry, call_entry
from packviz.session.requests import Request

if TYPE_CHECKING:
    from packviz.files.kept.recordings import Recorded


ALL, WORST_FIRST = Which(), Order()


@dataclass(frozen=True, eq=False)
class OpenRecording:
    """A recording and what is listed of it. `options`: those of the call that were typed, which win over its own."""

    known: Recorded
    which: Which = ALL
    order: Order = WORST_FIRST
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def recording(self) -> Recording:
        """Its calls."""
        return self.known.recording

    @property
    def calls(self) -> tuple[NotedCall, ...]:
        """All of them, in the order of their numbers."""
        return self.known.recording.calls

    @cached_property
    def numbered(self) -> dict[int, int]:
        """The place of the call of each number."""
        return {call.number: place for place, call in enumerate(self.calls)}

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The places of the calls that are listed, in the order of the list."""
        return places_of(self.calls, self.which, self.order)

    @cached_property
    def lanes(self) -> Lanes:
        """All calls of the sites that are listed, with and without findings, in the order of their numbers."""
        return lanes_of(self.calls, places_of(self.calls, Which(self.which.site), Order("number")))

    def call(self, number: int) -> NotedCall | None:
        """The call of a number."""
        place = self.numbered.get(number)
        return None if place is None else self.calls[place]

    def listing(self, which: Which | None = None, order: Order | None = None) -> OpenRecording:
        """The same with other calls listed, or in another order."""
        made = replace(self, which=which or self.which, order=order or self.order)
        for name in ("numbered", *(("lanes",) if made.which.site == self.which.site else ())):
            if name in vars(self):
                vars(made)[name] = vars(self)[name]
        return made

    def again(self, known: Recorded) -> OpenRecording:
        """The same list of what the file holds now."""
        return replace(self, known=known)


@dataclass(frozen=True)
class CallRequest(Request[Entry]):
    """Read the batch of one call of the open recording; a load like any other, so that there is one at a time."""

    kind: ClassVar[str] = "load"
    known: Recorded
    call: NotedCall
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """What is being read, in a word or two."""
        return f"call {self.call.number:,}"

    def do(self, watch: Watch) -> Entry:
        """Its batch, with its module. Raises BatchError, Cancelled."""
        return call_entry(self.known, self.call, dict(self.options), watch)


@dataclass(frozen=True)
class ReloadRequest(Request["Recorded"]):
    """Read the calls of the open recording again."""

    kind: ClassVar[str] = "load"
    place: str

    @property
    def name(self) -> str:
        """What is being read."""
        return self.place

    def do(self, watch: Watch) -> Recorded:
        """The recording as it is now. Raises BatchError where there is none any more, Cancelled."""
        from packviz.files.kept.recordings import recording_at

        found = recording_at(self.place, watch)
        if found is None:
            raise BatchError(f"{self.place}: there is no recording any more; the calls that were listed stay.")
        return found
