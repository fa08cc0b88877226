"""Progress and cancellation."""

from __future__ import annotations

import pytest

from packviz.core.cancel import UNWATCHED, Cancelled, Watch


def test_a_step_reports_a_fraction_between_nought_and_one():
    heard: list[float] = []
    watch = Watch(heard.append)
    for fraction in (-1.0, 0.5, 7.0):
        watch.step(fraction)
    assert heard == [0.0, 0.5, 1.0]


def test_work_that_shall_stop_reports_no_more():
    heard: list[float] = []
    with pytest.raises(Cancelled):
        Watch(heard.append, lambda: True).step(0.5)
    assert heard == []


def test_nobody_need_watch():
    UNWATCHED.step(0.5)
    UNWATCHED.check()
