"""What the values of one text take, known before they are made: names let a few bytes of text stand for gigabytes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from packviz.core.batch import BatchError
from packviz.core.budget import MEMORY, afford
from packviz.files.arrays import MOST_DIMENSIONS, Values
from packviz.files.packed import PackedParts
from packviz.files.ragged import Ragged

SHARE = 4
"""Of the memory that is allowed, this part is for the values of one text: what is made of them takes more."""

EACH_NUMBER = 64
EACH_ARRAY = 1024
"""What an item of a list costs who reads the list, in time, as bytes: a million tensors are no better than a large
one."""

T = TypeVar("T", bound=Collection[Any])


@dataclass
class Purse:
    """`budget`: bytes of values that may be made, a share of what is allowed unless given; `spent`: those of the values
    made so far."""

    budget: int = field(default_factory=lambda: MEMORY.most() // SHARE)
    spent: int = 0
    _known: dict[int, tuple[object, int, int]] = field(default_factory=dict)

    def spend(self, bytes: int) -> None:
        """Before a value of so many bytes is made. Raises BatchError where the text makes too many."""
        afford("what this text makes", self.spent + bytes, self.budget)
        self.spent += bytes

    def listed(self, made: T) -> T:
        """A list, a tuple or a dict, just made of values. Raises BatchError where the numbers in it are too many, or
        nested too deep, which is known from its items without looking into them."""
        items = made.values() if isinstance(made, Mapping) else made
        bytes, depth = 0, 0
        for item in items:
            weight, within = self.weighed(item)
            bytes, depth = bytes + weight, max(depth, within)
        if depth >= MOST_DIMENSIONS:
            raise BatchError(f"the lists are nested more than {MOST_DIMENSIONS} deep, but a batch has (B, T, *).")
        afford("what this text makes", self.spent + bytes, self.budget)
        self._known[id(made)] = (made, bytes, depth + 1)
        return made

    def weighed(self, value: object) -> tuple[int, int]:
        """The bytes of a value, with what reading it costs, and its dimensions."""
        known = self._known.get(id(value))
        if known is not None:
            return known[1:]
        if isinstance(value, Values):
            return value.array.nbytes + EACH_ARRAY, value.array.ndim
        if isinstance(value, Ragged):
            return value.flat.nbytes + EACH_ARRAY, value.ndim
        if isinstance(value, PackedParts):
            return sum(self.weighed(part)[0] for part in value), 0
        return EACH_NUMBER, 0
