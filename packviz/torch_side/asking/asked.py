"""One call that is really made: what it returned, what it raised, or how it ended its process, in words."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.cancel import Cancelled
from packviz.core.texts.quoting import cut
from packviz.core.verdict import CRASHES, Outcome
from packviz.torch_side.tensors import to_array

LONGEST_OF_TORCH = 2000
"""Characters of a message of torch's that are kept: it is quoted whole, as a block of its own. What a user's module
says is cut like anything of the user's, see `quoting.LONGEST`: it may hold an array."""

KILLED = 9
"""The signal by which a system ends a process: no crash of torch's own."""


class Asked(NamedTuple):
    """What one call did, in words, and what it returned (None where it raised)."""

    outcome: Outcome
    result: Any

    @property
    def sorted_indices(self) -> NDArray[np.int64] | None:
        """`sorted_indices` of the packed batch, (n,) int64; None where torch sorts nothing, or packing raised."""
        order = getattr(self.result, "sorted_indices", None)
        return None if order is None else to_array(order)


def asked(call: str, ask: Callable[[], Any], words: Callable[[Any], str], most: int = LONGEST_OF_TORCH) -> Asked:
    """What the call did; `words` says what it returned. Raises Cancelled, where packviz's own work within
    does."""
    try:
        result = ask()
    except Cancelled:
        raise
    except (Exception, SystemExit) as error:  # whatever torch raises is the answer; a module may call sys.exit
        return Asked(Outcome(call, False, raised(error, most)), None)
    return Asked(Outcome(call, True, _described(result, words)), result)


def raised(error: BaseException, most: int = LONGEST_OF_TORCH) -> str:
    """`RuntimeError: its message`, at most so many characters of it."""
    try:
        said = str(error)
    except Exception as other:  # an exception may be of a class of one's own
        said = f"(its words can't be had: str() of it raises {type(other).__name__})"
    return f"{type(error).__name__}: {cut(said, most)}".rstrip()


def ending(code: int) -> str:
    """`brings the interpreter down: SIGSEGV (segmentation fault)`, of an exit code, negative for a signal."""
    if code >= 0:
        return f"{CRASHES}: exit code {code:#x}"
    try:
        return f"{CRASHES}: {signal.Signals(-code).name} ({(signal.strsignal(-code) or 'no words for it').lower()})"
    except ValueError:
        return f"{CRASHES}: signal {-code}"


def _described(result: Any, words: Callable[[Any], str]) -> str:
    try:
        return words(result)
    except Exception:  # what a module of one's own returns may raise wherever it is looked at
        return f"returns a value of type {type(result).__name__}"


def shape(value: Any) -> str:
    """`(3, 5)` of a tensor, else the name of the type."""
    return str(tuple(value.shape)) if hasattr(value, "shape") else type(value).__name__
