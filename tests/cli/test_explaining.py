"""`packviz explain`: a message, a traceback in a file or piped in, a code."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from packviz.cli import main
from packviz.cli.explaining import code_text, message_text
from packviz.core.batch import BatchError
from packviz.core.catalogue import CODES
from packviz.core.messages import CAUSES

TOO_LONG = "start (10) + length (1) exceeds dimension size (10)."
TRACEBACK = f'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nRuntimeError: {TOO_LONG}\n'
BATCH = '{"x": [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], "lengths": [3, 2, 6], '
BATCH += '"batch_first": true, "enforce_sorted": false}'


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_message_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *TOO_LONG.split()]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "1. A length is beyond the end of x" in told.out


def test_a_traceback_is_read_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, TRACEBACK.encode())
    assert main(["explain", "-"]) == 0
    assert capsys.readouterr().out.startswith(f"RuntimeError: {TOO_LONG}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_traceback_is_read_from_a_file(tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "error.log"
    path.write_text(TRACEBACK, encoding=encoding)
    assert main(["explain", str(path)]) == 0
    assert "length-exceeds-time" in capsys.readouterr().out


def test_the_batch_names_the_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.json"
    path.write_text(BATCH)
    assert main(["explain", TOO_LONG, "--batch", str(path)]) == 0
    assert "1. Row 2: its length is beyond the end of x" in capsys.readouterr().out
    assert main(["explain", TOO_LONG, "--batch", str(path), "--lengths", "3,2,4"]) == 0
    assert "length-exceeds-time · not in this batch" in capsys.readouterr().out


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", TOO_LONG, "--batch", "sample:beyond-the-end", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["causes"][0]["rows"] == [2]
    assert told["causes"][0]["confirmed"] is True


@pytest.mark.parametrize("words", [["ValueError: the moon is full"], ["hello"]])
def test_what_nobody_knows_is_exit_code_1(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *words]) == 1
    told = capsys.readouterr().out
    assert "knows no cause" in told or "no message" in told


@pytest.mark.parametrize(
    "words", [[""], ["x", "--batch", "none.pt"], ["x", "--lengths", "1,2"], ["lengths-cuont"], ["no-such-thing"]]
)
def test_what_can_not_be_read_is_exit_code_2_and_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1


def test_standard_input_that_is_empty_or_wanted_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, b" \n")
    assert main(["explain", "-"]) == 2
    assert "a message is expected" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(["explain", "-", "--batch", "-"])
    assert stop.value.code == 2


@pytest.mark.parametrize("code", [*CODES, *CAUSES])
def test_every_code_has_its_help(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    assert capsys.readouterr().out.startswith(f"{code}\n\n")


def test_a_code_that_is_nearly_one_is_put_right() -> None:
    with pytest.raises(BatchError, match=r"did you mean lengths-count\?"):
        code_text(["lengths-cuont"])
    assert code_text(["Lengths-Count"]) == code_text(["lengths-count"])
    assert code_text(["lengths", "count"]) is None
    assert code_text([TOO_LONG]) is None


def test_words_are_a_message_and_a_file_is_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert message_text(["one", "two"]) == "one two"
    assert message_text(["\0" * 5 + "x"]) == "\0" * 5 + "x"
    monkeypatch.setattr("packviz.cli.explaining.LONGEST_TEXT", 10)
    path = tmp_path / "long.log"
    path.write_text("a" * 50 + "0123456789")
    assert message_text([str(path)]) == "0123456789"
    with pytest.raises(BatchError, match="empty"):
        message_text([" "])


def test_a_code_is_told_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lengths-count", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["code"] == "lengths-count"
    assert told["help"] == code_text(["lengths-count"])


def test_a_log_that_is_not_there_is_no_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "nowhere/error.log"]) == 2
    assert "there is no file nowhere/error.log" in capsys.readouterr().err


def test_what_a_terminal_obeys_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "RuntimeError: \x1b]0;title\x07 index out of range in self \b\u202e"]) == 0
    told = capsys.readouterr().out
    assert "index out of range in self" in told
    assert not set(told) & set("\x1b\x07\b\u202e")
