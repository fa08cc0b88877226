"""What is damaged is said with its record, its byte and its call; what is lost by it as exactly as it is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.damage import MOST_SAID, Damage, Lost, damage_sentences, missing


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            Damage(4096, 2560, "its checksum is another", "calls/000017.safetensors", 17),
            "the batch of call 17 (calls/000017.safetensors, at byte 4,096) is damaged: its checksum is another",
        ),
        (
            Damage(-1, 0, "its record is missing", "calls/000017.safetensors", 17),
            "the batch of call 17 is lost: there is no record calls/000017.safetensors",
        ),
        (
            Damage(512, 1, "no record begins there"),
            "at byte 512, 1 byte can't be read: no record begins there",
        ),
        (
            Damage(512, 1024, "its checksum is another", "seen/000000.jsonl"),
            "the record seen/000000.jsonl (at byte 512, 1,024 bytes) is damaged: its checksum is another",
        ),
    ],
)
def test_a_part_says_where_it_lies(damage: Damage, said: str) -> None:
    assert str(damage) == said


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (Lost(), "no call is missing from the list"),
        (Lost(0, False), "whether calls are missing from the list can't be told"),
        (Lost(1, True, ((49, 49),)), "1 call is missing from the list: 49"),
        (
            Lost(1003, False, ((2, 4), (1001, 2000))),
            "at least 1,003 calls are missing from the list: 2 to 4 and 1,001 to 2,000",
        ),
        (
            Lost(7, True, tuple((n, n) for n in range(7))),
            "7 calls are missing from the list: 0, 1, 2, 3, 4, 5 and 1 more",
        ),
        (Lost(3), "3 calls are missing from the list"),
    ],
)
def test_what_is_lost_is_counted(lost: Lost, said: str) -> None:
    assert str(lost) == said


def test_many_parts_are_counted() -> None:
    parts = [Damage(n * 512, 512, "no record begins there") for n in range(MOST_SAID + 2)]
    said = damage_sentences(parts, Lost(1))
    assert len(said) == MOST_SAID + 2
    assert said[-2:] == ["2 more parts are damaged.", "1 call is missing from the list."]
    assert damage_sentences([], Lost()) == []


@given(st.sets(st.integers(1, 60)))
def test_the_ranges_are_all_that_is_not_there(numbers: set[int]) -> None:
    gone = {number for first, last in missing(sorted(numbers)) for number in range(first, last + 1)}
    assert gone == set(range(1, max(numbers, default=0) + 1)) - numbers
