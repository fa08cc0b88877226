"""What recording costs a program whose calls are right: of a training step, and of a call that packs a small batch."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.torch_side.recording.notes import NOTES
from packviz.torch_side.recording.recorder import Recorder
from packviz.torch_side.recording.waiting import MOST
from tests.bench.table import Row, seconds

B, T, F, H, LAYERS = 64, 200, 32, 256, 2
STEPS = 5
SMALL = (32, 60)
WARM = 250
"""Calls before those that are measured: more than are held."""
CALLS, TURNS = MOST, 30

Side = Callable[[], object]


def rows() -> list[Row]:
    """A row for each kind of call, and one for a training step."""
    torch.manual_seed(0)
    return [*(call(what, side) for what, side in calls().items()), each_of_three(), step()]


def step() -> Row:
    """Forward, backward and optimiser of a stacked LSTM, with and without."""
    model, head = nn.LSTM(F, H, LAYERS, batch_first=True), nn.Linear(H, 1)
    optimiser = torch.optim.Adam([*model.parameters(), *head.parameters()])
    x, lengths = batch(B, T, F)

    def train() -> None:
        optimiser.zero_grad()
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(model(packed)[0], batch_first=True)
        head(out).square().mean().backward()
        optimiser.step()

    plain, recorded = with_and_without(train, STEPS, 1)
    note = f"{1000 * recorded:.0f} ms against {1000 * plain:.0f} ms"
    what = f"a training step, recorded: {LAYERS}-layer LSTM, B {B}, T {T}, F {F}, H {H}"
    return Row(what, "the step alone", 1.05, recorded / plain, note)


def call(what: str, side: Side) -> Row:
    """What a call takes longer where it is recorded and nothing is flagged of it."""
    plain, recorded = with_and_without(side, TURNS, CALLS)
    note = f"{1e6 * recorded:.0f} µs against {1e6 * plain:.0f} µs"
    return Row(what, "the call alone", 200.0, 1e6 * (recorded - plain), note, unit=" µs more")


def each_of_three() -> Row:
    """What each call takes longer of a batch that is packed, run and unpacked, one after the other, as programs do."""
    rows, steps = SMALL
    x, lengths = batch(rows, steps, 16)
    module = nn.GRU(16, 16, batch_first=True)

    def side() -> object:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(module(packed)[0], batch_first=True)

    plain, recorded = with_and_without(side, TURNS, CALLS)
    note = f"all three {1e6 * recorded:.0f} µs against {1e6 * plain:.0f} µs"
    what = f"packed, through nn.GRU, unpacked, recorded: {rows} × {steps} × 16, each call"
    return Row(what, "the call alone", 200.0, 1e6 * (recorded - plain) / 3, note, unit=" µs more")


def calls() -> dict[str, Side]:
    """The calls over a small batch: of ids, of features, and those that follow packing."""
    rows, steps = SMALL
    x, lengths = batch(rows, steps, 16)
    ids = x[:, :, 0].mul(100).long()
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    module = nn.GRU(16, 16, batch_first=True)
    size = f"{rows} × {steps}"
    return {
        f"pack_padded_sequence, recorded: {size}": lambda: pack_padded_sequence(ids, lengths, True, False),
        f"pack_padded_sequence, recorded: {size} × 16": lambda: pack_padded_sequence(x, lengths, True, False),
        f"pad_packed_sequence, recorded: {size} × 16": lambda: pad_packed_sequence(packed, True),
        f"nn.GRU, recorded: {size} × 16": lambda: module(packed),
    }


def batch(rows: int, steps: int, features: int) -> tuple[Tensor, Tensor]:
    """A right one, padded with 0."""
    lengths = torch.randint(steps // 2, steps + 1, (rows,))
    x = torch.rand(rows, steps, features) + 1
    return x * (torch.arange(steps) < lengths[:, None])[..., None], lengths


def several(side: Side, calls: int) -> None:
    """So many calls, one after the other."""
    for _ in range(calls):
        side()


def with_and_without(side: Side, turns: int, calls: int) -> tuple[float, float]:
    """Seconds of one call alone and recorded, each the mean of a turn, in which all that waits is looked at once. They
    take turns, and what counts is how much longer a turn takes than the one after it, of which that in the middle: a
    slow spell hits both."""
    plain, recorded = [], []
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(str(Path(folder) / "bench.packviz"))
        recorder.start()
        try:
            for _ in range(WARM if calls > 1 else 1):
                side()  # what is looked at the first time, and memory that is had for the first time
            for _ in range(turns):
                recorded.append(seconds(lambda: several(side, calls)) / calls)
                NOTES.remove(recorder)
                plain.append(seconds(lambda: several(side, calls)) / calls)
                NOTES.add(recorder)
        finally:
            recorder.stop()
    alone = statistics.median(plain)
    return alone, alone + statistics.median(one - other for one, other in zip(recorded, plain, strict=True))
