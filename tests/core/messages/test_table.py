"""The table of messages: each is found by its own words, and by none of another's."""

import re

import pytest

from packviz.core.messages import MESSAGES, Message, Said
from packviz.core.messages.table import known, message, num, shape

each = pytest.mark.parametrize("entry", MESSAGES, ids=lambda entry: entry.key)


@each
def test_a_message_is_found_by_its_own_sample_and_by_no_other_pattern(entry: Message) -> None:
    found = [
        other.key for other in MESSAGES if other.key in entry.sample.lower() and other.pattern.search(entry.sample)
    ]
    assert found == [entry.key]


@each
def test_a_message_says_what_torch_means_and_repeats_nothing_without_a_bound(entry: Message) -> None:
    assert entry.means.endswith(".")
    assert not re.search(r"(?<!\\)[*+]", entry.pattern.pattern)


def test_keys_are_unique() -> None:
    assert len({entry.key for entry in MESSAGES}) == len(MESSAGES)


def test_a_sample_without_its_own_key_is_refused() -> None:
    for key in ("some words", "Other Words"):
        with pytest.raises(ValueError, match="not found"):
            message(key, key, "other words")(lambda said: ())
        assert MESSAGES[-1].key != key


def test_shapes_and_numbers_are_read_in_all_of_torchs_ways() -> None:
    for text in ("[3, 5]", "(3, 5)", "torch.Size([3, 5])", "3x5"):
        match = re.fullmatch(shape("s"), text)
        assert match is not None
        assert Said(match.groupdict()).sizes("s") == (3, 5)
    match = re.fullmatch(num("n"), "-12")
    assert match is not None
    assert Said(match.groupdict()).n("n") == -12


def test_a_code_without_a_cause_is_a_defect_and_each_code_is_told_once() -> None:
    with pytest.raises(KeyError):
        known([("no-such-code", "")])
    assert known([("batch-rank", "first"), ("batch-rank", "second")]) == (("batch-rank", "first"),)
