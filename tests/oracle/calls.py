"""Calls as people make them, right and wrong: drawn from a number, so that each can be made again by it alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence

FLOATS = (torch.float32, torch.float32, torch.float32, torch.float64, torch.float16, torch.bfloat16)
WHOLE = (torch.int64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
DTYPES = (*FLOATS, *FLOATS, *WHOLE, torch.complex64, torch.complex128)
LENGTH_DTYPES = (
    torch.int64,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.uint8,
    torch.float32,
    torch.float64,
    torch.float16,
)
KINDS = ("padded",) * 8 + ("sequences", "packed")


@dataclass
class CallMade:
    """One call: `kind` says which; `x` a tensor, a list of tensors or the fields of a PackedSequence."""

    seed: int
    kind: str
    x: Any
    lengths: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    module: Any = None
    hx: Any = None

    def __str__(self) -> str:
        x = [tuple(row.shape) for row in self.x] if self.kind == "sequences" else self.x
        told = f"{self.kind} x={x!r} lengths={self.lengths!r} {self.options}"
        return f"call {self.seed}: {told} {self.module} hx={self.hx!r}"


def call_of(seed: int) -> CallMade:
    """The call of that number; the same one every time."""
    dice = random.Random(seed)
    options: dict[str, Any] = {
        "batch_first": dice.random() < 0.5,
        "enforce_sorted": dice.random() < 0.4,
        "padding_value": dice.choice((0, 0, 0, 0, 0, -1, 1, 0.5, float("nan"))),
        "total_length": dice.choice((None, None, None, None, dice.randint(-1, 8))),
    }
    kind = dice.choice(KINDS)
    make = {"padded": _padded, "sequences": _sequences, "packed": _packed}[kind]
    return make(seed, dice, options)


def _padded(seed: int, dice: random.Random, options: dict[str, Any]) -> CallMade:
    rows, steps = dice.randint(0, 6) or dice.randint(0, 6), dice.randint(0, 6) or dice.randint(0, 6)
    if dice.random() < 0.15:
        steps = rows
    features = dice.choice(((), (), (1,), (2,), (3,), (2, 2), (0,) if dice.random() < 0.2 else (1,)))
    dtype = dice.choice(DTYPES)
    lengths = _good_lengths(dice, rows, steps)
    if options["enforce_sorted"] and dice.random() < 0.8:
        lengths.sort(reverse=True)
    x = _grid(seed, dice, lengths, rows, steps, features, dtype, options["padding_value"])
    lengths = _spoiled(dice, lengths, rows, steps)
    if (not options["batch_first"] and dice.random() < 0.9) or (options["batch_first"] and dice.random() < 0.05):
        x = x.transpose(0, 1)
    if dice.random() < 0.03:
        x = x.reshape(-1) if dice.random() < 0.7 or x.numel() != 1 else x.reshape(())
    module, hx = _module(dice, features, dtype, rows) if dice.random() < 0.35 else (None, None)
    return CallMade(seed, "padded", x, _dressed(dice, lengths), options, module, hx)


def _good_lengths(dice: random.Random, rows: int, steps: int) -> list[Any]:
    return [dice.randint(1, max(1, steps)) for _ in range(rows)]


def _grid(
    seed: int,
    dice: random.Random,
    lengths: list[Any],
    rows: int,
    steps: int,
    features: tuple[int, ...],
    dtype: Any,
    pad: Any,
) -> torch.Tensor:
    """x, (B, T, *), of data within the lengths and of padding beyond; now and then with zeros, NaN or left padding."""
    noise = torch.Generator().manual_seed(seed)
    x = torch.randint(1, 6, (rows, steps, *features), generator=noise).to(dtype)
    if dice.random() < 0.3:
        x = torch.randint(0, 3, (rows, steps, *features), generator=noise).to(dtype)
    fill = pad if dice.random() < 0.9 else 0
    if fill != fill and not (dtype.is_floating_point or dtype.is_complex):
        fill = 0
    beyond = torch.arange(steps)[None, :] >= torch.tensor(lengths, dtype=torch.int64).reshape(-1, 1)
    if rows:
        if dice.random() < 0.06:
            beyond = beyond.flip(1)
        x[beyond] = torch.tensor(fill).to(dtype)
    if (dtype.is_floating_point or dtype.is_complex) and x.numel() and dice.random() < 0.1:
        x.view(-1)[dice.randrange(x.numel())] = dice.choice((float("nan"), float("inf"), -float("inf")))
    return x


def _spoiled(dice: random.Random, lengths: list[Any], rows: int, steps: int) -> Any:
    """The lengths with at most a few things wrong."""
    spoil = dice.choice(
        ("", "", "", "", "any", "one", "beyond", "zero", "more", "fewer", "other", "shuffle", "fraction", "odd")
    )
    if spoil == "any":
        return [dice.randint(-1, 7) for _ in range(dice.randint(0, 7))]
    if spoil == "other":
        return [dice.randint(1, max(1, rows)) for _ in range(steps)]
    if spoil == "more":
        return [*lengths, dice.randint(1, max(1, steps))]
    if spoil == "fewer":
        return lengths[:-1]
    if spoil == "shuffle":
        dice.shuffle(lengths)
    elif spoil and lengths:
        at = dice.randrange(len(lengths))
        lengths[at] = {
            "one": dice.randint(1, max(1, steps)),
            "beyond": steps + dice.randint(1, 3),
            "zero": dice.randint(-2, 0),
            "fraction": lengths[at] + dice.choice((0.25, 0.5, 0.9)),
            "odd": dice.choice((float("nan"), float("inf"), -float("inf"), True, 0.9)),
        }[spoil]
    return lengths


def _dressed(dice: random.Random, lengths: list[Any]) -> Any:
    """The lengths as a list, a tuple, an array or a tensor, now and then of another rank or on another device."""
    whole = all(isinstance(n, int) for n in lengths)
    dress = dice.choice(("list", "tuple", "array", "tensor", "tensor", "tensor", "rank", "mask", "meta", "none"))
    if dress in ("rank", "mask", "meta", "none") and dice.random() < 0.6:
        dress = "tensor"
    if dress == "list":
        return list(lengths)
    if dress == "tuple":
        return tuple(lengths)
    if dress == "none":
        return None
    dtype = dice.choice(LENGTH_DTYPES) if whole else dice.choice((torch.float32, torch.float64))
    if dtype is torch.uint8 and any(n < 0 for n in lengths):
        dtype = torch.int64
    tensor = torch.tensor(lengths, dtype=dtype)
    if dress == "array":
        return tensor.numpy()
    if dress == "meta":
        return tensor.to("meta")
    if dress == "mask":
        most = max([1, *(int(n) for n in lengths if n == n and abs(n) < 9)])
        mask = torch.arange(dice.choice((most, most + 1)))[None, :] < tensor[:, None]
        return dice.choice((mask, mask.T, mask.long(), mask.any(1) if mask.numel() else mask))
    if dress == "rank":
        shaped = dice.choice(
            (tensor[:, None], tensor[None, :], tensor[None, :, None], tensor[:1].reshape(()) if lengths else tensor)
        )
        return shaped.tolist() if dice.random() < 0.3 else shaped
    return tensor


def _sequences(seed: int, dice: random.Random, options: dict[str, Any]) -> CallMade:
    noise = torch.Generator().manual_seed(seed)
    dtype, features = dice.choice(DTYPES), dice.choice(((), (1,), (2,), (2, 2)))
    sizes = [dice.randint(1, 6) for _ in range(dice.randint(1, 6))]
    if dice.random() < 0.1:
        sizes[dice.randrange(len(sizes))] = 0
    if dice.random() < 0.5:
        sizes.sort(reverse=True)
    rows = [torch.randint(0, 5, (n, *features), generator=noise).to(dtype) for n in sizes]
    module, hx = _module(dice, features, dtype, len(rows)) if dice.random() < 0.3 else (None, None)
    return CallMade(seed, "sequences", rows, None, options, module, hx)


def _packed(seed: int, dice: random.Random, options: dict[str, Any]) -> CallMade:
    """The four fields of a PackedSequence, most often wrong somewhere."""
    noise = torch.Generator().manual_seed(seed)
    lengths = sorted((dice.randint(1, 5) for _ in range(dice.randint(1, 5))), reverse=True)
    sizes = [sum(n > t for n in lengths) for t in range(lengths[0])]
    count, rows = sum(sizes), len(lengths)
    order = dice.sample(range(rows), rows)
    back = [order.index(r) for r in range(rows)]
    wrong = dice.choice(("", "sizes", "size", "count", "order", "back", "only", "rise"))
    if wrong == "sizes":
        sizes = [dice.randint(-1, 6) for _ in range(dice.randint(0, 6))]
    elif wrong == "size":
        sizes[dice.randrange(len(sizes))] += dice.choice((-1, 1, 2))
    elif wrong == "count":
        count = max(0, count + dice.choice((-2, -1, 1, 2)))
    elif wrong == "order":
        order[dice.randrange(rows)] = dice.randint(0, rows)
    elif wrong == "back":
        dice.shuffle(back)
    elif wrong == "rise":
        sizes.reverse()
    data = torch.randint(1, 6, (count, *dice.choice(((), (1,), (2,)))), generator=noise).float()
    indices = (None, None) if dice.random() < 0.3 else (torch.tensor(order), torch.tensor(back))
    if wrong == "only":
        indices = dice.choice(((torch.tensor(order), None), (None, torch.tensor(back))))
    return CallMade(seed, "packed", (data, torch.tensor(sizes, dtype=torch.int64), *indices), None, options)


def packed_of(call: CallMade) -> PackedSequence:
    """The PackedSequence itself. Constructing one fills in the indices that were left out."""
    data, sizes, order, back = call.x
    return PackedSequence(data, sizes, order, back)


def _module(dice: random.Random, features: tuple[int, ...], dtype: Any, rows: int) -> tuple[Any, Any]:
    """A recurrent module and its initial state, mostly such as fit."""
    kind = dice.choice((torch.nn.LSTM, torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN))
    inputs = features[-1] if features and features[-1] else 1
    if dice.random() < 0.15:
        inputs += dice.choice((1, 2))
    own = dtype if dtype.is_floating_point and dice.random() < 0.85 else torch.float32
    hidden, layers, both = dice.choice((2, 3)), dice.choice((1, 1, 2)), dice.random() < 0.4
    more = {"proj_size": 1} if kind is torch.nn.LSTM and dice.random() < 0.15 else {}
    torch.manual_seed(0)
    module = kind(inputs, hidden, layers, bidirectional=both, dtype=own, **more)
    if dice.random() < 0.55:
        return module, None
    shape = [layers * (2 if both else 1), rows, more.get("proj_size", hidden)]
    if dice.random() < 0.45:
        shape[dice.randrange(3)] += dice.choice((-1, 1, 2))
    shape = [max(0, n) for n in shape]
    if dice.random() < 0.1:
        shape = shape[1:]
    states = own if dice.random() < 0.9 else torch.float64
    h = torch.zeros(shape, dtype=states)
    if kind is not torch.nn.LSTM:
        return module, (h, h) if dice.random() < 0.05 else h
    if dice.random() < 0.05:
        return module, h
    return module, (h, torch.zeros([*shape[:-1], hidden] if dice.random() < 0.9 else shape, dtype=states))


def as_array(lengths: Any) -> np.ndarray:
    """The lengths as torch reads them, int64 of whatever rank; none on another device."""
    tensor = lengths if isinstance(lengths, torch.Tensor) else torch.as_tensor(lengths, dtype=torch.int64)
    return tensor.to(torch.int64).numpy()
