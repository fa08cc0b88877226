"""How much of something packviz may take: as the call, else the process, else the environment, else packviz says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

from packviz.core.errors import BatchError

Amount = TypeVar("Amount", bound=float)


class Allowance(Generic[Amount]):
    """`variable`: of the environment, read by `read`, which raises BatchError where it is no amount. `default`: unless
    the user says otherwise."""

    def __init__(self, variable: str, default: Amount, read: Callable[[object], Amount]) -> None:
        self.variable, self.default, self._read = variable, default, read
        self._of_process: Amount | None = None
        self._of_call: ContextVar[Amount | None] = ContextVar(variable, default=None)

    def of_environment(self) -> Amount | None:
        """What the environment says, None where it says nothing. Raises BatchError."""
        said = os.environ.get(self.variable, "")
        return self._read(said) if said.strip() else None

    def most(self) -> Amount:
        """What may be taken now."""
        chosen = self._of_call.get() or self._of_process
        if chosen is not None:
            return chosen
        try:
            return self.of_environment() or self.default
        except BatchError:
            return self.default  # the command line says so at its start

    @contextmanager
    def within(self, most: Amount | None, *, everywhere: bool = False) -> Iterator[None]:
        """Allows `most` inside, in this thread, or `everywhere` in this process; None changes nothing."""
        if most is None:
            yield
            return
        before, token = self._of_process, self._of_call.set(most)
        self._of_process = most if everywhere else before
        try:
            yield
        finally:
            self._of_process = before
            self._of_call.reset(token)
