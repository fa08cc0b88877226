"""A data loader is iterated and is then as it was: its generators, its workers, and torch's random numbers."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

WITHIN = ("sampler", "batch_sampler", "dataset")
"""The parts of a loader that may hold a generator of their own."""


@contextmanager
def loader_as_it_was(loader: Any) -> Iterator[None]:
    """Inside, a loader may be iterated from its start; afterwards the random numbers of Python, NumPy and torch, on all
    devices in use, and the generators that the loader and its samplers hold are what they were, and so is the iterator
    that a loader with persistent workers keeps: one that is in the middle of an epoch goes on there.

    What the dataset itself counts, reads or draws elsewhere can't be put back.
    """
    python, legacy = random.getstate(), np.random.get_state()
    kept = [(generator, generator.get_state()) for generator in _generators(loader)]
    attributes = getattr(loader, "__dict__", {})
    iterator = attributes.get("_iterator")
    if iterator is not None:
        loader._iterator = None
    try:
        yield
    finally:
        if "_iterator" in attributes:
            loader._iterator = iterator
        for generator, state in kept:
            generator.set_state(state)
        np.random.set_state(legacy)
        random.setstate(python)


def _generators(loader: Any) -> list[torch.Generator]:
    """torch's own generators and those of the loader, each once; none where torch is not in use."""
    loaded: Any = sys.modules.get("torch")
    if loaded is None or not hasattr(loaded, "default_generator"):
        return []
    found: list[torch.Generator] = [loaded.default_generator]
    if loaded.cuda.is_initialized():
        found.extend(loaded.cuda.default_generators)
    ahead, known = [loader], set[int]()
    while ahead:
        part = ahead.pop()
        if part is None or id(part) in known:
            continue
        known.add(id(part))
        held = getattr(part, "__dict__", {})
        generator = held.get("generator")
        if isinstance(generator, loaded.Generator) and all(generator is not other for other in found):
            found.append(generator)
        ahead.extend(held.get(name) for name in WITHIN)
    return found
