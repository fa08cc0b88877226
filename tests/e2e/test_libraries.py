"""Other libraries' own training loops, on generated data: nothing is said where they are right, and a bad row is found.

Off by default, and skipped where they are not installed: `pip install skorch lightning`, then `pytest -m whole`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from packviz.files.kept.recordings import read_recording

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.whole

SKORCH = """
import sys
import numpy as np
import torch
from skorch import NeuralNetRegressor
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(0)
BAD = "bad" in sys.argv


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(3, 8, batch_first=True), nn.Linear(8, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        return self.out(self.gru(packed)[1][-1])


chance = np.random.default_rng(0)
lengths = chance.integers(1, 10, 96)
lengths[::8] = 9
x = chance.normal(size=(96, 9, 3)).astype("float32")
x[np.arange(9)[None] >= lengths[:, None]] = 0
if BAD:
    x[13, 2:], lengths[13] = 0, 4
y = x.sum((1, 2))[:, None]
net = NeuralNetRegressor(Net, max_epochs=3, batch_size=16, iterator_train__shuffle=False, verbose=0)
net.fit({"x": x, "lengths": lengths}, y)
print(net.predict({"x": x, "lengths": lengths}).shape)
"""
LIGHTNING = """
import sys, warnings, logging
warnings.simplefilter("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
import lightning
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

BAD = "bad" in sys.argv


def collate(rows):
    lengths = torch.tensor([len(row) for row in rows])
    x = pad_sequence(rows, batch_first=True)
    if BAD and len(rows[1]) == 7:
        lengths[1] -= 2
    return x, lengths


class Tagger(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(2, 4, batch_first=True, bidirectional=True), nn.Linear(8, 2)

    def training_step(self, batch, number):
        x, lengths = batch
        states, _ = self.lstm(pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False))
        states, lengths = pad_packed_sequence(states, batch_first=True)
        mask = torch.arange(states.shape[1])[None] < lengths[:, None]
        return self.out(states)[mask].square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


if __name__ == "__main__":
    torch.manual_seed(0)
    rows = [torch.rand(n, 2) + 0.1 for n in [9, 7, 3, 2, 9, 5, 5, 1] * 4]
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", enable_model_summary=False, **quiet)
    trainer.fit(Tagger(), DataLoader(rows, batch_size=4, collate_fn=collate, num_workers=int(sys.argv[1])))
    print(trainer.global_step)
"""


def ran(text: str, folder: Path, *words: str) -> str:
    """What `packviz run` says of it; its output and its exit code are those of python."""
    (folder / "train.py").write_text(text)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ends = []
    for before in ((), ("-m", "packviz", "run")):
        line = [sys.executable, *before, "train.py", *words]
        ends.append(subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True))
    plain, told = ends
    assert (told.returncode, told.stdout) == (plain.returncode, plain.stdout)
    assert plain.returncode == 0, plain.stderr
    return told.stderr.removeprefix(plain.stderr)


def test_skorch_fits_and_predicts(tmp_path: Path) -> None:
    pytest.importorskip("skorch")
    assert ran(SKORCH, tmp_path) == ""
    assert list(tmp_path.glob("*.packviz")) == []
    said = ran(SKORCH, tmp_path, "bad")
    assert "length-counts-padding" in said
    line = 1 + SKORCH.splitlines().index(
        "        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)"
    )
    wrong = [call for call in read_recording(tmp_path / "train.packviz").calls if "length-counts-padding" in str(call)]
    assert {(call.site.line, call.site.function) for call in wrong} == {(line, "forward")}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_lightning_trains(workers: str, tmp_path: Path) -> None:
    pytest.importorskip("lightning")
    assert ran(LIGHTNING, tmp_path, workers) == ""
    said = ran(LIGHTNING, tmp_path, workers, "bad")
    assert "length-cuts-data" in said
    assert "in training_step" in said
