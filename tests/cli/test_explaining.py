"""`packviz explain`: a message, a traceback in a file or piped in, a code."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from packviz.cli import main
from packviz.cli.explaining import LONGEST_SESSION, message_text
from packviz.core.batch import BatchError
from packviz.core.breaches import PROBED
from packviz.core.catalogue import CODES
from packviz.core.codes import code_help
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


def test_a_code_that_is_nearly_one_is_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lengths-cuont"]) == 2
    assert "did you mean lengths-count?" in capsys.readouterr().err
    assert main(["explain", "Lengths-Count"]) == 0


def test_of_a_code_and_a_batch_it_is_said_whether_the_batch_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "length-exceeds-time", "--batch", "sample:beyond-the-end"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("length-exceeds-time\n\n")
    assert "1. Row 2: its length is beyond the end of x\n   length-exceeds-time · in this batch" in told
    assert main(["explain", "padding-left", "--batch", "sample:beyond-the-end"]) == 0
    assert "In beyond-the-end it was not found." in capsys.readouterr().out
    assert main(["explain", "padding-left", "--batch-first"]) == 2


def test_all_codes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--codes"]) == 0
    told = capsys.readouterr().out
    assert all(f"\n  {code} " in told for code in [*CODES, *CAUSES])
    assert main(["explain", "--codes", "--format", "json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["codes"]) == {*CODES, *CAUSES, *PROBED}


@pytest.mark.parametrize(("words", "said"), [([], "TEXT is missing"), (["--codes", "lengths-count"], "takes no TEXT")])
def test_without_a_text_the_codes_are_pointed_at(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["explain", *words])
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert "--codes" in told


SESSION = (
    ">>> x\ntensor([[1., 2., 3., 0., 0.],\n        [4., 5., 0., 0., 0.],\n        [6., 7., 8., 9., 0.]])\n"
    ">>> lengths\n[3, 2, 6]\n>>> packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)\n"
    ">>> lstm(packed)\n" + TRACEBACK
)


def test_the_batch_that_a_session_printed_names_the_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, SESSION.encode())
    assert main(["explain", "-"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"RuntimeError: {TOO_LONG}\n")
    assert "1. Row 2: its length is beyond the end of x" in told
    assert "packed-inconsistent · not in this batch" in told
    path = tmp_path / "session.log"
    path.write_text(SESSION)
    assert main(["explain", str(path)]) == 0
    assert capsys.readouterr().out == told


def test_what_is_typed_applies_to_the_batch_in_the_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, SESSION.encode())
    assert main(["explain", "-", "--lengths", "3,9,5"]) == 0
    assert "1. Row 1: its length is beyond the end of x" in capsys.readouterr().out
    piped(monkeypatch, SESSION.encode())
    assert main(["explain", "-", "--batch", "sample:first-batch"]) == 0  # the batch of a name wins
    assert "In first-batch none of these was found." in capsys.readouterr().out
    piped(monkeypatch, b"[[1, 2, 3], [4, 5, 0]]\n" + TRACEBACK.encode())
    assert main(["explain", "-", "--batch-first"]) == 0
    assert "In this text none of these was found." in capsys.readouterr().out
    piped(monkeypatch, TRACEBACK.encode())
    assert main(["explain", "-", "--batch-first"]) == 2
    assert "without the batch" in capsys.readouterr().err


@pytest.mark.parametrize(
    "noise", ["epoch [1/10] loss [0.5]\n", "[[1, 2, 3], [4, 5, 0]]\n", "x = [[[\n", "a" * LONGEST_SESSION + "\n"]
)
def test_what_stands_beside_a_message_and_has_no_lengths_rules_nothing_out(
    noise: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, (noise + TRACEBACK).encode())
    assert main(["explain", "-"]) == 0
    told = capsys.readouterr().out
    assert "1. A length is beyond the end of x" in told
    assert "     fix    # pooled by 2: lengths = (lengths + 1) // 2" in told  # before a clamp that would hide it
    assert "            lengths = lengths.clamp(max=x.size(1))" in told
    assert "in this batch" not in told


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
    assert told["help"] == code_help("lengths-count")


@pytest.mark.parametrize(
    "name", ["nowhere/error.log", "nosuch.log", "nosuch.txt", "ERROR.OUT", "nowhere/trace", "a\\b"]
)
def test_a_log_that_is_not_there_is_no_message(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 2
    assert f"there is no file {name}" in capsys.readouterr().err


def test_several_words_are_a_message_whatever_they_look_like(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "nosuch.log", "n/a"]) == 1
    assert "there is no file" not in capsys.readouterr().err


def test_what_a_terminal_obeys_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "RuntimeError: \x1b]0;title\x07 index out of range in self \b\u202e"]) == 0
    told = capsys.readouterr().out
    assert "index out of range in self" in told
    assert not set(told) & set("\x1b\x07\b\u202e")


def test_the_batch_that_it_is_about_may_be_one_of_several_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "two.json").write_text(f'{{"good": {BATCH.replace("6], ", "4], ")}, "bad": {BATCH}}}')
    about = ["explain", TOO_LONG, "--batch", str(tmp_path / "two.json")]
    assert main([*about, "--entry", "bad", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["batch"].endswith("two.json[bad]")
    assert (told["causes"][0]["confirmed"], told["causes"][0]["rows"]) == (True, [2])
    assert main(about) == 2
    assert "it holds 2 batches: say which one, with --entry good or --entry bad." in capsys.readouterr().err
    assert main(["explain", TOO_LONG, "--entry", "bad"]) == 2
    assert "--entry was given without the file that it is for: give --batch, too." in capsys.readouterr().err


def test_a_mask_that_is_printed_beside_a_traceback_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "x = tensor([[1, 2, 3, 0, 0],\n        [4, 5, 0, 0, 0],\n        [6, 7, 8, 9, 0]])\n"
        "mask = tensor([[ True,  True,  True, False],\n        [ True,  True, False, False],\n"
        "        [ True,  True,  True,  True]])\n"
        'Traceback (most recent call last):\n  File "train.py", line 10, in <module>\n    out = attn(x, x, x, mask)\n'
        "AssertionError: Expected key_padded_mask.shape[1] to be 5, but got 4\n"
    )
    piped(monkeypatch, text.encode())
    assert main(["explain", "-", "--batch-first", "--no-enforce-sorted"]) == 0
    told = capsys.readouterr().out
    assert "1. The mask has 4 steps, x has 5\n   mask-narrow · in this batch" in told
    assert "read as (B, max(lengths))" in told
