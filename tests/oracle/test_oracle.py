"""The installed torch is the oracle: what packviz says of a call is what torch does with it, in every one of them.

A part of the calls is compared in every run of the tests, all of them with `pytest -m whole`.
"""

import os
from collections.abc import Iterable

import pytest

import packviz
from packviz.core.report import Report
from tests.oracle.calls import CallMade
from tests.oracle.judges import differences, unexplained
from tests.oracle.sweep import checked, sweep

PART, STEPS = 4_000, 8
ALONE, EXPLAINED = 1_500, 300
"""Of so many of them the rules are asked alone, too, and torch's words explained."""
WHOLE = int(os.environ.get("PACKVIZ_CALLS", "100000"))
"""How many calls there are; another number of them may be asked for."""
PARTS = 20
ONCE_WRONG = (71434,)
"""Calls beyond the part that showed a defect, each by its number."""
OFTEN = ("length-exceeds-time", "length-counts-padding", "length-cuts-data", "lengths-count", "lengths-shape")


def judged(call: CallMade, report: Report | None) -> Iterable[str]:
    if call.seed < ALONE:
        try:
            alone = checked(call, ask=False)
        except packviz.BatchError as error:
            if report is not None:
                yield f"the rules alone refuse it: {error}"
        else:
            yield from ["the rules alone take it"] if report is None else differences(alone, report)
    if call.seed < EXPLAINED and report is not None:
        yield from unexplained(report)


@pytest.mark.parametrize("part", range(STEPS))
def test_what_packviz_says_is_what_torch_does_in_a_part_of_the_calls(part):
    """And there the rules alone find the same, and `explain` knows what torch says."""
    size = PART // STEPS
    tally = sweep(range(part * size, (part + 1) * size), judged)
    assert not tally.wrong, "\n".join([str(tally), *tally.wrong[:20]])
    assert tally.calls == size
    assert tally.raised > size // 10
    assert tally.codes.total() > size
    assert all(tally.codes[code] > 2 for code in OFTEN), tally


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
