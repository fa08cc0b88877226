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
import contextlib, json, sys
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

def run(start, record=None):
    torch.manual_seed(0)
    loader = DataLoader(Rows(), batch_size=4, shuffle=True, collate_fn=packed, num_workers=2,
                        multiprocessing_context=start, worker_init_fn=first)
    module = nn.GRU(2, 3, batch_first=True)
    with record or contextlib.nullcontext():
        told = [module(batch)[1].sum().item() for batch in loader]
    assert loader.worker_init_fn is first
    return told

if __name__ == "__main__":
    plain = run(sys.argv[1])
    told = {start: run(start, packviz.record(f"{start}.packviz", when="finding")) == plain for start in sys.argv[1:]}
    run(sys.argv[1], packviz.record("nothing.packviz", when="error"))
    print(json.dumps(told))
"""
STARTS = ["spawn"] if sys.platform == "win32" else ["fork", "spawn"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of a program whose loaders were recorded, each started in another way, and whether each gave what it
    gives without: a process loads torch once for all of them."""
    folder = tmp_path_factory.mktemp("workers")
    script = folder / "load.py"
    script.write_text(SCRIPT)
    words = [sys.executable, "-W", "ignore", str(script), *STARTS]
    told = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    assert told.returncode == 0, told.stderr
    return folder, json.loads(told.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("start", STARTS)
def test_calls_of_workers_are_in_the_recording(ran: tuple[Path, Any], start: str) -> None:
    folder, same = ran
    assert same[start] is True
    place = folder / f"{start}.packviz"
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


def test_no_part_is_left_and_nothing_at_all_where_nothing_raised(ran: tuple[Path, Any]) -> None:
    left = {path.name for path in ran[0].iterdir()}
    assert left == {"load.py", *(f"{start}.packviz" for start in STARTS)}


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
