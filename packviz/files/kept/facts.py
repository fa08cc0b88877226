"""Values of JSON that somebody else may have written, each held against what it is to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

from packviz.core.batch import BatchError
from packviz.core.texts.quoting import cut

Facts = dict[str, Any]


@contextmanager
def only_known(what: str) -> Iterator[None]:
    """What is missing or of another kind in facts comes out as a BatchError: it is damaged, or `what`."""
    try:
        yield
    except BatchError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        said = cut(f"{type(error).__name__}: {error}", 120)
        raise BatchError(f"it is damaged, or {what} ({said}).") from None


def whole(value: object, most: int = 2**31 - 1, least: int = 0) -> int:
    """A whole number from `least` to `most`. Raises ValueError."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{cut(str(value), 40)} is no number from {least} to {most}")
    return value


def flag(value: object) -> bool:
    """True or False. Raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError(f"{cut(str(value), 40)} is neither true nor false")
    return value


def text(value: object) -> str:
    """A text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{cut(str(value), 40)} is no text")
    return value


def one_of(kinds: Any, value: object) -> Any:
    """One of the values of a Literal. Raises ValueError."""
    if value not in get_args(kinds):
        raise ValueError(f"{cut(str(value), 40)} is none of {', '.join(map(str, get_args(kinds)))}")
    return value
