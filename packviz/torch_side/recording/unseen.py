"""What could not be seen of a program, or not be looked at: counted by its reason, and said at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from packviz.core.batch import BatchError
from packviz.core.calls.unseen import runs_alone
from packviz.core.texts.quoting import cut
from packviz.core.texts.recording import UNWRITTEN
from packviz.torch_side.recording.notes import inside
from packviz.torch_side.recording.views import Unreadable

MOST_REASONS = 100
"""Reasons that are told apart; what comes with others is counted together."""
OTHERS = "for other reasons"

T = TypeVar("T")


class Unseen:
    """The reasons, each with how often. It is false while there is none."""

    def __init__(self) -> None:
        self._many = Counter[str]()

    def __bool__(self) -> bool:
        return bool(self._many)

    @property
    def counts(self) -> dict[str, int]:
        """How often, by reason."""
        return dict(self._many)

    def add(self, why: str, many: int = 1) -> None:
        """So many calls more."""
        self._many[why if why in self._many or len(self._many) < MOST_REASONS else OTHERS] += many

    def failed(self, error: Exception) -> None:
        """One that a look at it has failed of."""
        self.add(cut(str(error), 120) if isinstance(error, Unreadable | BatchError) else inside(error))

    def tried(self, look: Callable[[], T]) -> T | None:
        """What the look gives; None where it fails, which is counted."""
        try:
            return look()
        except Exception as error:
            self.failed(error)
            return None

    def stands(self, why: str, many: int) -> None:
        """So many calls that torch runs by itself; of the same lines the compiler makes a graph for each kind of batch,
        and the largest counts."""
        if not runs_alone(why):
            self.add(why, many)
        elif many > self._many[why]:
            self._many[why] = many


def not_written(error: Exception) -> str:
    """What is counted where a recording can't be written: a full disk is no defect of packviz."""
    told = inside(error)
    return f"{UNWRITTEN}: {error.strerror.lower()}" if isinstance(error, OSError) and error.strerror else told
