"""Callers over a batch, as the oracles are given them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from packviz.core.batch import Batch
from packviz.core.cancel import UNWATCHED, Watch
from packviz.torch_side.probe.caller import Caller
from packviz.torch_side.probe.fills import padding_of_batch
from packviz.torch_side.probe.layers import at_rest
from packviz.torch_side.probe.reached import reached_by
from packviz.torch_side.probe.results import Part, parts_of, tensors_of


@contextmanager
def calling(
    fn: Callable[..., Any], batch: Batch, lengths: Any = None, watch: Watch = UNWATCHED, takes_lengths: bool = True
) -> Iterator[Caller]:
    """A caller of the function over the batch, and all put back afterwards."""
    reached = reached_by(fn)
    with at_rest(*reached.modules, also=reached.keep) as guard:
        yield Caller(fn, batch, padding_of_batch(batch), guard, torch.device("cpu"), lengths, takes_lengths, watch)


def parts_in(caller: Caller) -> list[Part]:
    """The parts of the result, each with how it is read."""
    try:
        others = caller.another_size()
    except RuntimeError:  # it takes one number of rows only
        others = None
    parts, refusal = parts_of(tensors_of(caller()), tensors_of(others or []) or None, caller.batch)
    assert not refusal
    return parts
