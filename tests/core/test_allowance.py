"""Whoever is nearest says how much: the call, the process, the environment, the default."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from packviz.core.allowance import Allowance
from packviz.core.budget import BYTES, MEMORY
from packviz.core.errors import BatchError
from packviz.core.patience import SECONDS, TIME


@pytest.mark.parametrize(
    ("allowance", "said", "meant", "default"), [(MEMORY, "2G", 2 << 30, BYTES), (TIME, "7 s", 7, SECONDS)]
)
def test_more_or_less_is_allowed_by_the_environment_in_a_thread_and_in_a_process(
    monkeypatch: pytest.MonkeyPatch, allowance: Allowance[Any], said: str, meant: float, default: float
) -> None:
    monkeypatch.setenv(allowance.variable, said)
    assert allowance.most() == meant == allowance.of_environment()
    with allowance.within(5):
        assert allowance.most() == 5
    monkeypatch.setenv(allowance.variable, "plenty")
    with pytest.raises(BatchError):
        allowance.of_environment()
    assert allowance.most() == default
    seen: list[float] = []

    def look() -> None:
        thread = threading.Thread(target=lambda: seen.append(allowance.most()))
        thread.start()
        thread.join()

    with allowance.within(5):
        assert allowance.most() == 5
        look()
    with allowance.within(9, everywhere=True):
        look()
    with allowance.within(None):
        look()
    assert seen == [default, 9, default]
    monkeypatch.delenv(allowance.variable)
    assert (allowance.of_environment(), allowance.most()) == (None, default)


def test_what_was_allowed_is_allowed_no_more_after_an_error() -> None:
    with pytest.raises(KeyError), MEMORY.within(5, everywhere=True):
        raise KeyError
    assert MEMORY.most() == BYTES
