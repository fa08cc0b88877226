"""Calls that are right, each drawn from a number, in the forms in which people have their batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

FLOATS = (torch.float32,) * 4 + (torch.float16, torch.bfloat16, torch.float64)
WHOLES = (torch.int64,) * 4 + (torch.int32, torch.int16, torch.uint8, torch.int8)
KINDS = ("ids", "sentences", "measured", "measured", "rectified", "one-hot", "constant", "complex", "counted")
FORMS = ("tensor", "tensor", "array", "nested list", "sequences", "packed", "guessed", "mask", "mask and lengths")


@dataclass(frozen=True)
class Correct:
    """`x`, `lengths` and `options`, as packviz.check takes them; `told`: which form they have."""

    told: str
    x: Any
    lengths: Any
    options: dict[str, Any]

    def __str__(self) -> str:
        shape = getattr(self.x, "shape", None) or type(self.x).__name__
        return f"{self.told}: x {shape}, lengths {self.lengths}, {self.options}"


def correct(seed: int) -> Correct:
    """A batch in which nothing is wrong: each row ends with data, and all beyond it is the padding value."""
    dice = np.random.default_rng(seed)
    kind, form = str(dice.choice(KINDS)), str(dice.choice(FORMS))
    rows, steps = (int(dice.choice([1, 2, 3, 4, 5, 8, 17, 33])) for _ in range(2))
    lengths = _lengths(dice, rows, steps)
    batch_first, in_order = bool(dice.random() < 0.6), bool(dice.random() < 0.4)
    if in_order:
        lengths = np.sort(lengths)[::-1].copy()
    data, padding = _data(dice, kind, rows, steps)
    beyond = torch.as_tensor(np.arange(steps) >= lengths[:, None])
    x = data.masked_fill(beyond.reshape(rows, steps, *[1] * (data.ndim - 2)), padding)
    options: dict[str, Any] = {"batch_first": batch_first, "enforce_sorted": in_order}
    if padding:
        options["padding_value"] = padding
    if dice.random() < 0.2:
        options["total_length"] = int(lengths.max() + dice.integers(0, 3))
    told = f"seed {seed}, {kind}, {form}"
    if x.dtype in (torch.float32, torch.float64) and x.ndim == 3 and dice.random() < 0.4:
        options |= _module(dice, x, batch_first)
    laid = x if batch_first else x.transpose(0, 1)
    laid = laid.contiguous() if dice.random() < 0.5 else laid
    match form:
        case "array" if x.dtype != torch.bfloat16:
            return Correct(told, laid.numpy(), lengths.astype(dice.choice(["int64", "int32", "uint8"])), options)
        case "nested list" if x.dtype != torch.bfloat16 and padding == padding and not x.is_complex():
            plain = {torch.float32, torch.float64, torch.int64}
            if x.dtype in plain and "module" not in options:
                return Correct(told, laid.tolist(), lengths.tolist(), options)
        case "sequences":
            options.pop("total_length", None)
            return Correct(told, [row[:n].clone() for row, n in zip(x, lengths, strict=True)], None, options)
        case "packed":
            return Correct(told, _packed(dice, laid, x, lengths, options), None, {**options, "enforce_sorted": True})
        case "guessed":
            return Correct(told, laid, None, options)
        case "mask" | "mask and lengths":
            given = torch.as_tensor(lengths) if form == "mask and lengths" else None
            return Correct(told, laid, given, {**options, "mask": _mask(dice, beyond, int(lengths.max()))})
    return Correct(told, laid, torch.as_tensor(lengths) if dice.random() < 0.7 else lengths.tolist(), options)


def _lengths(dice: np.random.Generator, rows: int, steps: int) -> np.ndarray:
    longest = max(1, steps // 2) if dice.random() < 0.15 else steps
    lengths = dice.integers(1, longest + 1, rows)
    match dice.choice(["any", "any", "any", "full", "one"], p=[0.3, 0.3, 0.2, 0.1, 0.1]):
        case "full":
            lengths[:] = steps
        case "one":
            lengths[:] = 1
        case _ if dice.random() < 0.8:
            lengths[dice.integers(rows)] = longest
    return np.asarray(lengths)


def _data(dice: np.random.Generator, kind: str, rows: int, steps: int) -> tuple[Tensor, float]:
    """(B, T, *) of data that never is the padding value in a last cell, and the padding value."""
    if kind in ("ids", "sentences"):
        dtype = WHOLES[dice.integers(len(WHOLES))]
        padding = float(dice.choice([0, 0, 1])) if dtype == torch.uint8 else float(dice.choice([0, 0, 1, -1, -100]))
        ids = torch.as_tensor(dice.integers(3, int(dice.choice([5, 30, 120])), (rows, steps))).to(dtype)
        if kind == "sentences":
            ids[:, 0] = 2  # as each sentence begins; how it ends is data like any other
        return ids, int(padding)
    features: tuple[int, ...] = ((1,), (3,), (8,), (2, 2))[dice.integers(4)]
    dtype = FLOATS[dice.integers(len(FLOATS))]
    values = dice.normal(0.2, 1, (rows, steps, *features))
    values += np.sign(values) * 0.01  # never a 0 by chance
    match kind:
        case "rectified":
            values = np.maximum(values, 0)
            values[..., 0] += 0.5
        case "one-hot":
            values = np.eye(max(2, features[0]))[dice.integers(0, max(2, features[0]), (rows, steps))]
        case "constant":
            values[:] = 1.5
        case "counted":
            values = np.cumsum(np.abs(values), axis=1)
        case "complex":
            return torch.as_tensor(values + 1j * values[::-1]).to(torch.complex64), 0
    padding = float(dice.choice([0, 0, 0, -1, -11.5, np.nan]))
    return torch.as_tensor(values).to(dtype), padding


def _module(dice: np.random.Generator, x: Tensor, batch_first: bool) -> dict[str, Any]:
    """A module that fits, and in some calls its initial state."""
    kind = (nn.LSTM, nn.GRU, nn.RNN)[dice.integers(3)]
    layers, both = int(dice.integers(1, 3)), bool(dice.random() < 0.5)
    torch.manual_seed(0)
    module = kind(x.shape[2], 4, layers, bidirectional=both, batch_first=batch_first, dtype=x.dtype)
    if dice.random() < 0.5:
        return {"module": module}
    state = torch.zeros(layers * (1 + both), x.shape[0], 4, dtype=x.dtype)
    return {"module": module, "hx": (state, state.clone()) if kind is nn.LSTM else state}


def _packed(dice: np.random.Generator, laid: Tensor, x: Tensor, lengths: np.ndarray, options: dict[str, Any]) -> Any:
    if dice.random() < 0.5:
        rows = [row[:n] for row, n in zip(x, lengths, strict=True)]
        return pack_sequence(rows, enforce_sorted=options["enforce_sorted"])
    return pack_padded_sequence(laid, torch.as_tensor(lengths), options["batch_first"], options["enforce_sorted"])


def _mask(dice: np.random.Generator, beyond: Tensor, longest: int) -> Tensor:
    """True at data or at padding, of either layout, of booleans or of 0 and 1, of T steps or of the longest."""
    mask = beyond if dice.random() < 0.3 else ~beyond
    mask = mask[:, :longest] if longest > 1 and dice.random() < 0.2 else mask  # one step may be anything
    mask = mask.T if dice.random() < 0.3 else mask
    return mask.to((torch.bool, torch.bool, torch.int64, torch.float32)[dice.integers(4)])
