from __future__ import annotations

import io
import shlex
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import packviz
from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.noted import Site
from packviz.showing import left
from packviz.showing.left import leave, line_elsewhere, say, written
from packviz.showing.shown import shown_bytes

BATCH = make_batch(np.array([[1, 2, 0], [3, 4, 5]], np.float32), [3, 3], Call(True, False))
DATA = shown_bytes(BATCH, Site("train.py", 3))


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_the_batch_lies_in_a_folder_that_only_this_user_can_enter_and_opens_again() -> None:
    path = written(DATA)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.suffix == ".packviz"
    again = packviz.load(path)
    assert again.x.tobytes() == BATCH.x.tobytes()
    assert again.lengths.tolist() == [3, 3]
    assert again.call == BATCH.call
    assert written(DATA) != path


def test_a_folder_that_takes_no_files_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    with pytest.raises(BatchError, match=r"/proc/nowhere.* can't be written: no such file or directory\."):
        written(DATA)


def test_the_report_comes_first_and_the_line_that_opens_it_last(capsys: pytest.CaptureFixture[str]) -> None:
    leave(DATA, BATCH, "there is no display here")
    lines = capsys.readouterr().out.splitlines()
    assert any("length-counts-padding" in line for line in lines)
    assert lines[-2].startswith("packviz: there is no display here: above are the findings, and the batch lies in /")
    assert lines[-1].startswith("  ssh ")
    assert lines[-1].endswith("batch.packviz | packviz -")


def test_the_line_names_this_machine_as_somebody_got_here_by_ssh() -> None:
    path = Path("/tmp/packviz-a b/batch.packviz")
    line = line_elsewhere(path, {"SSH_CONNECTION": "10.0.0.1 51000 10.0.0.2 22"})
    user = left._user()
    assert line == f"ssh {shlex.quote(f'{user}@10.0.0.2')} cat '{path}' | packviz -"
    assert line_elsewhere(path, {"SSH_CONNECTION": "::1 51000 fe80::2 2222"}).startswith("ssh -p 2222 ")
    assert f"@{left.socket.gethostname()}" in line_elsewhere(path, {})
    for odd in ("odd", "10.0.0.1 51000 10.0.0.2", "10.0.0.1 51000 10.0.0.2 22 more"):
        assert f"@{left.socket.gethostname()}" in line_elsewhere(path, {"SSH_CONNECTION": odd})


def test_the_line_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ssh").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    (tmp_path / "ssh").chmod(0o755)
    (tmp_path / "packviz").write_text(f'#!/bin/sh\nexec {sys.executable} -m packviz check --format json "$@"\n')
    (tmp_path / "packviz").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    told = subprocess.run(line_elsewhere(written(DATA), {}), shell=True, capture_output=True, text=True, timeout=100)
    assert told.returncode == 1, told.stderr
    assert '"length-counts-padding"' in told.stdout


def test_a_user_without_a_name_is_you(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4242")

    monkeypatch.setattr(left.getpass, "getuser", nameless)
    assert "you@" in line_elsewhere(Path("/tmp/x"), {})


def test_what_a_terminal_obeys_and_what_it_lacks_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, "ascii"))
    say("a\x1b]0;title\x07 × b\n")
    assert raw.getvalue() == b"a?]0;title? ? b\n"


def test_where_there_is_no_standard_output_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    say("told")
    assert sys.stdout is None
