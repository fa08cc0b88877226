"""A training script with one bad batch in 2,000: `packviz run` finds it, and it is on top of the recording."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from packviz.core.findings import Severity
from packviz.core.noted import NotedCall
from packviz.files.kept.recordings import kept_call, read_recording

ROOT = Path(__file__).parents[2]
BATCHES, BAD = 2000, 1234
TRAIN = f"""
import torch
from torch import nn, optim
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(0)
net, head = nn.GRU(2, 4, batch_first=True), nn.Linear(4, 1)
step = optim.SGD([*net.parameters(), *head.parameters()], lr=0.01)
total = 0.0
for number in range({BATCHES}):
    lengths = torch.randint(1, 9, (4,))
    lengths[number % 4] = 8
    x = torch.randn(4, 8, 2)
    x[torch.arange(8)[None] >= lengths[:, None]] = 0
    if number == {BAD}:
        x[3, 2:], lengths[3] = 0, 5
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    learns = number % 20 == 0  # the others are for the mean alone
    with torch.set_grad_enabled(learns):
        _, h_n = net(packed)
        loss = head(h_n[-1]).square().mean()
    if learns:
        step.zero_grad()
        loss.backward()
        step.step()
    total += loss.item()
print(f"{{total:.4f}}")
"""
LINE = 1 + TRAIN.splitlines().index(
    "    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
)


def rank(call: NotedCall) -> int:
    return len(Severity) if call.worst is None else call.worst.rank


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_bad_call_is_the_worst_of_the_recording(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-m", "packviz", "run", "train.py"]
    told = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert told.stdout.count("\n") == 1
    assert f"packviz: 1 of {2 * BATCHES:,} calls around packing is wrong" in told.stderr
    assert f"length-counts-padding  at train.py:{LINE} in call {2 * BAD + 1:,}" in told.stderr

    recording = read_recording(tmp_path / "train.packviz")
    assert len(recording.calls) == 2 * BATCHES
    worst = min(recording.calls, key=rank)
    assert worst.number == 2 * BAD + 1
    assert (worst.site.line, worst.findings[0]) == (LINE, ("length-counts-padding", Severity.SILENT))
    assert worst.kept
    assert kept_call(tmp_path / "train.packviz", worst.number).batch.lengths[3] == 5
