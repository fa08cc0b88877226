"""PackedSequences as they are made by hand: most of them contradict themselves, some in several ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence

from packviz.core.carrier import PackedFields

Fields = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None, torch.Tensor | None]

SIZES = st.lists(st.integers(-1, 6), max_size=6)
INDICES = st.lists(st.integers(-1, 6), max_size=6)
DTYPES = (torch.int64,) * 6 + (torch.int32, torch.float32, torch.uint8)


@st.composite
def hand_made(draw: st.DrawFn) -> Fields:
    """data, batch_sizes, sorted_indices and unsorted_indices: those of a packed batch, each as it is or another."""
    lengths = sorted(draw(st.lists(st.integers(1, 5), min_size=1, max_size=5)), reverse=True)
    sizes = [sum(n > t for n in lengths) for t in range(lengths[0])]
    order = draw(st.permutations(range(len(lengths))))
    back = np.argsort(order).tolist()
    count = sum(sizes)
    wrong = draw(
        st.sets(st.sampled_from(["sizes", "size", "count", "order", "back", "dtype", "shape", "alone", "none"]))
    )
    if "sizes" in wrong:
        sizes = draw(SIZES)
    if "size" in wrong and sizes:
        sizes[draw(st.integers(0, len(sizes) - 1))] += draw(st.sampled_from([-2, -1, 1, 2]))
    if "count" in wrong:
        count = draw(st.integers(0, 8))
    if "order" in wrong:
        order = draw(INDICES)
    if "back" in wrong:
        back = draw(st.one_of(INDICES, st.permutations(back)))
    features = draw(st.sampled_from([(), (1,), (2,)]))
    data = torch.arange(count * max(1, sum(features)), dtype=torch.float32).add(1).reshape(count, *features)
    dtype = draw(st.sampled_from(DTYPES)) if "dtype" in wrong else torch.int64
    batch_sizes = torch.tensor(sizes, dtype=torch.int64).to(dtype)
    if "shape" in wrong:
        batch_sizes = batch_sizes[None]
    kinds = [torch.int64, draw(st.sampled_from(DTYPES)) if "dtype" in wrong else torch.int64]
    indices: list[Any] = [
        torch.tensor(part, dtype=torch.int64).to(kind) for part, kind in zip((order, back), kinds, strict=True)
    ]
    if "none" in wrong:
        indices = [None, None]
    elif "alone" in wrong:
        indices[draw(st.integers(0, 1))] = None
    return data, batch_sizes, *indices


def made(fields: Fields) -> PackedSequence:
    """The PackedSequence that has just these fields: the constructor would add what is missing, or refuse."""
    return PackedSequence._make(fields)


def held(fields: Fields) -> PackedFields:
    """The same as packviz holds them."""
    return PackedFields(*(None if part is None else part.numpy() for part in fields))


def agree(fields: Fields) -> bool:
    """Whether packing can have made them: told by hand, number by number."""
    data, sizes, order, back = fields
    if sizes.dtype is not torch.int64 or sizes.dim() != 1 or not len(sizes):
        return False
    steps = sizes.tolist()
    if min(steps) < 1 or steps != sorted(steps, reverse=True) or sum(steps) != len(data):
        return False
    if order is None or back is None:
        return order is None and back is None
    if order.dtype not in (torch.int64, torch.int32) or back.dtype not in (torch.int64, torch.int32):
        return False
    rows = order.tolist()
    return sorted(rows) == list(range(steps[0])) and back.tolist() == [rows.index(row) for row in range(steps[0])]
