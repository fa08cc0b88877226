"""Lines of JSON from several runs are one summary, the same as that of one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from packviz.cli import main
from packviz.cli.checking.merging import merged
from packviz.core.choice import EVERYTHING, Choice
from packviz.core.errors import BatchError

CALL = ("--batch-first", "--no-enforce-sorted", "--rules-only")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    random = np.random.default_rng(0)
    for i in range(23):
        lengths = random.integers(1, 9, 4)
        x = np.where(np.arange(10) < lengths[:, None], 1.0, 0.0)
        np.savez(f"d/b{i}.npz", x=x, lengths=lengths + (i % 5 == 0) * np.array([0, 1, 0, 0]))
    Path("d/b7.npz").write_bytes(b"PK\x03\x04")


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main(["check", "d", "--format", "json", *CALL, *words])
    return capsys.readouterr().out


def summary(*names: str, window: int = 4) -> dict[str, Any]:
    return merged(names, EVERYTHING, window).to_dict()


def test_shards_are_merged_to_what_one_run_says(capsys: pytest.CaptureFixture[str]) -> None:
    Path("all.jsonl").write_text(lines(capsys, "--shard", "1/1"))
    for i in (1, 2, 3):
        Path(f"{i}.jsonl").write_text(lines(capsys, "--shard", f"{i}/3"))
    whole = summary("all.jsonl")
    assert (whole["batches"], whole["unread"]) == (22, 1)
    assert whole["wrong"] == 5
    assert summary("3.jsonl", "1.jsonl", "2.jsonl") == whole
    sizes = [len(Path(f"{i}.jsonl").read_text().splitlines()) for i in (1, 2, 3)]
    assert sizes == [8, 8, 7]


def test_the_command_prints_it_and_its_exit_code_is_that_of_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "d", *CALL])
    whole = capsys.readouterr().out
    Path("all.jsonl").write_text(lines(capsys, "--shard", "1/1"))
    assert main(["check", "--merge", "all.jsonl"]) == 2
    assert whole.endswith("\n\n" + capsys.readouterr().out)
    assert main(["check", "--merge", "all.jsonl", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["batches"] == 22


def test_what_is_asked_for_can_be_narrowed_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    Path("all.jsonl").write_text(lines(capsys))
    assert main(["check", "--merge", "all.jsonl"]) == 1
    assert main(["check", "--merge", "all.jsonl", "--fail-on", "error"]) == 0
    assert main(["check", "--merge", "all.jsonl", "--ignore", "length,lengths"]) == 0
    only = merged(["all.jsonl"], Choice(("length-counts-padding",)), 4)
    assert [o.code for o in only.findings] == ["length-counts-padding"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}\n', "bad.jsonl, line 1: it is no line of packviz check --format json"),
        ("\n\nnonsense\n", "bad.jsonl, line 3: it is no JSON, but a line of packviz check --format json is expected."),
        ("[" * 100_000, "bad.jsonl, line 1: it is no JSON"),
    ],
)
def test_what_is_no_such_line_is_named(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.jsonl").write_text(text)
    assert main(["check", "--merge", "bad.jsonl"]) == 2
    assert f"packviz: {said}" in capsys.readouterr().err


def test_a_file_that_is_not_there_or_no_text_is_named() -> None:
    with pytest.raises(BatchError, match=r"there is no file none\.jsonl"):
        summary("none.jsonl")
    Path("x.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BatchError, match=r"x\.jsonl is no UTF-8 text"):
        summary("x.jsonl")
