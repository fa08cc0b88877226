"""The law is held against functions that are known to keep it or to break it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from packviz.core.batch import Batch
from packviz.core.breaches import PROBED
from packviz.core.findings import Severity
from packviz.core.probing import ProbeReport
from packviz.torch_side.probe.calls import probe_callable
from tests.torch_side.probe.functions import LENGTHS, RIGHT, WIDTH, WRONG
from tests.torch_side.probe.test_calls import batch_of


def law_batch(batch_first: bool = True, lengths: Any = LENGTHS, steps: int = 7, seed: int = 0) -> Batch:
    x = np.random.default_rng(seed).normal(0.3, 1, (len(lengths), steps, WIDTH)).astype(np.float32)
    x[np.arange(steps) >= np.array(lengths)[:, None]] = 0
    return batch_of(x, lengths, batch_first)


def found(report: ProbeReport) -> dict[str, tuple[int, ...]]:
    return {f.code: f.rows for f in report.findings if f.severity is not Severity.NOTE}


def test_there_are_enough_of_them() -> None:
    assert len(RIGHT) >= 30
    assert len(WRONG) >= 40


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_clean(name: str) -> None:
    right = RIGHT[name]
    report = probe_callable(right.make(), law_batch(right.batch_first))
    assert found(report) == {}, str(report)
    assert report.ok, str(report)
    assert report.broken == ""


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_gets_its_code_and_its_rows(name: str) -> None:
    wrong = WRONG[name]
    report = probe_callable(wrong.make(), law_batch(wrong.batch_first))
    assert found(report) == {wrong.code: tuple(wrong.rows)}, str(report)
    assert not report.ok
    [finding] = [f for f in report.findings if f.code == wrong.code]
    assert finding.severity is PROBED[wrong.code].severity
    assert finding.detail.endswith(".")
    assert finding.fix
