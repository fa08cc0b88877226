"""The command line of `packviz run`: what is ours, and what is the program's."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from packviz.cli.manual import RUN_ENDS
from packviz.cli.parser import parse
from packviz.cli.running.words import KEEP, run_parser, typed
from packviz.files.kept.container import whole_file


@pytest.mark.parametrize(
    ("words", "target", "module", "args"),
    [
        ("a.py", "a.py", False, ()),
        ("a.py --keep 3 -m x - -- y", "a.py", False, ("--keep", "3", "-m", "x", "-", "--", "y")),
        ("--ask -m pkg.mod --ask", "pkg.mod", True, ("--ask",)),
        ("-mpkg x", "pkg", True, ("x",)),
        ("- x", "-", False, ("x",)),
        ("-- --odd.py -x", "--odd.py", False, ("-x",)),
        ("--save=a.packviz a.py", "a.py", False, ()),
        ("a.py ''", "a.py", False, ("",)),
    ],
)
def test_what_follows_the_program_is_its_own(words: str, target: str, module: bool, args: tuple[str, ...]) -> None:
    options = typed(shlex.split(words))
    assert (options.target, options.module, options.args) == (target, module, args)


def test_options_of_ours_come_first() -> None:
    options = typed(shlex.split("--save x.packviz --keep 7 --when always --ask a.py --keep 9"))
    assert (options.save, options.keep, options.when, options.ask) == ("x.packviz", 7, "always", True)
    plain = typed(["a.py"])
    assert (plain.save, plain.keep, plain.when, plain.ask) == (None, KEEP, "finding", False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "SCRIPT is missing"),
        ("--ask", "SCRIPT is missing"),
        ("-m", "MODULE is missing"),
        ("--saev x a.py", "there is no option --saev, did you mean --save?"),
        ("--keep -1 a.py", "'-1' is not a whole number from 0"),
        ("--keep many a.py", "'many' is not a whole number"),
        ("--keep ٣ a.py", "is not a whole number"),
        ("--when never a.py", "never"),
        ("--save= a.py", "the name after --save is empty"),
        ("--keep", "expected one argument"),
        ("--save nowhere/a.packviz a.py", "there is no folder nowhere"),
        ("--save . a.py", ". is a folder"),
        ("-c 'print(1)'", "code after -c is not taken"),
        ("-W error a.py", "-W is python's own: type python -W -m packviz run"),
        ("-u a.py", "-u is python's own"),
        ("-y a.py", "there is no option -y"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    with pytest.raises(SystemExit) as stop:
        typed(shlex.split(words))
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert said in told.err


def test_none_of_the_last_calls_may_be_kept() -> None:
    assert typed(["--keep", "0", "a.py"]).keep == 0


def test_a_file_that_is_no_recording_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "a.py"
    others = (b"print(1)\n", whole_file("session", {}, {}), whole_file("batch", {}, {}))
    for content, replaced in (
        (b"", True),
        (whole_file("recording", {}, {}), True),
        *((other, False) for other in others),
    ):
        place.write_bytes(content)
        if replaced:
            assert typed(["--save", str(place), "a.py"]).save == str(place)
        else:
            with pytest.raises(SystemExit):
                typed(["--save", str(place), "a.py"])
            assert "is there already, and is no recording" in capsys.readouterr().err
    assert typed(["--save", os.devnull, "a.py"]).save == os.devnull


def test_the_other_commands_know_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["run", "a.py"]).command == "run"
    with pytest.raises(SystemExit):
        parse(["rnu", "a.py"])
    assert "did you mean run?" in capsys.readouterr().err


def test_its_help_fits_a_terminal_and_tells_of_every_option() -> None:
    told = run_parser().format_help()
    assert RUN_ENDS in told
    assert max(len(line) for line in told.splitlines()) <= 102
    assert [action.dest for action in run_parser()._actions if not action.help] == []


@pytest.mark.parametrize(("said", "kept"), [("0", 0), ("7", 7), ("1000000000", 10**9)])
def test_so_many_calls_may_be_kept(said: str, kept: int) -> None:
    assert typed(["--keep", said, "a.py"]).keep == kept


@pytest.mark.parametrize("said", ["1000000001", "-1", "1.0", "٣", "", "many"])
def test_and_not_others(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        typed(["--keep", said, "a.py"])
    assert "is not a whole number from 0 to 1000000000" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="it can't be removed there")
def test_without_a_working_directory_only_a_whole_path_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert typed(["--save", str(tmp_path / "a.packviz"), "a.py"]).save == str(tmp_path / "a.packviz")
    with pytest.raises(SystemExit):
        typed(["--save", "a.packviz", "a.py"])
    assert "the working directory has been removed" in capsys.readouterr().err
