"""How the user's own values are quoted: never so long that they drown the sentence that they stand in."""

from __future__ import annotations

import re

LONGEST = 200
"""Characters of a text of the user's that are quoted."""

_OBEYED = re.compile(r"(?!\x1b\[[0-9;]*m)[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for colours, and those that turn the direction of the line."""


_NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def cut(text: str, most: int = LONGEST) -> str:
    """The text, without its end where it has more than `most` characters: `3, 2, 4…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def elided(text: str, most: int = LONGEST) -> str:
    """The text, without its middle where it has more than `most` characters: of a path the file stays in view."""
    if len(text) <= most:
        return text
    head = most // 3
    return f"{text[:head]}…{text[len(text) - (most - head - 1) :]}"


def quoted(value: object, most: int = LONGEST) -> str:
    """repr() of a value of the user's, cut; the name of its type where that can't be had.

    Of a text what is between the quotes has at most `most` characters, those that are written as escapes counted so.
    """
    if isinstance(value, str):
        kept = most
        while len(shown := repr(cut(value, kept))) > most + 2 and kept > 1:
            kept = kept * 3 // 4
        return shown
    try:
        return cut(" ".join(repr(value).split()), most)
    except Exception:  # the type may be of a class of one's own
        return f"a value of type {cut(type(value).__name__, most)}"


def worded(value: object, most: int = LONGEST) -> str:
    """str() of a value of the user's, cut; the name of its type where that can't be had."""
    try:
        return cut(str(value), most)
    except Exception:  # a number of thousands of digits; a class of one's own
        return cut(f"a value of type {type(value).__name__}", most)


def excerpt(text: str, most: int = LONGEST) -> str:
    """The text in one line, with `...` in the place of what is beyond `most` characters."""
    flat = " ".join(text[: 4 * most].split())
    if len(flat) <= most and len(text) <= 4 * most:
        return flat
    return f"{flat[: most - 3]}..."


def in_line(text: str) -> str:
    """A name as it stands in a line of its own: without line breaks, tabs, colours and whatever else a terminal obeys,
    all of which the name of a file may hold."""
    return _NO_NAME.sub("\N{REPLACEMENT CHARACTER}", text)


def shown(text: str) -> str:
    """Without what a terminal obeys, which messages and names of files may hold: colours, lines and tabs stay."""
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)
