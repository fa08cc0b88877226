"""What comes out of a file that may hold several batches: each batch with its name, or why it can't be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from packviz.core.batch import Batch, BatchError, Call
from packviz.files.paste.found import Found
from packviz.files.settle import settle


@dataclass(frozen=True, eq=False)
class Loaded:
    """One batch of a file, or why it can't be read.

    `name`: its short name within the file, "" where the file holds just one. `source`: where it came from, FILE or
    FILE[NAME]. `batch`: None where it can't be read; `trouble` then says why, in a sentence that begins with `source`.
    """

    name: str
    source: str
    batch: Batch | None
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Wanted:
    """How what is found is to be read: as the arguments of `settle`."""

    call: Call = field(default_factory=Call)
    given: frozenset[str] = frozenset()
    lengths: object = None
    mask: object = None

    def settled(self, found: Found, source: str) -> Batch:
        """The Batch of what was found. Raises BatchError."""
        return settle(found, self.call, self.given, source, self.lengths, self.mask)


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
        first = held[0].trouble
        raise BatchError(
            first if len(held) == 1 else f"{place}: none of its {len(held):,} batches can be read. {first}"
        )
