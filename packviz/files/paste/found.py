"""What a reader found: x, lengths, the options that came with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.whole import Whole
from packviz.files.arrays import Values, is_array
from packviz.files.masks import MaskFound
from packviz.files.packed import is_packed
from packviz.files.ragged import Ragged, depth


class LengthsAlone(BatchError):
    """There is no x, but its lengths."""

    def __init__(self, lengths: object) -> None:
        super().__init__("The text holds lengths and no x: paste x as well, or open its batch first.")
        self.lengths = lengths


@dataclass(frozen=True)
class SequenceList:
    """A list that says itself that it holds sequences, though they may all be of one length."""

    rows: tuple[object, ...]


@dataclass(frozen=True)
class Found:
    """What a reader found, not yet checked.

    `x`: one array or nested list; a list of sequences, a Ragged or a SequenceList; a PackedSequence. `lengths`: as they
    were found, or None. `options`: those of the call that the source says itself, and no others. `mask`: the one beside
    x. `name`: that of x, where it has one. `said`: how it was found, as in `Batch.read_as`. `axes`: as in `Source`,
    where x was turned. `beside`: labels and the like, by name. `whole`: a batch that packviz wrote, in place of all of
    that; x is then None. `pick`: what is found with x under another name, where there are several.
    """

    x: object
    lengths: object = None
    options: Mapping[str, object] = field(default_factory=dict)
    mask: MaskFound | None = None
    name: str = ""
    said: tuple[str, ...] = ()
    axes: str | None = None
    beside: Mapping[str, object] = field(default_factory=dict)
    whole: Whole | None = None
    pick: Callable[[str], Any] | None = field(default=None, compare=False, repr=False)


def as_sequences(x: object) -> object:
    """The rows of x as sequences, where x is a list or a text's array; anything else as it is, a Ragged too."""
    if isinstance(x, list | tuple) and not is_packed(x):
        return SequenceList(tuple(x))
    if isinstance(x, Values) and x.array.ndim >= 2:
        return Ragged.of_rows(x) if len(x.array) else SequenceList(())
    return x


def depth_of(value: object) -> int:
    """How many dimensions a named value has; 0 where it is no array and no list."""
    if isinstance(value, Values):
        return value.array.ndim
    if is_packed(value):
        return 2
    return depth(value) if isinstance(value, list | tuple | Ragged) or is_array(value) else 0
