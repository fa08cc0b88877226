"""Memory is given back where it can be, and nothing is done for little."""

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

from packviz.torch_side import memory


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc"
)
def test_freed_memory_goes_back_to_the_system():
    small = [np.ones(12_000) for _ in range(1000)]  # below the size that malloc maps on its own
    kept = small[-1]
    before = resident()
    del small
    memory.give_back(memory.WORTH)
    assert resident() < before - 10_000
    assert kept.sum() == 12_000


def test_a_small_batch_is_not_worth_it(monkeypatch):
    def unexpected(name):
        raise AssertionError(name)

    monkeypatch.setattr(ctypes, "CDLL", unexpected)
    memory.give_back(memory.WORTH - 1)
