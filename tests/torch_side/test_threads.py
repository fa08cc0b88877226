"""A small run takes one of torch's threads, and nobody else is told: asked in a process that has several."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.module import Module, held_module
from packviz.torch_side.threads import WORTH_THREADS, step_work

HEAD = """
import threading
import numpy as np, torch, packviz
from packviz.torch_side.threads import WORTH_THREADS, threads_that_help

def elsewhere(ask):
    told = []
    thread = threading.Thread(target=lambda: told.append(ask()))
    thread.start(); thread.join()
    return told[0]

def numbers():
    return torch.get_num_threads(), elsewhere(torch.get_num_threads)

def seen_by(check):
    "How many threads torch has at each run of an LSTM."
    seen, kernel = [], torch._VF.lstm
    def watched(*words):
        seen.append(numbers())
        return kernel(*words)
    torch._VF.lstm = watched
    try:
        check()
    finally:
        torch._VF.lstm = kernel
    return seen

def check(rows=32, **more):
    x = np.ones((rows, 60, 8), dtype=np.float32)
    return packviz.check(x, [60] * rows, batch_first=True, **more)

torch.set_num_threads(4)  # whatever the machine has
"""


def told(code: str) -> list[str]:
    """What a process with four threads prints, a line each."""
    command = [sys.executable, "-c", HEAD + code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout.splitlines()


def facts(**more: object) -> Module:
    return held_module(**more)  # type: ignore[arg-type]


def test_the_work_of_a_step_is_its_multiplications() -> None:
    packed = pack_padded_sequence(torch.ones(3, 4, 5), [4, 2, 2], batch_first=True)  # 8 rows of data in 4 steps
    assert step_work(facts(input_size=5), packed) == 8 * (4 * 6) * (5 + 6) // 4
    assert step_work(facts(input_size=5, cell="GRU"), packed) == 8 * (3 * 6) * (5 + 6) // 4
    assert step_work(facts(input_size=5, cell="RNN"), packed) == 8 * 6 * (5 + 6) // 4
    assert step_work(facts(cell=None), packed) == WORTH_THREADS
    assert step_work(facts(device="cuda:0"), packed) == WORTH_THREADS


@pytest.mark.skipif(sys.platform != "linux", reason="where torch's OpenMP has another name, all threads run")
def test_a_small_run_takes_one_thread_and_a_large_one_all() -> None:
    small, large, around = told("""
large = torch.nn.LSTM(8, 256, batch_first=True)
print(seen_by(check))
print(seen_by(lambda: check(module=large)))
print(numbers())
""")
    assert small == "[(1, 4)]"  # and every other thread has all of them at the same time
    assert large == "[(4, 4)]"
    assert around == "(4, 4)"


def test_whatever_happens_the_process_has_the_threads_that_it_had() -> None:
    lines = told("""
class Odd(Exception):
    pass
try:
    with threads_that_help(1):
        raise Odd
except Odd:
    print(numbers())
report = check(module=torch.nn.LSTM(8, 6), hx=torch.zeros(1, 32, 6))
print(report.verdict.run.ok, *numbers())
torch.set_num_threads(3)
check()
print(numbers())
with threads_that_help(1), threads_that_help(1):
    pass
print(numbers())
""")
    assert lines == ["(4, 4)", "False 4 4", "(3, 3)", "(3, 3)"]


def test_threads_that_ask_at_the_same_time_do_not_see_each_other() -> None:
    [seen] = told("""
both, wrong = threading.Barrier(3), []
def small():
    for _ in range(200):
        with threads_that_help(1):
            wrong.append(torch.get_num_threads() not in (1, 4))
        wrong.append(torch.get_num_threads() != 4)
def large():
    for _ in range(200):
        with threads_that_help(WORTH_THREADS):
            wrong.append(torch.get_num_threads() != 4)
def run(work):
    both.wait()
    work()
threads = [threading.Thread(target=run, args=(work,)) for work in (small, small, large)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(any(wrong), *numbers())
""")
    assert seen == "False 4 4"


def test_a_module_of_ones_own_may_change_the_threads_and_has_all_of_them() -> None:
    lines = told("""
class Own(torch.nn.Module):
    def forward(self, packed):
        print(torch.get_num_threads())
        torch.set_num_threads(2)
        return packed
check(module=Own())
print(numbers())
""")
    assert lines == ["4", "(4, 4)"]
