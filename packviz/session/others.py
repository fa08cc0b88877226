"""The other run that the open one is held against: which kinds of it there are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unpacked:
    """The same batch, not packed: every row goes on over its padding, to the end of x."""


@dataclass(frozen=True)
class BeforeEdit:
    """The batch and the module as they were before the last edit of them."""


@dataclass(frozen=True)
class Kept:
    """The batch and the module that somebody has kept to compare others with."""


@dataclass(frozen=True)
class OtherWeights:
    """The same batch, the weights drawn after another seed."""


@dataclass(frozen=True)
class OnDevice:
    """The same run on another device, by torch's name of it."""

    device: str


Other = Unpacked | BeforeEdit | Kept | OtherWeights | OnDevice
