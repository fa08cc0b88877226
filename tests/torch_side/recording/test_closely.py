"""Which calls all rules look at."""

from __future__ import annotations

from packviz.core.noted import Site
from packviz.torch_side.recording.closely import MANY, SAMPLE, SAMPLE_ELSEWHERE, THEN, Closely

HERE, THERE, FLAGGED = Site("a.py", 1), Site("a.py", 2), frozenset({"last"})


def looked_at(many: int, flags: frozenset[str] = frozenset(), near: bool = True, seed: int = 0) -> list[int]:
    closely = Closely(seed)
    return [number for number in range(many) if closely.wants(HERE, flags, near)]


def test_the_first_of_each_site_is_looked_at() -> None:
    closely = Closely(0)
    assert closely.wants(HERE, frozenset(), True)
    assert closely.wants(THERE, frozenset(), True)


def test_of_those_that_are_right_one_in_so_many_is() -> None:
    many = 100 * SAMPLE
    assert 60 < len(looked_at(many)) < 140
    assert len(looked_at(many, near=False)) < 4 * many // SAMPLE_ELSEWHERE


def test_what_is_flagged_is_looked_at_and_in_the_end_a_part_of_it() -> None:
    found = looked_at(MANY + 100 * THEN, FLAGGED)
    assert found[:MANY] == list(range(MANY))
    assert 60 < len(found) - MANY < 140


def test_something_new_is_looked_at_however_much_else_was_flagged() -> None:
    closely = Closely(0)
    for _ in range(1000):
        closely.wants(HERE, FLAGGED, True)
    assert closely.wants(HERE, FLAGGED | {"finite"}, True)
    assert closely.wants(THERE, FLAGGED, True)


def test_the_same_seed_gives_the_same_calls() -> None:
    assert looked_at(1000, seed=4) == looked_at(1000, seed=4) != looked_at(1000, seed=5)
