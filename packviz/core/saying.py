"""What is said on standard error in a program that is not packviz's own."""

from __future__ import annotations

import sys
from contextlib import suppress


def say(text: str) -> None:
    """Writes it on standard error, where the program has left one, without what a terminal obeys. It raises nothing: it
    is called where an exception of ours would take the place of the program's."""
    from packviz.core.texts.quoting import shown

    stream = getattr(sys, "stderr", None)
    with suppress(Exception):  # closed, or of the program's own: nobody reads it
        if stream is not None:  # print is the program's own, and takes standard output for None
            stream.write(f"{shown(text)}\n")
            stream.flush()
