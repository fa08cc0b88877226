"""kill -9 at any moment: what was written opens, and has every record that was whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from packviz.files.kept.recordings import kept_call, read_recording

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
