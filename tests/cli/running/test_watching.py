"""From the import of torch to the end of the process: what is said, and that nothing of it reaches the program."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from packviz.cli.running.watching import Wanted, Watch, When, in_colour
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Recording, Site

HERE = Site("train.py", 31)
WRONG = NotedCall(1, "pack_padded_sequence", HERE, findings=(("length-cuts-data", Severity.SILENT),))
FINE = NotedCall(1, "pack_padded_sequence", HERE, findings=(("padding-waste", Severity.NOTE),))


class Made:
    """A recorder that notes what it is given beforehand."""

    def __init__(self, *calls: NotedCall, place: str = "", explained: str = "", fails: str = "") -> None:
        self.calls, self.place, self.explained, self.fails, self.heard = calls, place, explained, fails, list[str]()

    def start(self) -> None:
        self._hear("start")

    def stop(self) -> Recording:
        self._hear("stop")
        return Recording(self.place, self.calls)

    def raised(self, error: BaseException) -> str:
        self._hear("raised")
        return self.explained

    def _hear(self, name: str) -> None:
        self.heard.append(name)
        if name == self.fails:
            raise LookupError(f"a defect in {name}")


def watched(recorder: Made, when: When = "finding", error: BaseException | None = None) -> Watch:
    """A watch whose program has imported torch, and has come to its end."""
    import torch  # noqa: F401

    watch = Watch(Wanted("x.packviz", when=when), lambda wanted: recorder)
    watch.wait()
    if error is not None:
        watch.died(error)
    watch.end()
    return watch


def test_it_begins_when_torch_is_imported_and_not_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    recorder = Made(WRONG)
    watch = Watch(Wanted("x.packviz"), lambda wanted: recorder)
    watch.wait()
    assert recorder.heard == []
    watch.end()
    assert recorder.heard == []
    assert capsys.readouterr() == ("", "")


def test_of_a_program_without_torch_it_is_said_so_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    watch = Watch(Wanted("x.packviz", when="always"), lambda wanted: Made())
    watch.wait()
    watch.end()
    assert "has not imported torch" in capsys.readouterr().err


def test_a_module_of_the_programs_own_that_is_called_torch_is_let_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    recorder = Made(WRONG)
    watch = Watch(Wanted("x.packviz"), lambda wanted: recorder)
    watch.wait()
    watch.end()
    assert recorder.heard == []
    assert capsys.readouterr() == ("", "")


def test_a_correct_program_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    watched(Made(FINE))
    watched(Made(WRONG), when="error")
    assert capsys.readouterr() == ("", "")
    watched(Made(FINE), when="always")
    assert "nothing is wrong" in capsys.readouterr().err


def test_the_summary_stands_on_standard_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Made(WRONG, place=os.path.abspath("x.packviz"))  # noqa: PTH100
    watched(recorder)
    told = capsys.readouterr()
    assert told.out == ""
    assert "length-cuts-data" in told.err
    assert "packviz check x.packviz\n" in told.err
    assert recorder.heard == ["start", "stop"]


def test_what_an_error_means_is_said_when_the_program_dies_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Made(explained="Row 2: its length …")
    watched(recorder, error=RuntimeError("x"))
    assert recorder.heard == ["start", "raised", "stop"]
    assert capsys.readouterr().err == "\npackviz: Row 2: its length …\n"
    recorder = Made(explained="Row 2: its length …")
    watched(recorder, error=KeyboardInterrupt())
    assert recorder.heard == ["start", "stop"]


def test_after_ctrl_c_all_is_said_at_once_and_nothing_later(capsys: pytest.CaptureFixture[str]) -> None:
    import torch  # noqa: F401

    recorder = Made(WRONG)
    watch = Watch(Wanted("x.packviz"), lambda wanted: recorder)
    watch.wait()
    watch.died(KeyboardInterrupt())
    assert recorder.heard == ["start", "stop"]
    assert "length-cuts-data" in capsys.readouterr().err
    watch.end()
    assert recorder.heard == ["start", "stop"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("fails", ["start", "raised", "stop"])
def test_a_defect_of_ours_is_said_at_the_end_and_reaches_nobody(fails: str, capsys: pytest.CaptureFixture[str]) -> None:
    watched(Made(WRONG, fails=fails), error=RuntimeError("x"))
    told = capsys.readouterr().err
    assert f"LookupError: a defect in {fails}" in told
    assert "packviz failed here" in told
    assert ("length-cuts-data" in told) == (fails == "raised")


def test_of_a_recorder_that_can_not_begin_it_is_not_said_that_torch_was_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watched(Made(fails="start"), when="always")
    told = capsys.readouterr().err
    assert "LookupError: a defect in start" in told
    assert "has not imported torch" not in told


def test_colours_are_for_a_terminal_that_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    assert not in_colour()
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert in_colour()
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not in_colour()
    monkeypatch.setattr("sys.stderr", None)
    assert not in_colour()


def test_standard_error_may_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in (None, open(os.devnull, "w")):  # noqa: PTH123, SIM115
        if stream is not None:
            stream.close()
        monkeypatch.setattr("sys.stderr", stream)
        recorder = Made(WRONG, explained="Row 2")
        watched(recorder, error=RuntimeError("x"))
        assert recorder.heard == ["start", "raised", "stop"]


def test_nothing_goes_to_standard_output_where_there_is_no_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr", None)
    watched(Made(WRONG, explained="Row 2"), error=RuntimeError("x"))
    assert capsys.readouterr().out == ""


def test_a_print_of_the_programs_own_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("builtins.print", lambda *words, **named: 1 / 0)
    watched(Made(WRONG))
    assert "length-cuts-data" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="it can't be removed there")
def test_the_working_directory_may_be_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    watched(Made(WRONG, place=str(tmp_path / "x.packviz")))
    told = capsys.readouterr().err
    assert "packviz failed" not in told
    assert f"packviz check {tmp_path / 'x.packviz'}\n" in told


def test_what_a_terminal_would_obey_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    watched(Made(explained="\x1b]0;title\x07 and \u202e"), error=RuntimeError("x"))
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    import torch  # noqa: F401

    watch = Watch(Wanted("x.packviz"), lambda wanted: Made(WRONG))
    watch.wait()
    child = os.fork()
    if child == 0:
        watch.died(RuntimeError("x"))
        watch.end()
        os._exit(0)
    os.waitpid(child, 0)
    assert capfd.readouterr().err == ""
    watch.end()
    assert "length-cuts-data" in capfd.readouterr().err
