"""What the jobs bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from packviz.session.requests import Request

R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Computed(Generic[R]):
    """A job has its result."""

    request: Request[R]
    result: R


@dataclass(frozen=True)
class Failed:
    """A job could not be done; `text` is the sentence to show, `choices` what it may be done with, and
    `option` what of the request these choose."""

    request: Request[Any]
    text: str
    choices: tuple[str, ...] = ()
    option: str = "x"


@dataclass(frozen=True)
class Progressed:
    """A job is so far, 0 to 1."""

    request: Request[Any]
    fraction: float
