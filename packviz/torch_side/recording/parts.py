"""The parts of a recording that other processes wrote beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from packviz.core.errors import BatchError
from packviz.core.noted import NotedCall
from packviz.core.texts.recording import UNWRITTEN
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.parts import parts_beside
from packviz.files.kept.recordings import recorded
from packviz.files.opened import opened


class Part(NamedTuple):
    """What one process noted: its calls, each with its batch as bytes where it kept it."""

    calls: tuple[tuple[NotedCall, bytes | None], ...]
    unseen: dict[str, int]


def parts(path: str, token: str, number: int) -> Iterator[Part]:
    """The parts that lie there, each of which is gone afterwards; their calls are numbered on from `number`. One that
    can't be read, or not all of it, stays, and gives what can be read and the reason."""
    for place in parts_beside(path, token):
        calls: list[tuple[NotedCall, bytes | None]] = []
        try:
            known = recorded(place)
            with opened(place) as (stream, _):
                for call in known.recording.calls:
                    moved, data = call._replace(number=number + len(calls) + 1), None
                    if call.kept:
                        whole = known.batch(stream, call.number)
                        data = batch_bytes(whole.batch, whole.module, whole.hx, call=moved)
                    calls.append((moved, data))
            if known.recording.damage:
                raise BatchError(f"{place}: {known.recording.damage[0]}.")
        except (OSError, BatchError):
            yield Part(tuple(calls), {f"{UNWRITTEN}: what a worker noted can't be read ({place.name})": 1})
        else:
            yield Part(tuple(calls), dict(known.recording.unseen or {}))
            with suppress(OSError):
                place.unlink()
        number += len(calls)
