"""How many of torch's threads a small run takes: one, where more would cost more than they do.

torch.set_num_threads is no way to say so in a process that is the user's: it is also the number of every thread that
first computes afterwards, and it turns off, for good, that MKL takes no more threads than there are cores. OpenMP's own
number belongs to the thread that sets it, and to nobody else; so that one is set here, and put back.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from packviz.core.module import Module

if TYPE_CHECKING:
    from torch.nn.utils.rnn import PackedSequence

WORTH_THREADS = 2**20
"""Multiplications a step from which on several threads are faster: below, waking them takes longer than the work."""

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def step_work(module: Module, packed: PackedSequence) -> int:
    """Multiplications of a run over a packed batch, of one layer and direction, as a mean over its steps; WORTH_THREADS
    of a module of which nothing is known, or that is not on the CPU."""
    if module.cell is None or module.device != "cpu":
        return WORTH_THREADS
    rows, steps = packed.data.shape[:1].numel(), max(packed.batch_sizes.numel(), 1)
    return rows * GATES[module.cell] * module.hidden * ((module.input_size or 1) + module.hidden) // steps


@contextmanager
def threads_that_help(work: int) -> Iterator[None]:
    """Runs inside with one of torch's threads where a step has less `work` than WORTH_THREADS, else with all of them.

    Nothing but what this very thread does inside is touched, whatever is raised. Where torch's OpenMP can't be had, or
    where the user has called torch.set_num_threads, so that MKL goes by that, all of them may run all the same.
    """
    import torch

    before = torch.get_num_threads()
    openmp = _openmp() if work < WORTH_THREADS and before > 1 else None
    if openmp is None:
        yield
        return
    openmp.omp_set_num_threads(1)
    try:
        yield
    finally:
        openmp.omp_set_num_threads(before)


@cache
def _openmp() -> ctypes.CDLL | None:
    """The OpenMP that torch computes with; None where it can't be had, or where another one answers to its name."""
    import torch

    before = torch.get_num_threads()
    try:
        library = ctypes.CDLL(None)
        library.omp_set_num_threads(before + 1)
    except (OSError, AttributeError, TypeError):  # no such name, or Windows, where every library has its own
        return None
    is_torchs = bool(torch.get_num_threads() == before + 1)
    library.omp_set_num_threads(before)
    return library if is_torchs else None
