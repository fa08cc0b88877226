"""Random numbers as after torch.manual_seed, without a trace in torch's global generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from packviz.core.quiet import one_at_a_time

if TYPE_CHECKING:
    import torch


@contextmanager
def generator_at(start: int | torch.Tensor | None) -> Iterator[torch.Generator]:
    """torch's CPU generator, seeded with a number, put into a saved state, or (None) as it is; put back at the end.

    Draws inside are those that follow torch.manual_seed(start). Only the generator of the CPU is touched, where
    torch.manual_seed would seed those of all devices: make modules on the CPU, then move them. One thread at a
    time, since the generator is one for the whole process.
    """
    import torch

    with one_at_a_time(), torch.random.fork_rng(devices=[]):
        generator: torch.Generator = torch.default_generator
        if isinstance(start, int):
            generator.manual_seed(start)
        elif start is not None:
            generator.set_state(start)
        yield generator
