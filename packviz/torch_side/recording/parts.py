"""The parts of a recording that other processes wrote beside it, and where the recording itself lies."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from packviz.core.errors import BatchError
from packviz.core.file_kind import head_of, kind_in
from packviz.core.noted import NotedCall
from packviz.core.texts.recording import UNWRITTEN
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.parts import parts_beside
from packviz.files.kept.recordings import recorded
from packviz.files.opened import is_file, opened

SUFFIX = ".packviz"
UNNAMED = "recording"
"""What a recording is called where no script runs."""


def default_path() -> str:
    """The name of the script that runs, with `.packviz`, in the working directory."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    script = Path(main) if main else Path(UNNAMED)
    stem = script.parent.name if script.stem == "__main__" else script.stem
    return f"{stem or UNNAMED}{SUFFIX}"


def unused(path: str, free: Callable[[str], bool]) -> str:
    """The path, or one with a number behind its name where it is not free, or a session lies there: nobody's saved work
    is replaced."""
    given, number = Path(path), 1
    while _is_session(path) or not free(path):
        number += 1
        path = str(given.with_name(f"{given.stem}-{number}{given.suffix}"))
    return path


def _is_session(path: str) -> bool:
    try:
        return is_file(path) and kind_in(head_of(path)) == "session"
    except OSError:  # what can't be read can't be told; whoever writes there is told why not
        return False


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
