"""How wide the columns of a list of calls have to be: the longest that any call says in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from packviz.core.calls.choosing import Column
from packviz.core.calls.words import said

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall

_ALIKE: Mapping[Column, Callable[[NotedCall], Any]] = {
    "number": lambda call: len(str(call.number)),
    "site": lambda call: call.site,
    "found": lambda call: (call.findings, call.error),
    "shape": lambda call: (call.rows, call.steps, call.features),
    "lengths": lambda call: (call.shortest, call.longest, call.measured),
    "padding": lambda call: call.padding if call.measured else -1,
    "call": lambda call: call.call,
    "outcome": lambda call: (call.error, call.damaged),
}
"""What a column is made of: of the calls that are alike in it, which say the same or as much, one is put into words."""


def widest(calls: Sequence[NotedCall]) -> dict[Column, int]:
    """The number of letters of the longest text in each column, 0 where no call says anything."""
    return {column: _longest({alike(call): call for call in calls}, column) for column, alike in _ALIKE.items()}


def _longest(some: Mapping[Any, NotedCall], column: Column) -> int:
    return max((len(said(call, column)) for call in some.values()), default=0)
