"""A document: a batch with its module, stops and notes; and the documents that are open, as a list to walk through."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

from packviz.core.batch import Batch
from packviz.core.expressions.parse import Expression
from packviz.core.module import Module
from packviz.core.noted import NotedCall
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep

_numbers = count(1)


def next_number() -> int:
    """A number that no other document of this process has."""
    return next(_numbers)


@dataclass(frozen=True, eq=False)
class OfCall:
    """The call of a recording, and its batch and module as they were read. `place`: the file."""

    place: str
    call: NotedCall
    batch: Batch
    module: Module


@dataclass(frozen=True, eq=False)
class Document:
    """What is undone, saved and listed: a batch, and what the user has set up around it.

    `stops`: where a run is to stop; `watches`: what is read off at every moment. `notes`: what there is to say about
    it, such as a sample's sentence on what to look at. `brought`: its module came with it, and is not that of the batch
    before. `number` stays the same over all edits. `of`: the call of a recording that it is of.
    `by`: the process and the line of a program that has shown it.
    """

    batch: Batch
    module: Module
    stops: Stops = field(default_factory=Stops)
    watches: tuple[Expression, ...] = ()
    notes: str = ""
    brought: bool = False
    number: int = 0
    of: OfCall | None = None
    by: str = ""

    @property
    def as_read(self) -> bool:
        """Whether it is a call of a recording, as it was read: nothing is lost where it is put away."""
        return self.of is not None and self.batch is self.of.batch and self.module == self.of.module

    @property
    def has_own_module(self) -> bool:
        """Whether its module came with it, or is that of its call, and not what somebody steps all batches with."""
        return self.brought or (self.of is not None and self.module == self.of.module)

    @property
    def source(self) -> str:
        """Where its batch comes from, as it is displayed."""
        return str(self.batch.source)

    @cached_property
    def size(self) -> str:
        """The sizes of its batch: `32 × 60 × 16`."""
        batch = self.batch
        return " × ".join(str(n) for n in (batch.rows, batch.steps, *batch.features))

    @property
    def written(self) -> tuple[str, ...]:
        """Its stops and watches as they were typed: two that mean the same are equal, however they are written."""
        return tuple(map(str, (*self.stops.stops, *self.watches)))

    def with_marks_of(self, now: Document) -> Document:
        """This document with the stops and the notes of another state of it: an undo takes back edits of the batch and
        of the module, but no stop that was set since."""
        same = (self.stops, self.watches, self.notes) == (now.stops, now.watches, now.notes)
        if same and self.written == now.written:
            return self
        return replace(self, stops=now.stops, watches=now.watches, notes=now.notes)

    def marks_for_another(self) -> tuple[Stops, tuple[Expression, ...]]:
        """The stops and watches that mean something in another batch, too: all but those at a step."""
        kept = tuple(stop for stop in self.stops.stops if not isinstance(stop, AtStep))
        return Stops(kept, self.stops.off, self.stops.from_hit), self.watches


@dataclass(frozen=True, eq=False)
class Documents:
    """The documents in their order, and the place of the one that is open; 0 where there are none."""

    all: tuple[Document, ...] = ()
    open: int = 0

    def __len__(self) -> int:
        return len(self.all)

    @property
    def current(self) -> Document | None:
        """The one that is open, None in an empty window."""
        return self.all[self.open] if self.all else None

    def place_of(self, number: int) -> int | None:
        """Where the document of this number stands."""
        return next((place for place, document in enumerate(self.all) if document.number == number), None)

    def with_current(self, document: Document) -> Documents:
        """Another state of the open one."""
        return Documents((*self.all[: self.open], document, *self.all[self.open + 1 :]), self.open)

    def with_opened(self, documents: Sequence[Document], *, beside: bool = False) -> Documents:
        """These as well, the first of them open: in the place of a batch that stands alone, unless a program has shown
        it, which may be in no file; else, or `beside` it, behind the others."""
        if not self.all or (len(self.all) == 1 and not self.all[0].by and not beside):
            return Documents(tuple(documents), 0)
        return Documents((*self.all, *documents), len(self.all))

    def with_call(self, document: Document) -> Documents:
        """This one open: in the place of a call that is as it was read, else behind all others."""
        current = self.current
        if current is not None and current.as_read:
            return self.with_current(document)
        return Documents((*self.all, document), len(self.all))

    def call_at(self, place: str, number: int) -> int | None:
        """Where the document of the call of that number of the recording in this file stands."""
        for at, document in enumerate(self.all):
            if document.of is not None and (document.of.place, document.of.call.number) == (place, number):
                return at
        return None

    def without(self, place: int) -> Documents:
        """The others, and the next one open."""
        left = (*self.all[:place], *self.all[place + 1 :])
        opened = self.open - (place < self.open)
        return Documents(left, max(0, min(opened, len(left) - 1)))

    def with_more(self, documents: Sequence[Document]) -> Documents:
        """These behind the others, the same one open."""
        return Documents((*self.all, *documents), self.open)

    def without_numbers(self, numbers: Set[int]) -> Documents:
        """Those that have none of these numbers; the same one open, where it is among them."""
        if not any(document.number in numbers for document in self.all):
            return self
        left = tuple(document for document in self.all if document.number not in numbers)
        before = sum(document.number not in numbers for document in self.all[: self.open])
        return Documents(left, max(0, min(before, len(left) - 1)))

    def at(self, place: int) -> Documents:
        """The same, another one open."""
        return self if place == self.open else Documents(self.all, place)

    def mapped(self, change: Callable[[Document], Document]) -> Documents:
        """Each one changed."""
        return Documents(tuple(map(change, self.all)), self.open)

    def as_before(self, now: Documents) -> Documents:
        """These, as they stood before, with the stops and notes that each has now."""
        marks = {document.number: document for document in now.all}
        return self.mapped(lambda then: then.with_marks_of(marks.get(then.number, then)))
