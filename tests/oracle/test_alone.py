"""The rules alone find what they find with torch asked, but for what only torch can tell."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import packviz
from packviz.core.findings import Finding
from packviz.core.report import Report
from tests.module_calls import module_call
from tests.oracle.calls import call_of
from tests.oracle.sweep import checked

CALLS, MODULES = 1_500, 300
OF_TORCH = {"torch"}
ASKED_OF_TORCH = {"torch", "severity", "stage", "also", "behind"}
"""What a verdict may add to a finding, and what it decides where the rule leaves it to torch."""


def told(finding: Finding) -> dict[str, str]:
    """All of a finding but what is of torch, in words: a NaN is none that could be compared."""
    ours = {name: value for name, value in vars(finding).items() if not name.startswith("_")}
    ours["spans"] = finding.spans.tolist()
    return {name: repr(ours[name]) for name in ours.keys() - (ASKED_OF_TORCH if finding.asked else OF_TORCH)}


def _name(said: dict[str, str]) -> tuple[str, str]:
    return said["code"], said["title"]


def compared(alone: Report, asked: Report) -> None:
    ordered = [sorted(map(told, report.findings), key=_name) for report in (alone, asked)]
    assert ordered[0] == ordered[1]
    for report in (alone, asked):  # what torch decides may change which is the worst
        ranks = [finding.severity.rank for finding in report.findings]
        assert ranks == sorted(ranks)
    assert alone.verdict is None
    assert all(finding.torch is None for finding in alone.findings)
    assert str(alone.layout) == str(asked.layout)
    ours, theirs = alone.to_dict(), asked.to_dict()
    assert ours["torch"] is None
    assert ours.keys() == theirs.keys()
    assert str(ours["batch"]) == str(theirs["batch"])


@pytest.mark.parametrize("part", range(3))
def test_the_rules_alone_find_the_same_in_calls_right_and_wrong(part: int) -> None:
    found, size = 0, CALLS // 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of complex lengths and the like
        for seed in range(part * size, (part + 1) * size):
            call = call_of(seed)
            try:
                asked = checked(call)
            except packviz.BatchError:
                with pytest.raises(packviz.BatchError):
                    checked(call, ask=False)
                continue
            compared(checked(call, ask=False), asked)
            found += len(asked.findings)
    assert found > size


def test_the_rules_alone_find_the_same_of_modules_and_their_states() -> None:
    for seed in range(MODULES):
        call = module_call(seed)
        options = {**call.options, "module": call.module, "hx": call.hx}
        asked = packviz.check(call.x, call.lengths, **options)
        compared(packviz.check(call.x, call.lengths, **options, ask=False), asked)


def test_of_many_rows_the_same_is_found_but_for_the_places_of_equal_lengths() -> None:
    random = np.random.default_rng(0)
    for _ in range(40):
        rows, steps = int(random.integers(17, 40)), int(random.integers(10, 80))
        x = random.integers(0, 5, (rows, steps)).astype(random.choice(["float32", "int64"]))
        lengths = random.permutation(np.arange(1, 81))[:rows] if random.random() < 0.5 else random.integers(1, 9, rows)
        x[np.arange(steps) >= lengths[:, None]] = 0
        lengths[random.integers(rows)] += int(random.integers(-1, 3))
        options = {"batch_first": True, "enforce_sorted": bool(random.random() < 0.1)}
        asked, alone = packviz.check(x, lengths, **options), packviz.check(x, lengths, **options, ask=False)
        assert [f.code for f in alone.findings] == [f.code for f in asked.findings]
        tied = not options["enforce_sorted"] and len(np.unique(lengths)) < rows
        for ours, theirs in zip(alone.findings, asked.findings, strict=True):
            same = told(ours) | {"detail": ""} == told(theirs) | {"detail": ""}
            assert same
            assert ours.detail == theirs.detail or (tied and "data[" in theirs.detail)
            assert not (tied and "data[" in ours.detail)
