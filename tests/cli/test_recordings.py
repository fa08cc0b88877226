"""`packviz check run.packviz`: a table of its calls, or a line of JSON each, through the real main."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shlex
import signal
from pathlib import Path
from typing import Any

import fsspec
import pytest

from packviz.cli import main, recordings
from packviz.cli.recordings import in_a_table, named
from packviz.files.kept.container import record as tar_record
from tests.cli.begun import begun
from tests.recorded import EVAL, damaged, record


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_table_has_the_worst_on_top_and_says_what_is_wrong_now(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 5, bad=(4,), kept=(1,), sites={1: EVAL})
    assert main(["check", "run.packviz"]) == 1
    text = capsys.readouterr().out
    kept = text[text.index("Kept calls as they are checked now") :].splitlines()
    assert [line.split()[:2] for line in kept if line.startswith("     ") and ".py" in line] == [
        ["4", "train.py:31"],
        ["1", "eval.py:12"],
    ]
    assert "ERROR   length-not-positive" in text
    assert text.rstrip().endswith('packviz check run.packviz --entry "4 train.py:31"')


def test_a_recording_without_anything_wrong_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("good.packviz"), 3, kept=(3,))
    assert main(["check", "good.packviz", "--rules-only"]) == 0
    assert "3 calls, 1 of them kept" in capsys.readouterr().out


def test_a_bad_call_counts_even_where_its_batch_was_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    from packviz.files.kept.recordings import RecordingWriter
    from tests.recorded import call_of

    writer = RecordingWriter("lost.packviz")
    writer.note(call_of(1, kept=False, bad=True))
    writer.end()
    assert main(["check", "lost.packviz"]) == 1
    assert "1 call, none of them kept" in capsys.readouterr().out
    assert main(["check", "lost.packviz", "--format", "json"]) == 1
    assert capsys.readouterr().out == ""


def test_a_killed_program_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("killed.packviz"), 3, kept=(1,), end=False)
    assert main(["check", "killed.packviz", "--rules-only"]) == 0
    assert "It has no end: the program was killed" in capsys.readouterr().out


def test_a_damaged_call_is_said_the_others_are_checked_and_it_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    damaged(record(Path("run.packviz"), 5, bad=(4,), kept=(1, 2)), (b"calls/000004", 700))
    said = (
        "packviz: run.packviz is damaged. The batch of call 4 (calls/000004.safetensors, at byte 6,144) is damaged: "
        "its checksum is another. No call is missing from the list.\n"
    )
    assert main(["check", "run.packviz", "--rules-only"]) == 2
    found = capsys.readouterr()
    assert found.err == said
    assert "1 batch is damaged" in found.out
    assert "The batch of call 4 (calls/000004.safetensors, at byte 6,144) is damaged" in " ".join(found.out.split())
    kept = found.out[found.out.index("Kept calls as they are checked now") :]
    assert [line.split()[0] for line in kept.splitlines() if " train.py:31" in line][:2] == ["1", "2"]
    assert main(["check", "run.packviz", "--rules-only", "--format", "json"]) == 2
    found = capsys.readouterr()
    assert found.err == said
    first, *rest = (json.loads(line) for line in found.out.splitlines())
    assert [line["call"]["number"] for line in (first, *rest)] == [4, 1, 2]
    assert first["source"] == "run.packviz[4 train.py:31]"
    assert first["trouble"].startswith("run.packviz[4 train.py:31]: the batch of call 4 (calls/000004.safetensors, at")
    assert first["damage"] == {"record": "calls/000004.safetensors", "at": 6144, "bytes": 3072}
    assert first["lost"] == {"calls": 0, "exact": True, "numbers": []}


def test_what_is_damaged_and_of_no_call_that_is_known_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    damaged(record(Path("run.packviz"), 5, kept=(1, 2)), (b"seen/000000", 1512))
    assert main(["check", "run.packviz", "--rules-only", "--format", "json"]) == 2
    found = capsys.readouterr()
    assert "1 call is missing from the list: 3." in found.err
    first, *rest = (json.loads(line) for line in found.out.splitlines())
    assert (first["source"], first["call"]) == ("run.packviz", None)
    assert first["lost"] == {"calls": 1, "exact": True, "numbers": [[3, 3]]}
    assert [line["call"]["number"] for line in rest] == [1, 2]
    for narrowed in (["--select", "padding-left"], ["--format", "lines"]):
        assert main(["check", "run.packviz", "--rules-only", *narrowed]) == 2
        assert "the record seen/000000.jsonl (at byte 6,144" in capsys.readouterr().err


def test_one_whole_call_of_a_damaged_recording_is_no_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    damaged(record(Path("run.packviz"), 5, kept=(1, 2)), (b"calls/000002", 700))
    assert main(["check", "run.packviz", "--rules-only", "--entry", "1"]) == 0
    assert capsys.readouterr().err == ""
    for form in ([], ["--format", "json"]):
        assert main(["check", "run.packviz", "--rules-only", "--entry", "2", *form]) == 2
        assert "batch of call 2 (calls/000002.safetensors, at byte" in capsys.readouterr().err


def test_json_is_a_line_a_kept_call_with_its_site(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 5, bad=(4,), kept=(1,))
    assert main(["check", "run.packviz", "--format", "json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["call"]["number"] for line in lines] == [1, 4]
    assert {"site": "train.py:31", "function": "step", "outcome": "returned", "call": "nn.LSTM"}.items() <= lines[0][
        "call"
    ].items()
    assert lines[1]["call"]["outcome"].startswith("raised RuntimeError")
    assert [line["source"] for line in lines] == ["run.packviz[1 train.py:31]", "run.packviz[4 train.py:31]"]
    assert lines[1]["findings"][0]["code"] == "length-not-positive"
    assert "h_n (1, 3, 4)" in json.dumps(lines[0]["torch"])


def test_one_call_is_named_by_its_number_or_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 5, bad=(4,), kept=(1,))
    for entry in ("4", "4 train.py:31"):
        assert main(["check", "run.packviz", "--rules-only", "--entry", entry]) == 1
        assert capsys.readouterr().out.startswith("run.packviz[4 train.py:31]\n")
        assert main(["check", "run.packviz", "--rules-only", "--entry", entry, "--format", "json"]) == 1
        assert json.loads(capsys.readouterr().out)["call"]["number"] == 4
    assert main(["check", "run.packviz", "--entry", "2", "--format", "json"]) == 2
    assert "call 2 can't be read: its batch was not kept" in capsys.readouterr().err
    assert main(["check", "run.packviz", "--entry", "9", "--format", "json"]) == 2
    assert "there is no such call" in capsys.readouterr().err


def test_recordings_and_other_files_are_checked_together(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 2, kept=(1,))
    Path("x.json").write_text('{"x": [[1, 2], [3, 0]], "lengths": [2, 5], "batch_first": true}')
    assert main(["check", "x.json", "run.packviz", "--rules-only"]) == 1
    text = capsys.readouterr().out
    assert text.index("run.packviz") < text.index("x.json")
    assert main(["check", "run.packviz", "none.json"]) == 2


def test_one_that_is_piped_in_is_told_as_the_file_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = record(Path("run.packviz"), 5, bad=(4,), kept=(1,)).read_bytes()
    for words in ((), ("--format", "json"), ("--entry", "4"), ("--entry", "4", "--format", "json")):
        told = []
        for name in ("run.packviz", "-"):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
            assert main(["check", name, "--rules-only", *words]) == 1
            told.append(capsys.readouterr().out)
        assert told[1] == told[0].replace("check run.packviz", "check -").replace("run.packviz", "standard input")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" ")))
    assert main(["check", "-", "run.packviz", "--rules-only"]) == 2
    told = capsys.readouterr()
    assert "standard input is empty" in told.err
    assert "train.py:31" in told.out


def test_of_several_each_is_told_after_an_empty_line_and_what_is_piped_in_is_one_of_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = record(Path("one.packviz"), 5, bad=(4,), kept=(1,)).read_bytes()
    record(Path("two.packviz"), 7, kept=(3,))
    alone = []
    for name in ("one.packviz", "two.packviz"):
        main(["check", name, "--rules-only"])
        alone.append(capsys.readouterr().out)
    assert main(["check", "one.packviz", "two.packviz", "--rules-only"]) == 1
    assert capsys.readouterr().out == "\n".join(alone)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["check", "-", "two.packviz", "--rules-only", "--format", "json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["source"].partition("[")[0], line["call"]["number"]) for line in lines] == [
        ("standard input", 1),
        ("standard input", 4),
        ("two.packviz", 3),
    ]


@pytest.mark.parametrize("name", ["r", "r/*.packviz", "r/run.packviz", "memory://run.packviz"])
@pytest.mark.parametrize("words", [(), ("--shard", "1/1"), ("--select", "ALL"), ("--jobs", "2")])
def test_json_has_the_call_however_the_recording_was_named(
    name: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r").mkdir()
    data = record(Path("r/run.packviz"), 5, bad=(4,), kept=(1,)).read_bytes()
    fsspec.filesystem("memory").pipe("/run.packviz", data)
    assert main(["check", name, "--rules-only", "--format", "json", *words]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["call"]["number"] for line in lines] == [1, 4]


@pytest.mark.parametrize("name", ["r/*.packviz", "memory://run.packviz"])
def test_a_pattern_and_an_address_are_told_as_the_file_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("r").mkdir()
    data = record(Path("r/run.packviz"), 5, bad=(4,), kept=(1,)).read_bytes()
    fsspec.filesystem("memory").pipe("/run.packviz", data)
    told = []
    for one in ("r/run.packviz", name):
        assert main(["check", one, "--rules-only"]) == 1
        told.append(capsys.readouterr().out.replace("memory://", "r/"))
    assert told[0] == told[1]


def test_how_bad_it_must_be_counts_for_recordings_too(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 3, kept=(1, 2))
    noted = [("never", 0), ("error", 0), ("silent", 0), ("note", 1)]
    assert [(to, main(["check", "run.packviz", "--rules-only", "--fail-on", to])) for to, _ in noted] == noted
    record(Path("bad.packviz"), 3, bad=(2,))
    assert main(["check", "bad.packviz", "--rules-only", "--fail-on", "never"]) == 0
    assert main(["check", "bad.packviz", "--rules-only", "--fail-on", "error"]) == 1


def test_a_baseline_holds_what_a_recording_has(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 3, bad=(2,))
    words = ["check", "run.packviz", "--rules-only", "--baseline", "known.json"]
    assert main(words) == 0
    assert json.loads(Path("known.json").read_text())["known"].keys() == {"run.packviz[2 train.py:31]"}
    assert main(words) == 0


def test_a_line_a_finding_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 3, bad=(2,))
    assert main(["check", "run.packviz", "--rules-only", "--format", "lines"]) == 1
    assert capsys.readouterr().out.startswith("run.packviz[2 train.py:31]: ERROR length-not-positive: ")


def test_the_line_that_shows_one_call_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("my run.packviz"), 3, bad=(2,))
    main(["check", "my run.packviz", "--rules-only"])
    last = capsys.readouterr().out.rstrip().splitlines()[-1].partition(": packviz ")[2]
    assert main([*shlex.split(last), "--rules-only"]) == 1
    assert capsys.readouterr().out.startswith("my run.packviz[2 train.py:31]\n")


def test_options_that_are_about_one_batch_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    record(Path("run.packviz"), 2, kept=(1,))
    assert main(["check", "run.packviz", "--lengths", "3,2,1"]) == 2
    assert "run.packviz is a recording" in capsys.readouterr().err


def test_a_damaged_recording_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    data = record(Path("run.packviz"), 2, kept=(1,)).read_bytes()
    newer = tar_record("packviz.json", b'{"packviz": 9, "kind": "recording"}')
    for bent, said in (
        (data.replace(b'"packviz": 1', b'"packviz": 9'), "its checksum is another"),
        (newer + data[len(newer) :], "newer packviz"),
    ):
        Path("run.packviz").write_bytes(bent)
        assert main(["check", "run.packviz"]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert said in told


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the app was asked to draw: (batch, module, file, the rest)."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "packviz.cli.commands.draw", lambda batch, spec, out, **look: calls.append((batch, spec, out, look))
    )
    return calls


def test_a_picture_is_of_the_worst_call_with_its_module_and_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    record(Path("run.packviz"), 5, bad=(4,), kept=(1,))
    asked = drawn(monkeypatch)
    assert main(["render", "run.packviz", "-o", "out.png"]) == 0
    assert main(["render", "run.packviz", "-o", "out.png", "--entry", "1"]) == 0
    assert [batch.source.entry for batch, *_ in asked] == ["4 train.py:31", "1 train.py:31"]
    assert all(spec.held and spec.numbers is not None for _, spec, *_ in asked)
    assert all(len(look["recording"].recording.calls) == 5 for *_, look in asked)


def test_of_a_recording_that_kept_nothing_there_is_no_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record(Path("run.packviz"), 5)
    asked = drawn(monkeypatch)
    assert main(["render", "run.packviz", "-o", "out.png"]) == 2
    assert "it has noted 5 calls and kept the batch of none" in capsys.readouterr().err
    assert asked == []


def test_without_a_display_there_are_the_table_and_a_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record(Path("run.packviz"), 3, bad=(2,))
    asked = drawn(monkeypatch)
    monkeypatch.setattr("packviz.cli.commands.no_display", lambda: "there is no display here")
    assert main(["run.packviz"]) == 1
    said = capsys.readouterr()
    assert "Kept calls as they are checked now" in said.out
    assert "packviz.png is the window" in said.err
    assert [look.get("recording") is not None for *_, look in asked] == [True]


def test_the_python_beside_a_call_makes_its_module_and_its_hx(capsys: pytest.CaptureFixture[str]) -> None:
    import torch

    from packviz.core.texts.python.snippet import python_for
    from packviz.files.kept.recordings import recorded
    from packviz.torch_side.stepping.trace import run
    from tests.torch_side.stepping.test_trace import packing_of

    found = recorded(record(Path("run.packviz"), 3, kept=(3,)))
    batch, module = found.opened(found.recording.calls[2])
    assert module is not None
    names: dict[str, Any] = {}
    exec(python_for(batch, module), names)  # our own text, in a test
    trace = run(batch, packing_of(batch), module)
    torch.testing.assert_close(torch.from_numpy(trace.final["h_n"].copy()), names["h_n"].detach())


@pytest.mark.parametrize("name", ["exclude", "select", "ignore", "baseline", "window", "merge", "shard", "dask"])
def test_where_only_some_is_wanted_its_batches_are_ones_as_any_others(name: str) -> None:
    assert in_a_table(argparse.Namespace(files=["run.packviz"]))
    assert in_a_table(argparse.Namespace(files=["run.packviz"], format="json", **{name: None}))
    assert not in_a_table(argparse.Namespace(files=["run.packviz"], **{name: ["x"]}))
    assert not in_a_table(argparse.Namespace(files=["run.packviz"], format="lines"))


def test_a_pattern_means_what_fits_it_unless_something_of_it_can_not_be_looked_at() -> None:
    for name in ("d2.packviz", "d10.packviz"):
        record(Path(name), 2)
    assert named("d*.packviz") == ["d2.packviz", "d10.packviz"]
    assert named("none*") == ["none*"]
    Path("d1").mkdir()
    assert named("d*") == ["d*"]
    for name in ("-", "d2.packviz", "memory://d*.packviz"):
        assert named(name) == [name]


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_comes_between_two_calls_and_says_how_far_it_came(form: str) -> None:
    record(Path("run.packviz"), 1500, kept=range(1, 1501))
    with begun("check", "run.packviz", "--rules-only", "--format", form, lines=30) as (process, first):
        process.send_signal(signal.SIGINT)
        out, err = (told.decode() for told in process.communicate(timeout=30))
    assert process.returncode == 130
    told = re.fullmatch(r"packviz: interrupted after ([\d,]+) of 1,500 calls\.\n", err)
    assert told is not None, err
    out = first + out
    assert out.endswith("\n")
    if form == "json":
        numbers = [json.loads(line)["call"]["number"] for line in out.splitlines()]
    else:
        kept = out[out.index("Kept calls") :].splitlines()
        numbers = [int(line.split()[0]) for line in kept if " train.py:31" in line]
    assert len(numbers) == int(told[1].replace(",", "")) < 1500


def test_ctrl_c_in_one_of_several_says_in_which_and_what_could_not_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record(Path("good.packviz"), 3, kept=(1, 2))
    damaged(record(Path("run.packviz"), 5, bad=(4,), kept=(1, 2)), (b"calls/000004", 700))
    real = recordings.report_on

    def report_on(batch: Any, *rest: Any, **more: Any) -> Any:
        if str(batch.source).startswith("run.packviz[2"):
            raise KeyboardInterrupt
        return real(batch, *rest, **more)

    monkeypatch.setattr(recordings, "report_on", report_on)
    head = Path("good.packviz").read_bytes()[:1024]
    Path("broken.packviz").write_bytes(head[:512] + b"x" * 512 + head)
    assert main(["check", "broken.packviz", "good.packviz", "run.packviz", "--rules-only"]) == 130
    broken, damage, told = capsys.readouterr().err.rstrip("\n").splitlines()
    assert broken.startswith("packviz: broken.packviz: it is damaged")
    assert damage.startswith("packviz: run.packviz is damaged.")
    assert told == "packviz: interrupted at file 3 of 3, after 1 of 2 calls."


def test_ctrl_c_before_anything_was_told_says_only_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def recording_of(name: str, piped: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(recordings, "recording_of", recording_of)
    assert main(["check", "run.packviz"]) == 130
    assert capsys.readouterr() == ("", "packviz: interrupted.\n\n")
