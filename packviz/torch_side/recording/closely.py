"""Which calls all rules look at: those that are flagged, the first of each site, and a seeded sample."""

from __future__ import annotations

import random

from packviz.core.noted import Site

SAMPLE, SAMPLE_ELSEWHERE = 256, 512
"""One call in so many that nothing is flagged of is looked at closely; of those on a GPU, whose x has to be copied from
there, one in so many."""
MANY, THEN = 64, 16
"""So many calls of one site that the same is flagged of are looked at, of later ones one in so many: where all batches
of a program are odd in the same way, the first ones tell it."""


class Closely:
    """Says of each call whether all rules look at it. The same calls in the same order, the same answers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._seen: dict[tuple[Site, frozenset[str]], int] = {}

    def wants(self, site: Site, flags: frozenset[str], near: bool) -> bool:
        """`flags`: what every call is looked at for. `near`: x lies in the processor's memory."""
        key = (site, flags)
        before = self._seen[key] = self._seen.get(key, 0) + 1
        if flags:
            return before <= MANY or self._one_in(THEN)
        return before == 1 or self._one_in(SAMPLE if near else SAMPLE_ELSEWHERE)

    def _one_in(self, many: int) -> bool:
        return self._random.random() * many < 1
