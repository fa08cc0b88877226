"""What can be asked of the open recording: to open its calls one after another, and which of them are listed."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.calls.choosing import Column, Which


@dataclass(frozen=True)
class OpenCall:
    """Show the batch of the call of this number. `near`: where it was not kept, the nearest one that was."""

    number: int
    near: bool = False


@dataclass(frozen=True)
class CallBy:
    """Show the batch of the next kept call of the list, or of the previous one: `by` 1 or -1."""

    by: int


@dataclass(frozen=True)
class ChooseCalls:
    """List only these calls."""

    which: Which


@dataclass(frozen=True)
class OrderCalls:
    """Sort the list by this column; by it the other way round, where it is sorted so already."""

    column: Column


@dataclass(frozen=True)
class ReloadRecording:
    """Read the calls of the open recording again: it may have grown."""


@dataclass(frozen=True)
class CloseRecording:
    """Put the list away; the batches that are open stay."""
