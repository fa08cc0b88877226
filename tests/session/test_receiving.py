from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module, Stored
from packviz.session import receiving
from packviz.session.receiving import MOST, newest


def batch() -> Batch:
    return make_batch(np.ones((2, 3), np.float32), [3, 2], Call(True, False))


def module(size: int) -> Module:
    numbers = np.zeros((size, 1), np.float32)
    return Module().with_weights(Stored("x", {"weight_ih_l0": numbers}, states=(None, numbers)))


def test_of_many_the_newest_stay() -> None:
    assert newest([]) == 0
    assert newest([(batch(), None) for _ in range(MOST)]) == MOST
    assert newest([(batch(), None) for _ in range(MOST + 7)]) == MOST


def test_their_memory_is_bounded_and_one_stays_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES", 3 * 24)  # an x has 24 bytes
    assert newest([(batch(), None) for _ in range(9)]) == 3
    one = batch()
    assert newest((one, None) for _ in range(9)) == 9  # they share it
    assert newest([(batch(), module(4)), (batch(), None), (batch(), None)]) == 1  # its numbers have 32 bytes
    assert newest([(batch(), module(1000)), (batch(), None)]) == 1
