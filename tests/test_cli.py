"""The command as it is typed: packviz in a process of its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from packviz import __version__
from packviz.cli import PIPE_CLOSED, main
from packviz.cli.interrupt import INTERRUPTED

PACKVIZ = [sys.executable, "-m", "packviz"]
PASTE = "x = torch.tensor([[1,2,3,0,0],[4,5,0,0,0],[6,7,8,9,0]])\nlengths = [3,2,4]\n"


def packviz(*words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PACKVIZ, *words], input=stdin, capture_output=True, text=True, env={**os.environ, **env})


def test_version_is_told() -> None:
    told = packviz("--version")
    assert told.returncode == 0
    assert told.stdout.startswith(f"packviz {__version__} (torch ")


def test_a_paste_is_checked_from_standard_input() -> None:
    told = packviz("check", "-", "--format", "json", "--batch-first", "--no-enforce-sorted", stdin=PASTE)
    assert told.stderr == ""
    assert told.returncode == 0
    assert json.loads(told.stdout)["batch"]["lengths"] == [3, 2, 4]


def test_check_loads_no_qt() -> None:
    code = (
        "import sys; from packviz.cli import main; main(['check', 'sample:first-batch']); "
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind there")
def test_a_reader_that_goes_away_is_no_error() -> None:
    words = [*PACKVIZ, "check", "--rules-only", *["sample:first-batch"] * 3]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert told == b""
    assert process.returncode == PIPE_CLOSED


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device there")
def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        words = [*PACKVIZ, "check", "--rules-only", "sample:first-batch"]
        told = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True)
    assert told.stderr == "packviz: standard output can't be written: no space left on device.\n"
    assert told.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="no shell of this kind there")
@pytest.mark.parametrize(("words", "code"), [("first-batch --rules-only", 0), ("inconsistent-lengths", 1)])
def test_with_its_output_closed_the_exit_code_still_tells(words: str, code: int) -> None:
    told = subprocess.run(
        f"{shlex.join(PACKVIZ)} check sample:{words} >&-", shell=True, stderr=subprocess.PIPE, text=True
    )
    assert (told.returncode, told.stderr) == (code, "")


def test_ctrl_c_ends_it_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("packviz.cli.commands.run", interrupted)
    assert main(["check", "a.pt"]) == INTERRUPTED == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_the_findings_are_printed_and_the_window_is_a_picture(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    env["PYTHONPATH"] = str(Path(__file__).parents[1])
    told = subprocess.run(PACKVIZ, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert told.stderr.count("\n") == 1
    assert "no display" in told.stderr
    assert "first-batch" in told.stdout
    assert (tmp_path / "packviz.png").read_bytes().startswith(b"\x89PNG")
    assert told.returncode == 0


@pytest.mark.slow
def test_render_draws_the_window_in_the_size_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "first.png"
    told = packviz("render", "sample:first-batch", "-o", str(out), "--step", "2", "--size", "900x700")
    assert told.stderr == ""
    assert told.returncode == 0
    header = out.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert (int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")) == (900, 700)
