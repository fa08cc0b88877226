"""Which calls of a recording are shown, and in what order. Pure functions of calls; places are indices of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from packviz.core.findings import Severity

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall, Site

Column = Literal["found", "number", "site", "call", "shape", "lengths", "padding", "outcome"]
"""What is told of a call in a list, and what a list can be sorted by."""

COLUMNS: tuple[Column, ...] = get_args(Column)
FINE = len(Severity)
"""The rank of a call in which nothing was found, below that of every severity."""


@dataclass(frozen=True)
class Which:
    """The calls that are wanted: made at this site, with a finding of this code, or whose worst is of this severity;
    None and "" of what does not matter."""

    site: Site | None = None
    code: str = ""
    severity: Severity | None = None

    def takes(self, call: NotedCall) -> bool:
        """Whether a call is one of them."""
        if self.site is not None and call.site != self.site:
            return False
        if self.severity is not None and call.worst is not self.severity:
            return False
        return not self.code or any(code == self.code for code, _ in call.findings)

    @property
    def all(self) -> bool:
        """Whether all calls are wanted."""
        return self == Which()


@dataclass(frozen=True)
class Order:
    """What a list is sorted by; `reverse`: the other way round. Equal ones stay in the order of their numbers."""

    by: Column = "found"
    reverse: bool = False

    def by_column(self, column: Column) -> Order:
        """The order once somebody has asked for this column: the other way round where it is that already."""
        return Order(column, not self.reverse if column == self.by else False)


def rank(call: NotedCall) -> int:
    """How bad the worst of a call is, 0 an error; FINE where nothing was found."""
    return FINE if call.worst is None else call.worst.rank


_KEYS: dict[Column, Callable[[NotedCall], Any]] = {
    "found": rank,
    "number": lambda call: call.number,
    "site": lambda call: (call.site.shown, call.site.path),
    "call": lambda call: call.call,
    "shape": lambda call: (call.rows, call.steps, call.features),
    "lengths": lambda call: (call.measured, call.longest, call.shortest),
    "padding": lambda call: (call.measured, call.padding),
    "outcome": lambda call: call.error,
}


def places_of(calls: Sequence[NotedCall], which: Which, order: Order) -> NDArray[np.int64]:
    """The places of the calls that are wanted, in this order, (n,) int64. `calls`: in the order of their numbers."""
    wanted = range(len(calls)) if which.all else [place for place, call in enumerate(calls) if which.takes(call)]
    key = _KEYS[order.by]
    # Reversed, equal ones keep the order of their numbers, too: sorted() is stable either way.
    return np.array(sorted(wanted, key=lambda place: key(calls[place]), reverse=order.reverse), dtype=np.int64)


def worst_kept(calls: Sequence[NotedCall]) -> NotedCall | None:
    """The worst call whose batch is kept, the first of equals; None where none is."""
    return min((call for call in calls if call.kept), key=rank, default=None)


def kept_from(calls: Sequence[NotedCall], places: NDArray[np.int64], number: int | None, by: int) -> NotedCall | None:
    """The next call whose batch is kept, `by` 1 down the list of these places or -1 up, from the one of this number;
    from the end of the list where that is not in it. None where there is none."""
    listed = places.tolist()
    at = next((index for index, place in enumerate(listed) if calls[place].number == number), None)
    if at is None:
        at = -1 if by > 0 else len(listed)
    rest = listed[at + 1 :] if by > 0 else reversed(listed[:at])
    return next((calls[place] for place in rest if calls[place].kept), None)


def nearest_kept(calls: Sequence[NotedCall], places: NDArray[np.int64], place: int) -> NotedCall | None:
    """The call at this place or the one nearest to it, of those at `places`, whose batch is kept, the earlier of two;
    None where none is."""
    kept = [other for other in places.tolist() if calls[other].kept]
    nearest = min(kept, key=lambda other: (abs(other - place), other), default=None)
    return None if nearest is None else calls[nearest]


def sites_of(calls: Sequence[NotedCall]) -> tuple[tuple[Site, int], ...]:
    """The sites at which they are made, each with how many: in the order in which they came first."""
    return tuple(Counter(call.site for call in calls).items())


def codes_of(calls: Sequence[NotedCall]) -> tuple[tuple[str, Severity, int], ...]:
    """The codes that were found in them, each with its worst severity and the number of calls, worst first."""
    many: Counter[str] = Counter()
    worst: dict[str, Severity] = {}
    for call in calls:
        for code in {code for code, _ in call.findings}:
            many[code] += 1
        for code, severity in call.findings:
            worst[code] = min(worst.get(code, severity), severity, key=lambda one: one.rank)
    return tuple(sorted(((code, worst[code], n) for code, n in many.items()), key=lambda one: (one[1].rank, one[0])))
