"""The installed torch is the oracle: what packviz says of a call is what torch does with it, in every one of them.

A part of the calls is compared in every run of the tests, all of them with `pytest -m whole`.
"""

import os

import pytest

from tests.oracle.sweep import sweep

PART = 4_000
WHOLE = int(os.environ.get("PACKVIZ_CALLS", "100000"))
"""How many calls there are; another number of them may be asked for."""
PARTS = 20
ONCE_WRONG = (71434,)
"""Calls beyond the part that showed a defect, each by its number."""
OFTEN = ("length-exceeds-time", "length-counts-padding", "length-cuts-data", "lengths-count", "lengths-shape")


@pytest.mark.parametrize("part", range(4))
def test_what_packviz_says_is_what_torch_does_in_a_part_of_the_calls(part):
    size = PART // 4
    tally = sweep(range(part * size, (part + 1) * size))
    assert not tally.wrong, "\n".join([str(tally), *tally.wrong[:20]])
    assert tally.calls == size
    assert tally.raised > size // 10
    assert all(tally.codes[code] > 5 for code in OFTEN), tally


@pytest.mark.parametrize("seed", ONCE_WRONG)
def test_a_call_about_which_packviz_was_wrong_once(seed):
    tally = sweep([seed])
    assert not tally.wrong, tally.wrong


@pytest.mark.whole
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("part", range(PARTS))
def test_what_packviz_says_is_what_torch_does_in_all_calls(part):
    size = WHOLE // PARTS
    tally = sweep(range(part * size, (part + 1) * size))
    print(tally)
    assert not tally.wrong, "\n".join([str(tally), *tally.wrong[:20]])
