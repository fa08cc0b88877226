"""Several batches in a text: where one of them ends and the next begins.

What is bound again while somebody works on one batch, a call that is tried again with the same x, lengths that are
mended, is no second batch. The next one begins where x and its lengths are both there, and the first of the two names
is printed anew; or, where the text calls torch, with a call that packs another x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from packviz.core.batch import OPTIONS
from packviz.files.known.names import is_lengths_name, usual_x_name
from packviz.files.masks import is_mask_name
from packviz.files.packed import is_packed
from packviz.files.paste.found import depth_of

Origin = frozenset[int]
"""The prints that a value comes from, by their number."""


@dataclass(eq=False)
class Called:
    """One x that was packed: the last call with it, what its options are, and what was bound since the one before."""

    call: dict[str, Any]
    origin: Origin
    options: dict[str, object] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Printed:
    """The values of one batch by name; `leader` is the one that came first, x or its lengths.

    `own`: the prints among them; `made`: the names of values that come from other prints.
    """

    names: dict[str, Any] = field(default_factory=dict)
    leader: str | None = None
    own: set[int] = field(default_factory=set)
    made: set[str] = field(default_factory=set)

    @property
    def has_x(self) -> bool:
        """Whether x is among them, printed anew."""
        return any(_is_x(name, value) for name, value in self.names.items() if name not in self.made)

    @property
    def complete(self) -> bool:
        """Whether x and its lengths are there, or a value that brings both."""
        if any(is_packed(value) or isinstance(value, Mapping) for value in self.names.values()):
            return True
        return self.has_x and any(map(is_lengths_name, self.names))


@dataclass(eq=False)
class Batches:
    """The batches of a text so far: by the calls that pack them, and by the prints of x and lengths."""

    calls: list[Called] = field(default_factory=list)
    prints: list[Printed] = field(default_factory=lambda: [Printed()])
    origins: dict[str, Origin] = field(default_factory=dict)
    _since: dict[str, Any] = field(default_factory=dict)
    _statement: dict[str, object] = field(default_factory=dict)
    _count: int = 0

    def begin_statement(self) -> None:
        """A statement begins: options that it says go to its own call."""
        self._statement = {}

    def bound(self, name: str, value: Any, used: frozenset[str] = frozenset()) -> None:
        """A name was bound to data; `used`: the names of data in the expression, none where the value was printed."""
        self._count += 1
        come = [self.origins[other] for other in used if other in self.origins]
        self.origins[name] = frozenset().union(*come) if come else frozenset((self._count,))
        self._since[name] = value
        leads = _is_x(name, value) or is_lengths_name(name)
        last = self.prints[-1]
        if not come and leads and name == last.leader and last.complete:
            last = Printed()
            self.prints.append(last)
        if leads and last.leader is None:
            last.leader = name
        last.names[name] = value
        if not come:
            last.own |= self.origins[name]
        (last.made.discard if self.origins[name] <= last.own else last.made.add)(name)

    def unread(self, name: str) -> None:
        """A name was bound to something that is no data."""
        self.origins.pop(name, None)

    def said(self, option: str, value: object) -> None:
        """A call said an option."""
        self._statement[option] = value
        if self.calls:
            self.calls[-1].options[option] = value

    def called(self, call: dict[str, Any], used: frozenset[str], before: Mapping[str, object]) -> None:
        """A call packs; `used`: the names in its x. `before`: the options of the call before, as they were."""
        self._count += 1
        come = [self.origins[name] for name in used if name in self.origins]
        origin = frozenset().union(*come) if come else frozenset((self._count,))
        if self.calls and self.calls[-1].origin == origin:
            self.calls[-1].call = call
            self.calls[-1].names |= self._since
        else:
            if self.calls:
                self.calls[-1].options = dict(before)
            self.calls.append(Called(call, origin, dict(self._statement), self._since))
        self._since = {}

    @property
    def options(self) -> dict[str, object]:
        """The options of the last call; a copy."""
        return dict(self.calls[-1].options) if self.calls else {}

    def printed(self) -> list[Printed]:
        """The batches that were printed. Where there are several, the last may lack its lengths, as a log that is cut
        off does; an x after only one is that one, mended."""
        last = self.prints[-1]
        found = [printed for printed in self.prints if printed.complete]
        return [*found, last] if len(found) > 1 and last.has_x and not last.complete else found


def _is_x(name: str, value: object) -> bool:
    """Whether a value may be x by its name and its form."""
    if is_lengths_name(name) or is_mask_name(name) or name in OPTIONS:
        return False
    usual = _is_usual(name)
    return depth_of(value) >= (1 if usual else 2) or (usual and isinstance(value, Mapping))


@lru_cache(256)
def _is_usual(name: str) -> bool:
    return usual_x_name((name,)) is not None
