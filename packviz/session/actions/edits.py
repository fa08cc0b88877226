"""Edits of the open batch and its module, and their undoing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from packviz.core.batch import Call
from packviz.core.findings import Edit
from packviz.core.module import Module

R = TypeVar("R")


@dataclass(frozen=True)
class SetLength:
    """Give one row another length; `gesture` numbers the drag that it is part of."""

    row: int
    length: int
    gesture: int | None = None


@dataclass(frozen=True)
class SetLengths:
    """Give the whole vector of lengths, (n,), as typed."""

    lengths: tuple[int, ...]


@dataclass(frozen=True)
class SetValue:
    """Give one cell of x another number, of x's dtype, in the feature of that number."""

    row: int
    step: int
    feature: int
    value: Any


@dataclass(frozen=True)
class SetOption:
    """Change an option of the call: a name of `core.batch.Call` and its value."""

    name: Literal["batch_first", "enforce_sorted", "padding_value", "total_length"]
    value: Any


@dataclass(frozen=True)
class SwapLayout:
    """Transpose x and turn batch_first: the same rows in the other layout."""


@dataclass(frozen=True)
class GuessLengths:
    """Take the lengths from the padding."""


@dataclass(frozen=True)
class ApplyFix:
    """Apply the edit that a finding offers."""

    edit: Edit


@dataclass(frozen=True)
class SetUsual:
    """Read what says no options itself with these from now on, and the open batch too."""

    call: Call


@dataclass(frozen=True)
class SetModel:
    """Step another module."""

    module: Module


@dataclass(frozen=True)
class Undo:
    """Take the newest edit back."""


@dataclass(frozen=True)
class Redo:
    """Do the newest undone edit again."""
