"""Several processes: the same items in the same order, whatever becomes of the processes."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from packviz.cli.checking.looking import Entry, Item, Job, looked
from packviz.cli.checking.processes import in_processes
from packviz.cli.reading import Typed
from packviz.core.batch import Call
from packviz.core.errors import Defect

TYPED = Typed(Call(batch_first=True, enforce_sorted=False), frozenset({"batch_first", "enforce_sorted"}))
JOB = Job(TYPED, "json", ask=False)


@pytest.fixture
def entries(tmp_path: Path) -> list[Entry]:
    for i in range(12):
        lengths = np.array([3, 2 + i % 3])
        np.savez(tmp_path / f"b{i}.npz", x=np.tril(np.ones((2, 4)), lengths.max() - 1), lengths=lengths)
    (tmp_path / "b4.npz").write_bytes(b"PK\x03\x04")
    (tmp_path / "b7.jsonl").write_text('{"x": [[1, 2]], "lengths": [2]}\n' * 150)
    return [Entry(i, str(path)) for i, path in enumerate(sorted(tmp_path.iterdir()))]


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    left = [process for process in multiprocessing.active_children() if process.name == "packviz-check"]
    assert left == []


def told(items: Iterator[tuple[int, Item]]) -> list[tuple[int, str, str, str]]:
    return [(at, item.checked.source, item.checked.trouble, item.text) for at, item in items]


def test_the_items_are_those_of_one_process_in_the_same_order(entries: list[Entry]) -> None:
    alone = told((at, item) for at, entry in enumerate(entries) for item in looked(entry, JOB))
    assert len(alone) == 162
    assert told(in_processes(entries, JOB, 3)) == alone


def test_more_processes_than_files_are_not_started(entries: list[Entry]) -> None:
    assert len(told(in_processes(entries[:1], JOB, 8))) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_process_that_dies_is_told_with_its_file_and_the_others_follow(entries: list[Entry], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never.npz")  # whoever reads it waits for its end, and can be killed there
    writer = os.open(tmp_path / "never.npz", os.O_RDWR)
    os.write(writer, b"[")
    entries.insert(2, Entry(99, str(tmp_path / "never.npz")))
    items: Any = in_processes(entries, JOB, 2)
    first = next(items)
    while not (there := [worker for worker in items.gi_frame.f_locals["workers"] if worker.at == 2]):
        first = next(items)
    there[0].process.kill()
    rest = told(items)
    os.close(writer)
    assert first[0] < 2
    troubles = {source: trouble for at, source, trouble, _ in rest if at == 2}
    name = str(tmp_path / "never.npz")
    assert troubles == {
        name: f"{name}: the process that checked it has died (SIGKILL; it may have been out of memory: try --jobs 1)."
    }
    assert {at for at, *_ in rest} >= set(range(2, len(entries)))


def test_a_defect_in_a_process_is_one_here(entries: list[Entry]) -> None:
    broken = Job(None, "json")  # type: ignore[arg-type]
    with pytest.raises(Defect, match="AttributeError"):
        list(in_processes(entries, broken, 2))


def test_giving_up_ends_the_processes(entries: list[Entry]) -> None:
    items: Any = in_processes(entries, JOB, 2)
    next(items)
    items.close()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_ctrl_c_ends_all_of_them(tmp_path: Path, entries: list[Entry]) -> None:
    for i in range(400):
        os.link(entries[0].name, tmp_path / f"more{i}.npz")
    words = [sys.executable, "-m", "packviz", "check", str(tmp_path), "--jobs", "2"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) >= 2
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert re.search(rb"^packviz: interrupted at file \d+ of 413\.$", process.stderr.read(), re.MULTILINE)
        deadline = time.monotonic() + 20
        while any(_alive(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [child for child in children if _alive(child)]


def _alive(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
