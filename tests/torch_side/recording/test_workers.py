"""Workers of a DataLoader write parts of their own, which become one recording, however they are started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader

from packviz.core.findings import Severity
from packviz.files.kept.recordings import kept_call, read_recording
from packviz.torch_side.recording.recorder import Recorder
from packviz.torch_side.recording.workers import BeginFirst, Begun, begun, put_back

SCRIPT = """
import sys, json
import torch, packviz
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, get_worker_info

class Rows(Dataset):
    def __len__(self):
        return 16
    def __getitem__(self, index):
        return torch.full((2 + index % 4, 2), float(index + 1))

def packed(rows):
    lengths = torch.tensor([len(row) for row in rows])
    x = pad_sequence(rows, batch_first=True)
    if get_worker_info().id == 1:
        lengths[0] -= 1
    return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)

def first(number):
    assert get_worker_info().id == number
    torch.manual_seed(number)

if __name__ == "__main__":
    torch.manual_seed(0)
    loader = DataLoader(Rows(), batch_size=4, shuffle=True, collate_fn=packed, num_workers=2,
                        multiprocessing_context=sys.argv[1], worker_init_fn=first)
    module = nn.GRU(2, 3, batch_first=True)
    def run():
        return [module(batch)[1].sum().item() for batch in loader]
    if sys.argv[2] == "plain":
        print(json.dumps(run()))
    else:
        with packviz.record(sys.argv[2], when=sys.argv[3]):
            print(json.dumps(run()))
        assert loader.worker_init_fn is first
"""


def run(tmp_path: Path, *words: str) -> Any:
    script = tmp_path / "load.py"
    script.write_text(SCRIPT)
    told = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), *words], capture_output=True, text=True, timeout=110, check=False
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_calls_of_workers_are_in_the_recording(tmp_path: Path, start: str) -> None:
    if start == "fork" and sys.platform == "win32":
        pytest.skip("Windows has no fork")
    place = tmp_path / "run.packviz"
    assert run(tmp_path, start, str(place), "finding") == run(tmp_path, start, "plain")
    found = read_recording(place)
    assert Counter((call.call, call.worker) for call in found.calls) == {
        ("nn.GRU", -1): 4,
        ("pack_padded_sequence", 0): 2,
        ("pack_padded_sequence", 1): 2,
    }
    assert [call.number for call in found.calls] == list(range(1, 9))
    assert len({call.process for call in found.calls}) == 3
    bad = [call for call in found.calls if ("length-cuts-data", Severity.SILENT) in call.findings]
    assert {call.worker for call in bad} == {1}
    assert bad[0].reason == "first"
    assert kept_call(place, bad[0].number).batch.rows == 4
    assert not found.unseen
    assert sorted(path.name for path in tmp_path.iterdir()) == ["load.py", "run.packviz"]


@pytest.mark.skipif(not hasattr(torch, "fork") and sys.platform == "win32", reason="Windows has no fork")
def test_nothing_is_left_where_nothing_raised(tmp_path: Path) -> None:
    run(tmp_path, "fork", str(tmp_path / "run.packviz"), "error")
    assert [path.name for path in tmp_path.iterdir()] == ["load.py"]


def test_the_users_own_function_is_called_after() -> None:
    told: list[object] = []
    BeginFirst(told.append, (lambda: told.append("begun"),))(3)
    BeginFirst(None, (lambda: told.append("again"),))(4)
    assert told == ["begun", 3, "again"]


def test_a_loader_has_its_own_function_back() -> None:
    loader = DataLoader([1], worker_init_fn=print)
    call = begun(loader, [print])
    assert isinstance(loader.worker_init_fn, BeginFirst)
    assert begun(loader, [print]) is None
    put_back(call)
    assert loader.worker_init_fn is print
    put_back(call)
    put_back(object())
    assert isinstance(call, Begun)


def test_a_loader_without_workers_is_left_alone(tmp_path: Path) -> None:
    recorder = Recorder(str(tmp_path / "run.packviz"))
    recorder.start()
    try:
        assert list(DataLoader([1, 2])) == [torch.tensor([1]), torch.tensor([2])]
    finally:
        assert recorder.stop().calls == ()
