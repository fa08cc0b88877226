"""Programs as users write them, each with a fault of one kind, and right ones: run unchanged, and seen through.

Above the line that is at fault stands what is found there: `# finds below: length-cuts-data in row 0`. Those in
`right/` are correct: nothing is said of them and nothing is written. By default most of them run in this process, by
the same code as the command: `test_program.py` holds that against python. `pytest -m whole` runs each in processes of
its own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from packviz.cli.running.program import Program, run
from packviz.cli.running.watching import Wanted, Watch
from packviz.core import rules
from packviz.core.catalogue import CODES
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.core.noted import Recording
from packviz.files.kept.recordings import kept_call, read_recording

ROOT, HERE = Path(__file__).parents[2], Path(__file__).parent
WRONG, RIGHT = (sorted((HERE / kind).glob("*.py")) for kind in ("wrong", "right"))
LATE = {"in_a_spawned_worker"}
"""Programs that take long, since they start python anew."""

MARK = re.compile(r"# finds below: (?P<code>[a-z-]+)(?: in rows? (?P<rows>[\d, ]+))?$")

# Kinds of findings.md that no call of a program has, or that are worth a note alone; and where they are shown.
NOTES = {
    *("layout-ambiguous", "time-shrinks", "nan-in-padding", "last-output", "backward-final", "padding-waste"),
    *("lengths-guessed", "mask-narrow"),
}
ELSEWHERE = {
    "lengths-device": "tests/gpu/: there is no other device here",
    **dict.fromkeys(("mask-not-right", "mask-disagrees"), "no call around packing takes a mask"),
    **dict.fromkeys(("labels-unshifted", "labels-order", "labels-lengths", "labels-padding"), "nor labels"),
}


pytestmark = pytest.mark.qt_no_exception_capture  # the programs' exceptions are their own


@dataclass(frozen=True)
class Expected:
    """What is found at a line of a program, from 1."""

    line: int
    code: str
    rows: tuple[int, ...]


def expected(path: Path) -> tuple[Expected, ...]:
    """What stands above the lines of a program."""
    lines = path.read_text(encoding="utf-8").splitlines()
    marks = [MARK.search(line) for line in lines]
    found = []
    for at, mark in enumerate(marks):
        if mark is not None:
            rows = tuple(int(row) for row in (mark["rows"] or "").split(",") if row.strip())
            line = next(line for line in range(at, len(lines)) if marks[line] is None)
            found.append(Expected(line + 1, mark["code"], rows))
    return tuple(found)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder to run programs in, in this process, which is then as before."""
    for name in ("argv", "orig_argv"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)


def ended(path: Path, watch: Watch | None) -> object:
    """Runs a program in this process; what SystemExit says of its end, None where it comes to its end."""
    if watch is not None:
        watch.wait()
    try:
        run(Program(str(path)), (lambda error: None) if watch is None else watch.died)
    except SystemExit as end:
        return end.code
    finally:
        if watch is not None:
            watch.end()
    return None


def in_this_process(path: Path, folder: Path, capfd: pytest.CaptureFixture[str], when: str = "finding") -> str:
    """Runs a program with and without a recorder, which it must not see. Gives what is said of it."""
    import torch

    torch.manual_seed(0)
    code, plain = ended(path, None), capfd.readouterr()
    place = folder / f"{path.stem}.packviz"
    again, told = ended(path, Watch(Wanted(str(place), str(path), when=when))), capfd.readouterr()
    assert (again, told.out) == (code, plain.out)
    assert told.err.startswith(plain.err)
    return told.err.removeprefix(plain.err)


def names_all(recording: Recording, path: Path) -> None:
    """The recording has each thing that is expected: its code, its line, its rows; and nothing else above a note."""
    for wanted in expected(path):
        there = [call for call in recording.calls if (call.site.path, call.site.line) == (str(path), wanted.line)]
        calls = [call for call in there if wanted.code in [code for code, _ in call.findings]]
        assert calls, (wanted, [(call.findings, call.error) for call in there], recording.unseen)
        assert calls[0].kept
        whole = kept_call(recording.place, calls[0].number)
        report = rules.check(whole.batch, None, whole.module or Module())
        [finding] = [finding for finding in report.findings if finding.code == wanted.code]
        assert wanted.rows in ((), finding.rows)
    above = {code for call in recording.calls for code, severity in call.findings if severity is not Severity.NOTE}
    assert above <= {wanted.code for wanted in expected(path)}
    assert not [why for why in recording.unseen or {} if why.startswith("inside packviz")]


@pytest.mark.parametrize("path", [path for path in WRONG if path.stem not in LATE], ids=lambda path: path.stem)
def test_what_is_wrong_is_found_with_its_line_and_its_rows(
    path: Path, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = in_this_process(path, here, capfd)
    for wanted in expected(path):
        assert wanted.code in said
        assert f"{path.name}:{wanted.line}" in said
    assert f"packviz check {path.stem}.packviz" in said
    names_all(read_recording(here / f"{path.stem}.packviz"), path)


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_of_a_right_program_nothing_is_said_and_nothing_written(
    path: Path, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert in_this_process(path, here, capfd) == ""
    assert list(here.iterdir()) == []


def test_every_kind_of_finding_has_a_program_with_it() -> None:
    shown = {wanted.code for path in WRONG for wanted in expected(path)}
    assert shown | NOTES | ELSEWHERE.keys() == set(CODES)
    assert not shown & (NOTES | ELSEWHERE.keys())


def test_notes_are_in_a_recording_that_is_written_always(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said = in_this_process(HERE / "right/notes_alone.py", here, capfd, when="always")
    assert "nothing is wrong" in said
    recording = read_recording(here / "notes_alone.packviz")
    assert {code for call in recording.calls for code, _ in call.findings} >= {"padding-waste", "nan-in-padding"}


def in_processes(path: Path, folder: Path) -> None:
    """The same in processes of its own: under python, and under `packviz run`."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ends = []
    for before in ((), ("-m", "packviz", "run")):
        line = [sys.executable, *before, str(path)]
        ends.append(subprocess.run(line, cwd=folder, env=env, capture_output=True))
    plain, told = ends
    assert (told.returncode, told.stdout) == (plain.returncode, plain.stdout)
    assert told.stderr.startswith(plain.stderr)
    said, place = told.stderr.removeprefix(plain.stderr).decode(), folder / f"{path.stem}.packviz"
    if path in RIGHT:
        assert said == ""
        assert not place.exists()
    else:
        names_all(read_recording(place), path)
        assert f"packviz check {place.name}" in said


ENDS = {"exit": "import os; os._exit(7)", "signal": "import os, signal; os.kill(os.getpid(), signal.SIGINT)"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize(("end", "code"), [("exit", 7), ("signal", -signal.SIGINT)])
def test_what_was_found_is_there_however_the_program_ends(end: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "counts.py"
    path.write_text((HERE / "wrong/length_counts_padding.py").read_text() + ENDS[end] + "\n")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-m", "packviz", "run", "counts.py"]
    told = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert told.returncode == code
    assert ("packviz: 1 of 12 calls" in told.stderr) == (end == "signal")
    recording = read_recording(tmp_path / "counts.packviz")
    assert recording.whole == (end == "signal")
    [wrong] = [call for call in recording.calls if call.worst is Severity.SILENT]
    assert (wrong.site.line, wrong.kept) == (expected(path)[0].line, True)


SOME = [HERE / name for name in ("wrong/length_exceeds_time.py", "wrong/in_a_worker.py")]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_so_it_is_in_processes_of_their_own(path: Path, tmp_path: Path) -> None:
    in_processes(path, tmp_path)


@pytest.mark.whole
@pytest.mark.timeout(400)
@pytest.mark.parametrize("path", [path for path in (*WRONG, *RIGHT) if path not in SOME], ids=lambda path: path.stem)
def test_so_it_is_with_all_of_them(path: Path, tmp_path: Path) -> None:
    in_processes(path, tmp_path)


@pytest.mark.slow
def test_what_a_program_dies_of_is_explained_right_under_its_traceback(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = in_this_process(HERE / "wrong/length_exceeds_time.py", here, capfd)
    explained, _, summary = said.partition("\npackviz: 2 of 2 calls")
    assert "Row 1: its length is beyond the end of x" in explained
    assert "lengths[1] = 5" in explained
    assert "The recording is" in summary
