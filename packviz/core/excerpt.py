"""What a message quotes of the user's own text: cut, so that the message stays a sentence."""

from __future__ import annotations

MOST = 200
"""Characters of the user's text in one message."""


def excerpt(text: str, most: int = MOST) -> str:
    """The text in one line, with `...` in the place of what is beyond `most` characters."""
    flat = " ".join(text[: 4 * most].split())
    if len(flat) <= most and len(text) <= 4 * most:
        return flat
    return f"{flat[: most - 3]}..."
