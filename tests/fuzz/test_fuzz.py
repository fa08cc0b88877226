"""Whatever comes in, what comes out is a batch or a BatchError of one short sentence: seeded, so that it comes again.

A few thousand of each kind here; as many as PACKVIZ_FUZZ says under the marker `whole`, in a child whose memory is
limited.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from packviz.core.errors import BatchError
from packviz.files.paste.pasted import read_paste
from packviz.files.registry import load_all, loads_all
from packviz.files.weights import load_weights
from tests.fuzz.files import bomb, file
from tests.fuzz.pastes import paste

HERE = 3000
MANY = int(os.environ.get("PACKVIZ_FUZZ", "100000"))
LONGEST = 1000
"""Characters of a sentence: it quotes little, and names a few places."""

SECONDS = 2.0
MEMORY = 6 << 30

ONE_BY_ONE = """
import resource, sys, time
from pathlib import Path
from tests.fuzz.test_fuzz import MEMORY, SECONDS, WAYS
kind, first, count, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
WAYS[kind](0, folder)
used = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
slow = []
for seed in range(first, first + count):
    begun = time.process_time()
    WAYS[kind](seed, folder)
    if time.process_time() - begun > SECONDS:
        slow.append(seed)
print(slow)
"""


def short(error: BatchError) -> None:
    said = str(error)
    assert said
    assert "\n" not in said
    assert len(said) <= LONGEST


def a_paste(seed: int, folder: Path) -> None:
    try:
        read_paste(paste(random.Random(seed)))
    except BatchError as error:
        short(error)


def a_file(seed: int, folder: Path) -> None:
    suffix, data = file(random.Random(seed))
    path = folder / f"f{suffix}"
    path.write_bytes(data)
    for read in (lambda: load_all(path), lambda: load_weights(path), lambda: loads_all(data, "standard input")):
        try:
            read()
        except BatchError as error:
            short(error)


WAYS = {"paste": a_paste, "file": a_file}


@pytest.mark.parametrize("kind", WAYS)
def test_what_comes_out_is_a_batch_or_a_sentence(kind: str, tmp_path: Path) -> None:
    for seed in range(HERE if kind == "paste" else HERE // 3):
        try:
            WAYS[kind](seed, tmp_path)
        except BaseException as error:
            error.add_note(f"{kind} {seed}")
            raise


@pytest.mark.whole
@pytest.mark.timeout(0)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the memory of a child")
@pytest.mark.parametrize("kind", WAYS)
def test_so_it_is_with_many_of_them_in_time_and_memory(kind: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", ONE_BY_ONE, kind, str(HERE), str(MANY), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "[]"


@pytest.mark.guided
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", WAYS)
def test_so_it_is_where_coverage_leads(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the extra `fuzz` is not installed")
    words = [sys.executable, "-m", "tests.fuzz.guided", kind, f"-runs={MANY}", "-max_len=4096", "-timeout=2"]
    words += ["-rss_limit_mb=4096", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_array_that_is_not_asked_for_is_not_unfolded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    path = tmp_path / "b.npz"
    path.write_bytes(bomb(1 << 24))
    from packviz.files.formats import npz

    whole = npz.read_array
    monkeypatch.setattr(npz, "read_array", lambda held, size: read.append(size) or whole(held, size))
    [loaded] = load_all(path)
    assert loaded.batch is not None
    assert loaded.batch.lengths.tolist() == [4, 2, 3]
    assert sum(read) < 1 << 12
