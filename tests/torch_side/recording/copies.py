"""Copies of calls, for the tests of what is made of them."""

from __future__ import annotations

from typing import Any

from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.grabbed import grabbed
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import made_by
from packviz.torch_side.recording.taken import Taken


def copy_of(kind: str, *given: Any, buffers: Buffers | None = None) -> Taken:
    """A copy of a call of this kind with these arguments."""
    made = made_by(kind, given)
    return grabbed(made, looks_at(made), buffers)
