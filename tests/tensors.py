"""Tensors of every dtype that a batch may be of, and lists of them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

from packviz.core.batch import Batch

DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.uint8,
    torch.bool,
]


@st.composite
def sequences(draw: st.DrawFn) -> list[torch.Tensor]:
    """A list of sequences, (length, *) each, of the same features and dtype."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    lengths = draw(st.lists(st.integers(1, 7), min_size=1, max_size=24))
    features = draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    dtype = draw(st.sampled_from(DTYPES))
    return [torch.from_numpy(rng.integers(0, 9, (n, *features))).to(dtype) for n in lengths]


def as_tensor(batch: Batch) -> torch.Tensor:
    """x of a batch as torch has it."""
    return torch.from_numpy(batch.x.copy()).to(getattr(torch, batch.dtype))
