"""Where a batch came from, as text: FILE, or FILE[NAME] for one of several batches in a file."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


def entry_place(place: str, name: str) -> str:
    """`ten.pt[3]`: the batch of that name in a file that holds several. `name` holds no square brackets."""
    return f"{place}[{name}]"


def entry_word(name: str) -> str:
    """What is written after `entry=` in Python for a batch of that name: 3, or "train"."""
    if _NUMBER.fullmatch(name):
        return name
    return repr(name) if '"' in name or "\\" in name or not name.isprintable() else f'"{name}"'
