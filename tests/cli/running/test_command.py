"""`packviz run` from the command line to the end of the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from packviz.cli.running import command
from packviz.cli.running.program import Died, Program
from packviz.cli.running.watching import Wanted

ROOT = Path(__file__).parents[3]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[object]:
    """What the program and the watch are asked to be, of which neither runs."""
    heard: list[object] = []

    class Watched:
        died = None

        def __init__(self, wanted: Wanted) -> None:
            heard.append(wanted)

        def wait(self) -> None:
            heard.append("waits")

        def end(self) -> None:
            heard.append("ends")

    def ran(program: Program, died: Died) -> None:
        heard.append(program)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "Watch", Watched)
    monkeypatch.setattr(command, "run_program", ran)
    monkeypatch.setattr("atexit.register", lambda call: heard.append(("registered", call.__name__)))
    return heard


def test_what_was_typed_is_run_and_watched(asked: list[object], tmp_path: Path) -> None:
    assert command.run(["--keep", "3", "sub/train.py", "--lr", "a b"]) == 0
    wanted, registered, waits, program = asked
    assert wanted == Wanted(str(tmp_path / "train.packviz"), "sub/train.py --lr 'a b'", 3, "finding", False)
    assert (registered, waits) == (("registered", "end"), "waits")
    assert program == Program("sub/train.py", ("--lr", "a b"))


def test_a_module_and_a_name_of_ones_own(asked: list[object], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert command.run(["--save", "out/a.rec", "--ask", "--when", "error", "-m", "pkg.train"]) == 0
    assert asked[0] == Wanted(str(tmp_path / "out/a.rec"), "-m pkg.train", 200, "error", True)
    command.run(["-m", "pkg.train"])
    assert asked[4] == Wanted(str(tmp_path / "pkg.train").replace("pkg.train", "train.packviz"), "-m pkg.train")


@pytest.mark.slow
def test_without_torch_nothing_is_said_but_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text("print('done')\n")
    for words, said in ((["prog.py"], ""), (["--when", "always", "prog.py"], "has not imported torch")):
        line = [sys.executable, "-m", "packviz", "run", *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        told = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        assert told.stdout == "done\n"
        assert bool(told.stderr) == bool(said)
        assert said in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["prog.py"]
