"""The recording that is open in the window: its calls, which of them are listed, and what there is to choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.calls.choosing import Column, Order, Which, codes_of, places_of, sites_of
from packviz.core.calls.lanes import Lanes, lanes_of
from packviz.core.calls.widths import widest
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Recording, Site

if TYPE_CHECKING:
    from packviz.files.kept.recordings import Recorded

ALL, WORST_FIRST = Which(), Order()


@dataclass(frozen=True)
class Choices:
    """What the list can be narrowed to, each with its number of calls: sites, codes with their worst severity, and the
    severities of the worst finding."""

    sites: tuple[tuple[Site, int], ...] = ()
    codes: tuple[tuple[str, Severity, int], ...] = ()
    severities: tuple[tuple[Severity, int], ...] = ()


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

    @cached_property
    def choices(self) -> Choices:
        """What there is to choose from."""
        worst = [call.worst for call in self.calls]
        severities = tuple((severity, worst.count(severity)) for severity in Severity if severity in worst)
        return Choices(sites_of(self.calls), codes_of(self.calls), severities)

    @cached_property
    def kept(self) -> int:
        """How many of the calls that are listed are kept."""
        return sum(self.calls[place].kept for place in self.places.tolist())

    @cached_property
    def widest(self) -> dict[Column, int]:
        """How many letters there are at most in each column of the list, whatever it is narrowed to."""
        return widest(self.calls)

    def prepared(self) -> OpenRecording:
        """The same with all of that made, on whichever thread this is."""
        _ = self.numbered, self.places, self.lanes, self.choices, self.widest
        return self

    def call(self, number: int) -> NotedCall | None:
        """The call of a number."""
        place = self.numbered.get(number)
        return None if place is None else self.calls[place]

    def listing(self, which: Which | None = None, order: Order | None = None) -> OpenRecording:
        """The same with other calls listed, or in another order."""
        made = replace(self, which=which or self.which, order=order or self.order)
        for name in ("numbered", "choices", "widest", *(("lanes",) if made.which.site == self.which.site else ())):
            if name in vars(self):
                vars(made)[name] = vars(self)[name]
        return made

    def again(self, known: Recorded) -> OpenRecording:
        """The same list of what the file holds now."""
        return replace(self, known=known)
