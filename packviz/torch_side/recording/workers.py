"""The workers of a DataLoader: each begins to record by itself, into a file of its own, before it loads anything.

A worker that is forked has all that its parent has, and goes on recording (`Recorder.forked`). One that is spawned, or
comes from a fork server, has nothing: it is told by the function that DataLoader calls first in each worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """What a part of a recording is made with, in another process. `path`: of the whole recording. `token`: the same
    in all of its parts. `began`: when it began, in seconds of time.time()."""

    path: str
    token: str
    when: Any
    seed: int
    program: str
    began: float


Begin = Callable[[], object]
"""Begins a part of a recording; it can be sent to another process."""


@dataclass(frozen=True)
class BeginFirst:
    """In the place of `worker_init_fn`: begins to record, then does what the user's own one does."""

    own: Callable[[int], None] | None
    parts: tuple[Begin, ...]

    def __call__(self, number: int) -> None:
        for begin in self.parts:
            begin()
        if self.own is not None:
            self.own(number)


@dataclass(frozen=True, eq=False)
class Begun:
    """A DataLoader whose workers are being started, and what it had for their `worker_init_fn`."""

    loader: Any
    own: Any


def begun(loader: Any, parts: Sequence[Begin]) -> Begun | None:
    """Its workers begin to record: until `put_back`, it has another `worker_init_fn`."""
    own = loader.worker_init_fn
    if isinstance(own, BeginFirst):
        return None
    loader.worker_init_fn = BeginFirst(own, tuple(parts))
    return Begun(loader, own)


def put_back(call: object) -> None:
    """The workers are started: the loader has what it had."""
    if isinstance(call, Begun) and isinstance(call.loader.worker_init_fn, BeginFirst):
        call.loader.worker_init_fn = call.own
