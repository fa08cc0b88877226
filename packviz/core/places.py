"""Where a batch came from, as text: FILE, or FILE[NAME] for one of several batches in a file."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_ENTRY = re.compile(r"(?P<place>.+)\[(?P<name>[^\[\]]+)\]", re.DOTALL)


def entry_place(place: str, name: str) -> str:
    """`ten.pt[3]`: the batch of that name in a file that holds several. `name` holds no square brackets."""
    return f"{place}[{name}]"


def entry_word(name: str) -> str:
    """What is written after `entry=` in Python for a batch of that name: 3, or "train"."""
    if _NUMBER.fullmatch(name):
        return name
    return repr(name) if '"' in name or "\\" in name or not name.isprintable() else f'"{name}"'


def split_place(source: str) -> tuple[str, str | None]:
    """The file and the name in it: ("ten.pt", "3") of `ten.pt[3]`; ("x.pt", None) of a file that holds one batch."""
    found = _ENTRY.fullmatch(source)
    return (source, None) if found is None else (found["place"], found["name"])
