"""Numbers are counted once each, in whatever order they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from packviz.files.kept.counted import Counted


@given(st.lists(st.integers(0, 40) | st.integers(0, 10**12), max_size=80))
def test_each_number_counts_once(numbers: list[int]) -> None:
    counted = Counted()
    for number in numbers:
        counted.add(number)
    assert counted.many == len(set(numbers))


def test_numbers_in_order_take_no_memory() -> None:
    counted = Counted()
    for number in (*range(1, 10_000), *range(1, 100)):
        counted.add(number)
    assert (counted.many, len(counted._gaps), len(counted._late)) == (9999, 1, 0)
