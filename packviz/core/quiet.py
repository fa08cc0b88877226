"""What is one for the whole process is changed by one thread at a time: the filters of warnings, to begin with.

warnings.catch_warnings puts back the filters that it found. Two threads that do so by turns put back each other's, and
one of them stays. So there is one lock for all of that, which torch's random numbers and whatever else belongs to the
process are changed under, too (`torch_side/put_back.py`).
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.RLock()  # a module that is run under it may itself call packviz


def _forget() -> None:
    """After a fork nobody is left who would release it."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Waits until no other thread is inside."""
    with _lock:
        yield


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, nothing warns; afterwards the filters are those of before. One thread at a time."""
    with one_at_a_time(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
