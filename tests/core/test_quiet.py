"""Nothing warns inside, and the filters are afterwards those of before, from any number of threads."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from packviz.core.quiet import one_at_a_time, quiet


def test_nothing_warns_inside_and_afterwards_all_is_as_it_was() -> None:
    before = list(warnings.filters)
    with quiet():
        warnings.warn("inside", stacklevel=1)
    assert warnings.filters == before
    with pytest.warns(UserWarning, match="outside"):
        warnings.warn("outside", stacklevel=1)


def test_many_threads_leave_no_filter_behind() -> None:
    before, start = list(warnings.filters), threading.Barrier(8)

    def work(_: int) -> None:
        start.wait()
        for _ in range(200):
            with quiet():
                warnings.warn("inside", stacklevel=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert warnings.filters == before


def test_one_thread_is_inside_at_a_time_and_may_come_in_again() -> None:
    inside: list[int] = []

    def work(_: int) -> None:
        with one_at_a_time(), one_at_a_time():
            inside.append(1)
            assert len(inside) == 1
            inside.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
