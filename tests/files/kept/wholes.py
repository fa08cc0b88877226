"""Batches of all kinds, and whether two of them are the same to the bit."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call
from packviz.core.module import Module, StateFacts, Stored, held_module
from packviz.files.objects import to_batch
from tests.hand_made import hand_made, made

DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool", "complex64", "complex128")
VALUES = (0.0, -0.0, 1.5, float("nan"), float("inf"), -3.0)


@st.composite
def xs(draw: st.DrawFn, rows: int, steps: int, batch_first: bool) -> torch.Tensor:
    features = draw(st.sampled_from([(), (1,), (2,), (0,), (2, 2)]))
    dtype = getattr(torch, draw(st.sampled_from(DTYPES)))
    numbers = draw(st.lists(st.sampled_from(VALUES), min_size=8, max_size=8))
    shape = (rows, steps, *features) if batch_first else (steps, rows, *features)
    count = int(np.prod(shape))
    flat = torch.tensor((numbers * (count // 8 + 1))[:count], dtype=torch.float64)
    if not (dtype.is_floating_point or dtype.is_complex):
        flat = torch.nan_to_num(flat, 2, 3).abs()
    return flat.to(dtype).reshape(shape)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Padded ones with lengths right and wrong, guessed, masks; sequences; PackedSequences, also by hand."""
    rows, steps = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    call = Call(draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([0, 1.5, float("nan"), -(2**60)])))
    kind = draw(st.sampled_from(["padded", "guessed", "masked", "sequences", "packed", "made", "floats", "meta"]))
    x: Any = draw(xs(rows, steps, call.batch_first))
    options = frozenset(("batch_first", "enforce_sorted", "padding_value"))
    lengths: Any = torch.tensor(draw(st.lists(st.integers(-1, steps + 1), max_size=rows + 1)), dtype=torch.int64)
    mask = None
    if kind in ("guessed", "masked"):
        lengths = None
    if kind == "masked":
        mask = torch.zeros(x.shape[:2], dtype=torch.bool)
        mask[0] = True
    if kind == "floats":
        lengths = lengths.to(torch.float64) + 0.5
    if kind == "meta":
        lengths = torch.empty(rows, dtype=torch.int64, device="meta")
    if kind == "sequences":
        x, lengths = [torch.ones(n + 1, 2) for n in range(rows)], None
    if kind == "packed":
        x, lengths = torch.nn.utils.rnn.pack_sequence([torch.ones(n + 1) for n in range(rows)], False), None
    if kind == "made":
        x, lengths = made(draw(hand_made())), None
    return to_batch(x, lengths, call, options_given=options, mask=mask)


@st.composite
def modules(draw: st.DrawFn) -> Module | None:
    kind = draw(st.sampled_from(["none", "drawn", "held", "stored"]))
    if kind == "stored":
        built = torch.nn.LSTM(2, 3, draw(st.integers(1, 2)), bidirectional=draw(st.booleans()))
        arrays = {name: value.detach().numpy() for name, value in built.named_parameters()}
        return Module(weights=Stored("w.pt", arrays, prefix="encoder."))
    if kind == "held":
        hx = draw(st.sampled_from([None, (StateFacts((1, 2, 6)), None)]))
        return held_module("GRU", 2, 5, layers=2, hx=hx, batch_first=True)
    if kind == "drawn":
        return Module("RNN", draw(st.integers(1, 9)), seed=3, nonlinearity="relu", initial="drawn", directions=2)
    return None


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to the bit; arrays in their dtype, too."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, part.name), getattr(other, part.name)) for part in fields(one))
    return bool(one == other or (one != one and other != other))
