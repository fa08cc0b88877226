"""Memory is given back where it can be, and nothing is done for little."""

import ctypes
import subprocess
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


THREADS_FREE = """
import threading
from pathlib import Path
import numpy as np
from packviz.torch_side import memory

def resident():
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096

def work():
    for size in (30 << 20, 9 << 20, 9 << 20):  # a freed block of 30 MiB has glibc keep up to 60
        blocks = [np.ones(size, np.uint8) for _ in range(3)]
        del blocks

if {asked}:
    memory.keep_little()
before = resident()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs glibc"
)
def test_what_a_thread_has_freed_does_not_stay_with_it():
    kept = [
        int(
            subprocess.run(
                [sys.executable, "-c", THREADS_FREE.format(asked=asked)], capture_output=True, check=True
            ).stdout
        )
        for asked in (True, False)
    ]
    assert kept[0] < 9 << 20 < kept[1]


def test_a_small_batch_is_not_worth_it(monkeypatch):
    def unexpected(name):
        raise AssertionError(name)

    monkeypatch.setattr(ctypes, "CDLL", unexpected)
    memory.give_back(memory.WORTH - 1)


def test_it_goes_back_after_the_work_and_also_where_that_raises(monkeypatch):
    told = []
    monkeypatch.setattr(memory, "give_back", told.append)
    with memory.giving_back(3):
        assert told == []
    with pytest.raises(KeyError), memory.giving_back(5):
        raise KeyError
    assert told == [3, 5]
