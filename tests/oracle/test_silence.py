"""Of calls that are right nothing is said above a note, in whatever form they come, and torch returns from all of them.

A part of them is checked in every run of the tests, all of them with `pytest -m whole`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import pytest

import packviz
from packviz.core.findings import Severity
from tests.oracle.correct import FORMS, KINDS, correct

PART, WHOLE, PARTS = 300, 10_000, 10


def alarms(seeds: Iterable[int]) -> list[str]:
    """All that is said above a note."""
    said = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of masks and of complex numbers
        for seed in seeds:
            call = correct(seed)
            report = packviz.check(call.x, call.lengths, **call.options)
            above = [f"{f.severity} {f.code}: {f.detail}" for f in report.findings if f.severity is not Severity.NOTE]
            if above or not report.ok:
                said.append(f"{call}: {above or report.unexplained_text}")
    return said


def test_nothing_above_a_note_is_said_of_a_part_of_the_calls_that_are_right() -> None:
    said = alarms(range(PART))
    assert not said, "\n".join(said[:10])


def test_all_forms_are_among_them() -> None:
    told = [correct(seed) for seed in range(PART)]
    for words in {*KINDS, *FORMS}:
        assert sum(words in call.told for call in told) > 8, words
    assert sum("module" in call.options for call in told) > 15


@pytest.mark.whole
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_above_a_note_is_said_of_calls_that_are_right(part: int) -> None:
    size = WHOLE // PARTS
    said = alarms(range(part * size, (part + 1) * size))
    assert not said, f"{len(said)} of {size}:\n" + "\n".join(said[:10])
