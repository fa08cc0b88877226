"""Lines of JSON from several runs are one summary, the same as that of one run."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packviz.cli import main
from packviz.cli.checking.looking import Entry, Job, Part, looked
from packviz.cli.checking.merging import merged
from packviz.cli.printing import plain
from packviz.cli.reading import Typed
from packviz.core.batch import Call
from packviz.core.choice import EVERYTHING, Choice
from packviz.core.errors import BatchError
from packviz.core.findings import Severity
from packviz.core.tally import Tally
from tests.recorded import record

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
    found, missing = merged(names, EVERYTHING, window)
    assert missing == ""
    return found.to_dict()


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
    only, _ = merged(["all.jsonl"], Choice(("length-counts-padding",)), 4)
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


def shards(capsys: pytest.CaptureFixture[str], count: int) -> list[str]:
    for i in range(1, count + 1):
        Path(f"{i}of{count}.jsonl").write_text(lines(capsys, "--shard", f"{i}/{count}"))
    return [f"{i}of{count}.jsonl" for i in range(1, count + 1)]


def test_shards_that_are_missing_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = shards(capsys, 3)
    assert main(["check", "--merge", first, third]) == 2
    told = capsys.readouterr()
    assert told.out.startswith("15 batches, 60 rows: ")
    assert told.err == "packviz: 8 of the 23 files are in none of these (2, 5, 8, 11, …): shard 2/3 is missing.\n"
    Path(second).write_text("".join(Path(second).read_text().splitlines(keepends=True)[:-1]))
    assert main(["check", "--merge", first, second, third]) == 2
    said = "1 of the 23 files is in none of these (23): a shard is missing, or was ended before it was done."
    assert said in capsys.readouterr().err


def test_more_shards_than_files_are_all_there(capsys: pytest.CaptureFixture[str]) -> None:
    names = shards(capsys, 30)
    assert Path(names[-1]).read_text() == ""
    assert main(["check", "--merge", *names]) == 2  # one of the files is damaged
    assert "none of these" not in capsys.readouterr().err
    assert main(["check", "--merge", *names[:5], *names[6:]]) == 2
    assert "1 of the 23 files is in none of these (6): a shard is missing" in capsys.readouterr().err


def test_a_shard_that_is_named_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = shards(capsys, 2)
    whole, *_ = shards(capsys, 1)
    for other in (first, whole):
        assert main(["check", "--merge", first, other]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "line 1 has the same batch: name each shard once." in told.err


def test_shards_of_other_files_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = shards(capsys, 2)
    Path("d/b22.npz").rename("d/c.npz")
    _, second = shards(capsys, 2)
    main(["check", "d", "--format", "json", *CALL, "--shard", "1/2"])
    Path(first).write_text(capsys.readouterr().out)
    assert main(["check", "--merge", first, second]) == 2
    assert "none of these" not in capsys.readouterr().err
    Path("d/c.npz").rename("d/e.npz")
    Path(first).write_text(lines(capsys, "--shard", "1/2"))
    assert main(["check", "--merge", first, second]) == 2
    assert "2of2.jsonl, line 1: it is of 23 files, and 1of2.jsonl, line 1 of 23 files, which are not the same" in (
        capsys.readouterr().err
    )


def test_the_folder_may_lie_elsewhere_on_each_machine(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = shards(capsys, 2)
    main(["check", str(Path("d").absolute()), "--format", "json", *CALL, "--shard", "2/2"])
    Path(second).write_text(capsys.readouterr().out)
    main(["check", "--merge", first, second])
    assert capsys.readouterr().err == ""


def test_shards_in_one_file_are_refused_where_their_order_is_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = shards(capsys, 2)
    text = "".join(Path(name).read_text() for name in names)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["check", "--merge", "-"]) == 2
    assert "standard input, line 13: its batch comes before that of the line above it" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(Path(names[0]).read_text()))
    main(["check", "--merge", "-", names[1]])
    told = capsys.readouterr()
    main(["check", "--merge", *names])
    assert told == capsys.readouterr()


@pytest.mark.parametrize(
    "wrong", [{"at": 7}, {"at": [1]}, {"at": [1, -1]}, {"at": [1, True]}, {"at": [99, 0]}, {"shard": 3}, {"shard": {}}]
)
def test_a_line_that_stands_nowhere_is_refused(wrong: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    [whole] = shards(capsys, 1)
    line = {**json.loads(Path(whole).read_text().splitlines()[0]), **wrong}
    Path("bad.jsonl").write_text(json.dumps(line))
    assert main(["check", "--merge", "bad.jsonl"]) == 2
    assert "bad.jsonl, line 1: it does not say where in a shard it stands" in capsys.readouterr().err


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Files of every kind that a run meets: right, wrong, of several batches, damaged, not there, recordings."""
    folder = tmp_path_factory.mktemp("kinds")
    random = np.random.default_rng(3)
    for i in range(4):
        lengths = random.integers(1, 9, 4)
        x = np.where(np.arange(10) < lengths[:, None], 1.0, 0.0)
        np.savez(folder / f"b{i}.npz", x=x, lengths=lengths + (i == 2) * np.array([0, 3, 0, 0]))
        np.savez(folder / f"one{i}.npz", x=x, lengths=lengths + i)
    np.save(folder / "guessed.npy", np.array([[1, 2, 3, 0], [4, 0, 0, 0]]))
    several = [{"x": [[1, 2, 0], [3, 0, 0]], "lengths": lengths} for lengths in ([2, 1], [3, 9], [1.5, 1], [2], "no")]
    (folder / "several.jsonl").write_text("\n".join(map(json.dumps, several)))
    (folder / "odd.json").write_text('{"x": [[1, 2, 0], [3, 0, 0]], "lengths": [NaN, Infinity]}')
    (folder / "empty.json").write_text("")
    (folder / "cut.npz").write_bytes(b"PK\x03\x04")
    record(folder / "run.packviz", 4, bad=(2,), kept=(1, 4))
    return [*sorted(map(str, folder.iterdir())), str(folder / "none.npz"), "sample:lengths-one-cause"]


CHOICES = st.builds(
    Choice,
    st.sampled_from([("ALL",), ("lengths", "length-counts-padding"), ("last-output",)]),
    st.sampled_from([(), ("length",), ("lengths-guessed", "last-output")]),
    st.sampled_from([None, *Severity]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(1, 5), st.integers(1, 7), CHOICES, st.booleans())
def test_whatever_the_shards_the_summary_is_that_of_one_run_byte_for_byte(
    kinds: list[str], data: st.DataObject, of: int, window: int, choice: Choice, afterwards: bool
) -> None:
    names = data.draw(st.lists(st.sampled_from(kinds), max_size=8))
    entries = [Entry(i, name) for i, name in enumerate(names)]
    typed = Typed(Call(batch_first=True, enforce_sorted=False), frozenset({"batch_first", "enforce_sorted"}))
    whole = Tally(window)
    for entry in entries:
        for item in looked(entry, Job(typed, "json", ask=False, choice=choice)):
            whole.add(item.checked)
    files = [f"{i}.part" for i in range(1, of + 1)]
    for i, file in enumerate(files, 1):
        narrowed = EVERYTHING if afterwards else choice
        job = Job(typed, "json", ask=False, choice=narrowed, shard=Part.among(i, of, entries))
        told = [item.text for entry in entries[i - 1 :: of] for item in looked(entry, job)]
        Path(file).write_text("".join(line + "\n" for line in told))
    found, missing = merged(data.draw(st.permutations(files)), choice, window)
    assert missing == ""
    assert json.dumps(plain(found.to_dict())) == json.dumps(plain(whole.summary().to_dict()))
