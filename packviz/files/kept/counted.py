"""How many different numbers came by, nearly all of them in order: without keeping each of them."""

from __future__ import annotations

from bisect import bisect_right


class Counted:
    """Counts numbers from 0 on, each once, whatever their order; what it keeps grows with the gaps between them."""

    def __init__(self) -> None:
        self.many = 0
        self._next = 0
        self._gaps: list[tuple[int, int]] = []  # the first number of each, and the one behind its last
        self._late: set[int] = set()

    def add(self, number: int) -> None:
        """One number, which may have come before."""
        if number >= self._next:
            if number > self._next:
                self._gaps.append((self._next, number))
            self._next = number + 1
            self.many += 1
        elif number not in self._late and self._skipped(number):
            self._late.add(number)
            self.many += 1

    def _skipped(self, number: int) -> bool:
        at = bisect_right(self._gaps, number, key=lambda gap: gap[0]) - 1
        return at >= 0 and number < self._gaps[at][1]
