"""A bar on standard error, where that is a terminal: how many files are done, and what was found in them."""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TextIO

from packviz.core.tally import Tally
from packviz.core.texts.summary import many

LATER_S = 0.5
"""Seconds before a bar is shown: what is quicker needs none."""

SETTLED_S = 1.0
"""Seconds after which the pace is said."""

OFTEN_S = 0.1
WIDTH = 24


class Progress:
    """`total`: of the files. Nothing is ever written where the stream is no terminal, or TERM is dumb."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total, self._stream = total, sys.stderr if stream is None else stream
        self._next = monotonic() + LATER_S
        self._begun: float | None = None  # with the first batch: what is loaded before it says nothing of the others
        self._shown = ""
        self._on = total > 1 and self._stream.isatty() and os.environ.get("TERM") != "dumb"

    def tell(self, files: int, tally: Tally) -> None:
        """So many files are done."""
        now = monotonic()
        self._begun = now if self._begun is None else self._begun
        if not self._on or now < self._next:
            return
        self._next = now + OFTEN_S
        text = bar_text(files, self._total, tally, now - self._begun)
        text = text[: max(1, _columns(self._stream) - 1)]
        self._stream.write(f"\r{text:<{len(self._shown)}}")
        self._stream.flush()
        self._shown = text

    def clear(self) -> None:
        """Takes the bar away: something else is about to be printed."""
        if self._shown:
            self._stream.write(f"\r{' ' * len(self._shown)}\r")
            self._stream.flush()
            self._shown = ""

    def leave(self) -> None:
        """Leaves the bar where it is: what is printed next stands below."""
        below_the_keys(self._stream)
        self._shown = ""


def below_the_keys(stream: TextIO | None = None) -> None:
    """What is printed next stands below what the terminal shows of Ctrl+C."""
    stream = sys.stderr if stream is None else stream
    if stream.isatty():
        stream.write("\n")


def how_far(files: int, total: int, within: str = "") -> str:
    """A sentence of what was interrupted after so many files: `interrupted at file 1,204 of 5,000.`

    `within`: what was done of that file, or of the only one, where it counts: `after 812 batches`."""
    at = f"at file {files + 1:,} of {total:,}" if total > 1 else ""
    where = ", ".join(filter(None, (at, within)))
    return f"interrupted {where}." if where else "interrupted."


def bar_text(files: int, total: int, tally: Tally, seconds: float) -> str:
    """`████████░░░░  33 of 100 files · 512 batches, 3 wrong · 250 a second · 0:12 left`."""
    filled = WIDTH * files // total
    told = f"{many(tally.seen, 'batch', 'batches')}, {tally.wrong:,} wrong"
    if tally.unread:
        told += f", {tally.unread:,} unread"
    parts = [f"{files:,} of {total:,} files", told]
    if seconds >= SETTLED_S:
        parts.append(f"{tally.seen / seconds:,.0f} a second")
    if files and seconds >= SETTLED_S:
        left = round(seconds / files * (total - files))
        parts.append(f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left" if left >= 3600 else _left(left))
    return f"{'█' * filled}{'░' * (WIDTH - filled)}  {' · '.join(parts)}"


def _left(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02} left"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
