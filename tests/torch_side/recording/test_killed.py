"""kill -9 at any moment: what was written opens, and has every record that was whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.cli import main
from packviz.files.kept.recordings import kept_call, read_recording
from tests.torch_side.recording.programs import batch

SCRIPT = """
import itertools, os, random, signal, sys, time
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from packviz.torch_side.recording.recorder import Recorder

def record(place):
    recorder = Recorder(place, keep=20)
    recorder.start()
    module = nn.GRU(3, 4, batch_first=True)
    for number in itertools.count():
        x, lengths = torch.ones(4, 40, 3), torch.full((4,), 40)
        x[number % 4, -1 - number % 3] = 0
        # Each from a line of its own, so that each is the first of its kind there.
        code = compile("\\n" * (number % 400) + "module(pack(x, lengths, True))", "steps.py", "exec")
        exec(code, {"pack": pack_padded_sequence, "module": module, "x": x, "lengths": lengths})

if __name__ == "__main__":
    folder, many, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    torch.set_num_threads(1)
    for number in range(many):
        child = os.fork()
        if not child:
            record(os.path.join(folder, f"{number}.packviz"))
        place = os.path.join(folder, f"{number}.packviz")
        while not (os.path.exists(place) and os.path.getsize(place)):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.5))  # somewhere in what is then written
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
"""


LOADING = """
import os, signal, sys
import torch
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader
import packviz

def collate(rows):
    lengths = torch.tensor([0, *map(len, rows[1:])])
    try:
        pack_padded_sequence(torch.stack(rows), lengths, batch_first=True, enforce_sorted=False)
    except RuntimeError:
        pass
    return lengths

if __name__ == "__main__":
    with packviz.record(sys.argv[1], when=sys.argv[2]):
        loader = DataLoader([torch.ones(5)] * 64, batch_size=4, num_workers=2, collate_fn=collate)
        for number, batch in enumerate(loader):
            if number == 9:
                if sys.argv[3] == "all":
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch's own raises as soon as one is gone
                    for worker in torch.multiprocessing.active_children():
                        os.kill(worker.pid, signal.SIGKILL)
                os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("whom", ["it", "all"])
@pytest.mark.parametrize("when", ["finding", "always"])
def test_what_the_workers_of_a_killed_program_noted_is_told_and_opens(
    when: str, whom: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("load.py").write_text(LOADING)
    words = [sys.executable, "-W", "ignore", "load.py", "run.packviz", when, whom]
    assert subprocess.run(words, timeout=60).returncode == -signal.SIGKILL
    parts = sorted(path.name for path in tmp_path.glob("run.packviz.*.part"))
    assert len(parts) == 2
    said = (
        f"2 parts, with calls that other processes noted, lie beside it and are not in it: {' and '.join(parts)}. "
        "Each opens as a recording."
    )
    code = main(["check", "run.packviz", "--rules-only"])
    out, err = capsys.readouterr()
    if when == "finding":  # it wrote nothing itself
        assert (code, out, err) == (2, "", f"packviz: there is no file run.packviz: {said}\n")
    else:
        assert (code, err) == (0, "")
        assert said in " ".join(out.split())
        assert main(["check", "run.packviz", "--rules-only", "--format", "json"]) == 0
        assert capsys.readouterr() == ("", f"packviz: run.packviz: {said}\n")
        assert said in str(packviz.load("run.packviz")).replace("\n   ", "")
    assert main(["check", *parts, "--rules-only"]) == 1
    assert capsys.readouterr().out.count("ERROR   length-not-positive\n") == 2
    assert main(["check", ".", "--rules-only", "--format", "lines"]) in (1, 2)
    out = capsys.readouterr().out
    assert all(f"./{name}[" in out for name in parts)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_the_next_recording_leaves_the_parts_of_a_killed_one_and_tells_of_them(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(LOADING)
    place = tmp_path / "run.packviz"
    subprocess.run([sys.executable, "-W", "ignore", "load.py", str(place), "finding", "it"], cwd=tmp_path, timeout=60)
    parts = tuple(sorted(path.name for path in tmp_path.glob("run.packviz.*.part")))
    with packviz.record(place, when="always") as recorded:
        pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)
    assert recorded.recording is not None
    assert recorded.recording.beside == parts
    assert len(recorded.recording.calls) == 1
    assert "2 parts, with calls that other processes noted" in str(recorded.recording)
    assert tuple(sorted(path.name for path in tmp_path.glob("run.packviz.*.part"))) == parts


def killed(tmp_path: Path, many: int, seed: int) -> int:
    """How many calls were kept in all, of so many recordings whose programs were killed."""
    folder = tmp_path / "runs"
    folder.mkdir()
    script = tmp_path / "runs.py"
    script.write_text(SCRIPT)
    words = [sys.executable, "-W", "ignore", str(script), str(folder), str(many), str(seed)]
    subprocess.run(words, check=True, timeout=60 + 5 * many)
    kept = 0
    for place in folder.iterdir():
        found = read_recording(place)
        assert not found.whole
        kept += len(found.kept)
        for call in found.kept:
            whole = kept_call(place, call.number)
            assert whole.call == call
            assert whole.batch.rows == 4
    return kept


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_what_was_written_opens_after_kill_9(tmp_path: Path) -> None:
    assert killed(tmp_path, 8, 0) > 0


@pytest.mark.whole
@pytest.mark.timeout(1200)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_what_was_written_opens_after_200_times_kill_9(tmp_path: Path) -> None:
    assert killed(tmp_path, 200, 1) > 0
