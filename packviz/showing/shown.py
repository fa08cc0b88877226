"""A batch that a program shows, as bytes, with what is known of the program; and what the window makes of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import PurePath
from typing import Any

from packviz.core.batch import Batch, BatchError
from packviz.core.errors import only_batch_errors
from packviz.core.module import Module
from packviz.core.noted import Site
from packviz.core.source import Source
from packviz.core.texts.quoting import cut, elided
from packviz.files.kept.batch import batch_bytes, read_batch
from packviz.session.loads import Entry
from packviz.showing.site import is_typed

_numbers = count(1)
_typed = count(1)

LONGEST = 80
"""Characters of a name of the program's that are shown."""


def shown_bytes(batch: Batch, site: Site, module: Module | None = None) -> bytes:
    """The batch and its module, copied, and where in this program it is shown. Raises BatchError where it can't be
    copied."""
    return batch_bytes(batch, module, more={"shown": _told(site)})


def _told(site: Site) -> dict[str, Any]:
    return {
        "path": site.path,
        "line": site.line,
        "function": site.function,
        "program": PurePath(sys.argv[0] if sys.argv else "").name or "python",
        "process": os.getpid(),
        "typed": is_typed(),
    }


def named_by(batch: Batch, site: Site) -> Batch:
    """The batch under the name under which it is shown, `2 train.py:31`: the number of the call in this process and
    where it is, as in a recording. One that was read from a file keeps its name."""
    if batch.source != Source():
        return batch
    return replace(batch, source=Source(f"{next(_numbers)} {elided(site.shown, LONGEST)}"))


def entry_of(data: bytes | bytearray) -> Entry:
    """What was sent, to be opened: a batch with its module, and a sentence on where it comes from. Raises BatchError
    where it is none."""
    with only_batch_errors():
        whole = read_batch(bytes(data))
        said, by = said_of(whole.more.get("shown"))
        return Entry(whole.batch, whole.module, said, by=by)


def said_of(told: object) -> tuple[str, str]:
    """`Shown by train.py, process 4242, in fit at train.py:31.`, and what tells this line of this process from others;
    each line that is typed is another one. Raises BatchError where it does not say so."""
    if not isinstance(told, Mapping):
        raise BatchError("it does not say which program shows it.")
    try:
        site = Site(str(told["path"]), int(told["line"]), str(told["function"]))
        program, process = str(told["program"]), int(told["process"])
    except (KeyError, TypeError, ValueError):
        raise BatchError("it does not say which program shows it.") from None
    inside = f"in {cut(site.function, LONGEST)} at" if site.function else "at"
    said = f"Shown by {cut(program, LONGEST)}, process {process}, {inside} {elided(site.shown, LONGEST)}."
    by = f"{process} {site.path}:{site.line}"
    return said, f"{by} {next(_typed)}" if told.get("typed") else by
