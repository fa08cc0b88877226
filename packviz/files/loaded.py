"""What comes out of a file that may hold several batches: each batch with its name, or why it can't be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypedDict, TypeVar

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import Watch
from packviz.core.carrier import Padded
from packviz.core.cells.masks import with_mask_read
from packviz.core.errors import Undecided, only_batch_errors
from packviz.core.module import Module
from packviz.core.source import Source
from packviz.core.texts.quoting import elided
from packviz.core.whole import Whole
from packviz.files.known.recognised import recognised
from packviz.files.lengths import lengths_given
from packviz.files.masks import MaskFound, masked
from packviz.files.paste.found import Found
from packviz.files.settle import settle
from packviz.files.several import MOST_BATCHES, Several, SeveralBatches

F = TypeVar("F")


@dataclass(frozen=True, eq=False)
class Loaded:
    """One batch of a file, or why it can't be read.

    `name`: its short name within the file, "" where the file holds just one. `source`: where it came from, FILE or
    FILE[NAME]. `batch`: None where it can't be read; `trouble` then says why, in a sentence that begins with `source`,
    and `undecided` is that, where it is only not told which of several things it is. `whole`: what came with it, where
    packviz wrote it: its module, the call that it is of.
    """

    name: str
    source: str
    batch: Batch | None
    trouble: str = ""
    undecided: Undecided | None = None
    whole: Whole | None = None

    def made(self) -> Batch:
        """The batch. Raises BatchError where it can't be read."""
        if self.batch is None:
            raise BatchError(self.trouble)
        return self.batch

    @property
    def module(self) -> Module | None:
        """The module that came with it, with the numbers of its hx; None where none did."""
        return None if self.whole is None else self.whole.stepped


class Overrides(TypedDict, total=False):
    """What wins over what a file says itself: these fields of `Wanted`, by their names."""

    lengths: object
    mask: object
    x: str | None
    axes: str | None


@dataclass(frozen=True, eq=False)
class Wanted:
    """How what is found is to be read: as the arguments of `settle`. `x`: which of several tensors is the batch;
    `axes`: how its dimensions lie, one letter each, as in BFT."""

    call: Call = field(default_factory=Call)
    given: frozenset[str] = frozenset()
    lengths: object = None
    mask: object = None
    x: str | None = None
    axes: str | None = None

    def found(self, read: Callable[[], F]) -> F:
        """What is read; where it can't be told which of several tensors is x, with the one that was named."""
        try:
            found = read()
        except Undecided as error:
            if self.x is None or error.option != "x":
                raise
            picked: F = error.pick(self.x)
            return picked
        if self.x is None or not isinstance(found, Found) or found.name == self.x:
            return found
        if found.pick is None:
            raise BatchError(f"x is to be {self.x[:40]}, but it holds nothing to choose from: leave x out.")
        again: F = found.pick(self.x)
        return again

    def settled(self, found: Found, source: str | Source) -> Batch:
        """The Batch of what was found. Raises BatchError."""
        if self.x is not None:
            source = replace(source if isinstance(source, Source) else Source(source), tensor=self.x)
        if found.whole is not None:
            return self._again(found.whole.batch, source)
        found = recognised(found, self.call, self.given, self.lengths, self.mask, self.axes)
        return settle(found, self.call, self.given, source, self.lengths, self.mask)

    def _again(self, batch: Batch, source: str | Source) -> Batch:
        """A batch that packviz wrote, as it was, but for what is wanted otherwise."""
        if self.axes is not None:
            raise BatchError("it says itself how x lies: leave axes out.")
        batch = replace(batch, source=source if isinstance(source, Source) else Source(source))
        batch = batch.with_call(**{name: getattr(self.call, name) for name in sorted(self.given)})
        if self.lengths is not None:
            given = replace(lengths_given(self.lengths), filed=batch.given.filed)
            batch = with_mask_read(replace(batch, given=given, carrier=Padded()))
        mask = None if self.mask is None else MaskFound(self.mask, asked=True)
        return masked(batch, mask, derive=batch.given.origin == "guessed")


@contextmanager
def at_place(place: str) -> Iterator[None]:
    """Puts the name of the file, or of the batch in it, before what is wrong with it; the boundary of what is read."""
    try:
        with only_batch_errors():
            yield
    except SeveralBatches:
        raise
    except Undecided as error:
        raise error.at(place) from None
    except BatchError as error:
        raise BatchError(f"{elided(place)}: {error}") from None


def each_of(found: Several, place: str, wanted: Wanted, watch: Watch) -> Iterator[Loaded]:
    """Every batch of those in the file at `place`, one after the other, as they are read.

    Raises BatchError where they are more than MOST_BATCHES, unless packviz wrote them, or none of them can be read, and
    Cancelled.
    """
    if len(found.names) > MOST_BATCHES and not found.own:
        raise BatchError(
            f"{elided(place)}: it holds {len(found.names):,} batches, more than the {MOST_BATCHES:,} that are read in "
            "one go: save fewer, or name one of them."
        )
    return readable(place, _each(found, place, wanted, watch))


def _each(found: Several, file: str, wanted: Wanted, watch: Watch) -> Iterator[Loaded]:
    for index, name in enumerate(found.names):
        watch.check()
        source = Source(file, entry=name)
        place = source.shown
        try:
            with at_place(place):
                one = wanted.found(partial(found.find, index))
                batch = wanted.settled(one, source)
        except BatchError as error:
            yield Loaded(name, place, None, str(error), error if isinstance(error, Undecided) else None)
        else:
            yield Loaded(name, place, batch, whole=one.whole)


def readable(place: str, batches: Iterable[Loaded]) -> Iterator[Loaded]:
    """The batches, once one of them can be read. Raises BatchError, one sentence, where none can."""
    held: list[Loaded] = []
    good = False
    for loaded in batches:
        good = good or loaded.batch is not None
        if not good:
            held.append(loaded)
            continue
        yield from held
        held.clear()
        yield loaded
    if not good and held:
        first, unsure = held[0].trouble, held[0].undecided
        said = first if len(held) == 1 else f"{elided(place)}: none of its {len(held):,} batches can be read. {first}"
        raise BatchError(said) if unsure is None else Undecided(said, unsure.choices, option=unsure.option)
