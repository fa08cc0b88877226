"""What TorchScript runs is said to be unseen, by the lines at which it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

PROGRAM = """
import warnings

warnings.simplefilter("ignore")
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True)
        self.second = nn.GRU(4, 4, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0]
        return self.second(out)[0]


def rows(x: Tensor) -> Tensor:
    return pack_sequence([x, x]).data


x, lengths = torch.ones(2, 5, 3), torch.tensor([3, 5])
"""
MADE = {
    "script": "made = torch.jit.script(Model())",
    "trace": "made = torch.jit.trace(Model(), (x, lengths))",
    "rows": "made = torch.jit.script(rows)",
    "alone": "made = torch.jit.script(nn.RNN(3, 4))",
    "plain": "made = torch.jit.script(nn.Linear(3, 4))",
}
INSIDE = {
    *("pack_padded_sequence at program.py:16", "nn.LSTM at program.py:17", "nn.GRU at program.py:18"),
    "pad_packed_sequence at program.py:17",
}
SAID = {
    "script": INSIDE,
    "trace": INSIDE,
    "rows": {"pack_sequence at program.py:22"},
    "alone": {"nn.RNN"},
    "plain": set(),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", MADE)
@pytest.mark.parametrize("before", [True, False])
def test_what_torchscript_runs_is_said_by_its_lines(tmp_path: Path, how: str, before: bool) -> None:
    """What had been made before is not known. In a process of its own: torch forgets nothing that it compiles."""
    begin = "import packviz\nrecorder = packviz.record(when='always').start()\n"
    steps = (MADE[how] + "\n", begin) if before else (begin, MADE[how] + "\n")
    end = "import json\nprint(json.dumps(recorder.stop().unseen))\n"
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.lstrip() + "".join(steps) + end)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, str(path)], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    unseen: dict[str, int] = json.loads(ran.stdout)
    tracing = {} if before or how != "trace" else {"while tracing": unseen.get("while tracing")}
    said = set() if before else SAID[how]
    assert unseen == {f"in TorchScript: {one}": 1 for one in said} | tracing
