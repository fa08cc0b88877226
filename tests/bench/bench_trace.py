"""Stepping an LSTM over packed data with every state kept, against nn.LSTM on the same packed batch."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from packviz.torch_side.stepping.walk import walk
from tests.bench.table import Row, interleaved

LARGE = (256, 512, 64, 256)
SMALL = (32, 64, 32, 64)
STACKED = {"num_layers": 2, "bidirectional": True}


def rows() -> list[Row]:
    """A large batch on the CPU and on a GPU, also through two layers in both directions, and a small one on the CPU."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [
            _row(LARGE, "cpu", "nn.LSTM forward", 1.2, repeats=5),
            _row(LARGE, "cuda", "cuDNN nn.LSTM", 5.0, repeats=9),
            _row(LARGE, "cpu", "nn.LSTM forward", 1.3, repeats=3, **STACKED),
            _row(LARGE, "cuda", "cuDNN nn.LSTM", 5.0, repeats=5, **STACKED),
            _row(SMALL, "cpu", "nn.LSTM forward", 2.0, repeats=101),
        ]
    finally:
        torch.set_num_threads(threads)


def _row(
    shape: tuple[int, int, int, int], device: str, against: str, target: float, repeats: int, **options: Any
) -> Row:
    kind = "2-layer bidirectional LSTM" if options else "LSTM"
    what = "full trace of a{} {}, B {} T {} F {} H {}, {}".format(
        "" if options else "n", kind, *shape, device.replace("cuda", "GPU")
    )
    if device == "cuda" and not torch.cuda.is_available():
        return Row(what, against, target, math.nan, "no GPU here")
    packed, module = _case(shape, device, options)
    sizes = packed.batch_sizes.tolist()

    def ours() -> None:
        walk(module, packed.data, sizes)
        _wait(device)

    def theirs() -> None:
        with torch.inference_mode():
            module(packed)
        _wait(device)

    mine, torchs = interleaved(ours, theirs, repeats=repeats)
    note = f"{1000 * mine:.1f} ms against {1000 * torchs:.1f} ms; the check against torch is not in it"
    return Row(what, against, target, mine / torchs, note)


def _case(
    shape: tuple[int, int, int, int], device: str, options: dict[str, Any]
) -> tuple[PackedSequence, torch.nn.LSTM]:
    batch, steps, features, hidden = shape
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(batch, steps, features, generator=generator).to(device)
    lengths = torch.randint(1, steps + 1, (batch,), generator=generator)
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    return packed, torch.nn.LSTM(features, hidden, **options).to(device)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
