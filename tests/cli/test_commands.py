from __future__ import annotations

import io
import itertools
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from packviz.cli import main
from packviz.cli.commands import check_output, free_name, plain
from packviz.cli.reading import Typed
from packviz.core.batch import BatchError
from packviz.core.moments import Moment
from tests.recorded import record

GOOD = '{"x": [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], "lengths": [3, 2, 4], '
GOOD += '"batch_first": true, "enforce_sorted": false}'
WRONG = '{"x": [[1, 2, 3, 4, 0], [5, 6, 0, 0, 0], [7, 8, 9, 0, 0]], "lengths": [3, 2, 5], '
WRONG += '"batch_first": true, "enforce_sorted": false}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("good.json").write_text(GOOD)
    Path("wrong.json").write_text(WRONG)
    Path("broken.json").write_text("{")
    Path("three.json").write_text(f'{{"good": {GOOD}, "bad": {{"y": [3]}}, "the wrong": {WRONG}}}')
    Path("two.jsonl").write_text(f"{GOOD}\n{GOOD}\n")
    return tmp_path


@pytest.mark.usefixtures("folder")
class TestCheck:
    @pytest.mark.parametrize(
        ("files", "code"),
        [
            ("good.json", 0),
            ("wrong.json", 1),
            ("broken.json", 2),
            ("good.json wrong.json", 1),
            ("wrong.json good.json", 1),
            ("broken.json wrong.json", 2),
            ("wrong.json broken.json", 2),
            ("none.json good.json", 2),
            ("two.jsonl", 0),
            ("three.json", 2),
            ("three.json --entry 0", 0),
            ("three.json --entry good", 0),
            ("three.json --entry bad", 2),
            ("three.json --entry 2", 1),
            ("three.json --entry -2", 2),
            ("good.json --entry 1", 2),
            ("sample:first-batch --entry 1", 2),
        ],
    )
    def test_the_exit_code_is_the_worst(self, files: str, code: int) -> None:
        assert main(["check", *files.split()]) == code

    def test_what_was_typed_wins(self) -> None:
        assert main(["check", "wrong.json", "--lengths", "4,2,3"]) == 0
        assert main(["check", "good.json", "--enforce-sorted"]) == 1

    def test_findings_name_the_code_and_the_row(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "wrong.json"])
        told = capsys.readouterr()
        assert told.err == ""
        assert "length-counts-padding" in told.out
        assert "ow 2" in told.out

    def test_a_file_that_can_not_be_read_is_one_line_and_the_others_are_checked(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["check", "broken.json", "wrong.json"]) == 2
        told = capsys.readouterr()
        assert told.err.count("\n") == 1
        assert told.err.startswith("packviz: ")
        assert "broken.json" in told.err
        assert "wrong.json" in told.out

    def test_json_is_one_object_a_batch_each_on_its_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "good.json", "broken.json", "wrong.json", "--format", "json"])
        good, wrong = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert good["version"] == 1
        assert good["batch"]["batch_sizes"] == [3, 3, 2, 1]
        assert good["batch"]["sorted_indices"] == [2, 0, 1]
        assert good["torch"]["pack"]["ok"] is True
        assert "length-cuts-data" in {finding["code"] for finding in wrong["findings"]}

    def test_the_rules_alone_find_the_same_and_ask_torch_nothing(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        main(["check", "good.json", "wrong.json", "--format", "json"])
        asked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        monkeypatch.setattr("packviz.torch_side.asking.verdict.ask", lambda *_, **__: pytest.fail("torch was asked"))
        assert main(["check", "--rules-only", "good.json", "wrong.json", "--format", "json"]) == 1
        alone = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [told["torch"] for told in alone] == [None, None]
        for told in (*asked, *alone):
            del told["torch"]
            for finding in told["findings"]:
                del finding["torch"]
        assert alone == asked
        assert main(["check", "--rules-only", "good.json"]) == 0
        assert "torch was not asked" in capsys.readouterr().out

    def test_every_batch_of_every_file_is_checked_under_its_own_heading(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["check", "good.json", "three.json", "two.jsonl"]) == 2
        told = capsys.readouterr()
        headings = [line.split()[0] for line in told.out.splitlines() if ".json" in line[:12]]
        assert headings == ["good.json", "three.json[good]", "three.json[the", "two.jsonl[0]", "two.jsonl[1]"]
        assert told.err.count("\n") == 1
        assert told.err.startswith("packviz: three.json[bad]: it holds y, but packviz can't tell")

    def test_json_says_which_batch_of_a_file_each_line_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "three.json", "two.jsonl", "--format", "json", "--padding-value", "0"]) == 2
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        sources = ["three.json[good]", "three.json[the wrong]", "two.jsonl[0]", "two.jsonl[1]"]
        assert [each["source"] for each in told] == sources
        cut = ["length-cuts-data" in {finding["code"] for finding in each["findings"]} for each in told]
        assert cut == [False, True, False, False]

    def test_every_batch_of_what_is_piped_in_is_checked(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = "epoch 1\nx = [[1, 2], [3, 0]]\nlengths = [2, 1]\nepoch 2\nx = [[4, 5, 6]]\nlengths = [2]\n"
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main(["check", "-", "--batch-first", "--format", "json"]) == 1
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [each["source"] for each in told] == ["standard input[0]", "standard input[1]"]
        assert [each["batch"]["lengths"] for each in told] == [[2, 1], [2]]

    def test_standard_input_without_a_batch_is_said_once_and_counts_as_the_worst(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(Path("run.packviz"), 3, kept=(3,))
        for others in ((), ("good.json",), ("run.packviz",), ("run.packviz", "wrong.json")):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
            assert main(["check", "-", *others, "--rules-only"]) == 2
            told = capsys.readouterr()
            assert told.err.count("standard input is empty") == 1
            assert all(name.partition(".")[0] in told.out for name in others)

    def test_a_file_without_one_that_can_be_read_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("none.json").write_text('[{"y": 3}, {"z": 3}]')
        assert main(["check", "none.json", "good.json"]) == 2
        told = capsys.readouterr()
        assert told.err.startswith("packviz: none.json: none of its 2 batches can be read. none.json[0]: ")
        assert told.err.count("\n") == 1
        assert "good.json" in told.out

    def test_nothing_but_the_findings_is_coloured_and_only_for_a_terminal(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        main(["check", "wrong.json"])
        plainly = capsys.readouterr().out
        assert "\x1b" not in plainly
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setenv("TERM", "xterm")
        main(["check", "wrong.json"])
        assert "\x1b[" in capsys.readouterr().out
        monkeypatch.setenv("NO_COLOR", "1")
        main(["check", "wrong.json"])
        assert capsys.readouterr().out == plainly


def test_json_of_nan_and_infinity_is_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[1.0, np.nan], [2.0, 3.0]]))
    words = ["check", str(tmp_path / "x.npy"), "--lengths", "2,1", "--padding-value", "nan", "--format", "json"]
    main(words)
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told["batch"]["padding_value"] == "nan"
    assert plain({"a": [float("inf"), 1.5, {"b": -float("inf")}]}) == {"a": ["inf", 1.5, {"b": "-inf"}]}


class Drawn:
    """Stands in for the app: remembers what it was asked to draw."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[Any, Any, Path, dict[str, Any]]] = []
        monkeypatch.setattr("packviz.cli.commands.draw", self)

    def __call__(self, batch: Any, spec: Any, out: Path, **look: Any) -> None:
        self.calls.append((batch, spec, out, look))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    return Drawn(monkeypatch)


@pytest.mark.usefixtures("folder")
class TestRender:
    def test_the_picture_is_drawn_as_asked(self, drawn: Drawn) -> None:
        words = "render good.json -o out.png --step 2 --size 800x600 --theme light --cell GRU"
        assert main(words.split()) == 0
        [(batch, spec, out, look)] = drawn.calls
        assert batch.lengths.tolist() == [3, 2, 4]
        assert spec.cell == "GRU"
        assert out == Path("out.png")
        assert look == {"step": Moment(2), "size": (800, 600), "theme": "light", "message": None, "probe": False}

    def test_one_of_several_batches_is_drawn(self, drawn: Drawn) -> None:
        assert main(["render", "three.json", "-o", "out.png", "--entry", "the wrong"]) == 0
        [(batch, _, _, _)] = drawn.calls
        assert batch.source.shown == "three.json[the wrong]"
        assert batch.lengths.tolist() == [3, 2, 5]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("good.json -o out.jpg", "does not end in .png"),
            ("good.json -o none/out.png", "there is no folder none"),
            ("good.json -o dir.png", "dir.png is a folder"),
            ("none.json -o out.png", "there is no file none.json"),
            (
                "three.json -o out.png",
                "it holds 3 batches: say which one, with --entry good, or another of its names: ",
            ),
            ("two.jsonl -o out.png", "two.jsonl: it holds 2 batches: say which one, with --entry 0 or --entry 1."),
            ("two.jsonl -o out.png --entry 2", "two.jsonl: there is no batch 2 in it: it holds 0 to 1."),
            ("broken.json -o out.png", "broken.json"),
        ],
    )
    def test_what_can_not_be_is_said_in_one_line(
        self, drawn: Drawn, capsys: pytest.CaptureFixture[str], words: str, said: str
    ) -> None:
        Path("dir.png").mkdir()
        assert main(["render", *words.split()]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1
        assert drawn.calls == []


Ran = list[tuple[tuple[str, ...], Typed]]


@pytest.mark.usefixtures("folder")
class TestWindow:
    @pytest.fixture
    def ran(self, monkeypatch: pytest.MonkeyPatch) -> Ran:
        """What the app was asked to run."""
        asked: Ran = []
        monkeypatch.setattr("packviz.cli.commands.no_display", lambda: None)
        monkeypatch.setattr("packviz.app.run", lambda *words: asked.append(words) or 0)
        return asked

    def test_a_file_is_read_behind_the_window(self, ran: Ran) -> None:
        assert main(["good.json", "--lengths", "1,1,1"]) == 0
        assert ran == [(("good.json",), Typed(lengths=(1, 1, 1)))]

    def test_several_files_are_handed_over_in_their_order(self, ran: Ran) -> None:
        assert main(["wrong.json", "sample:first-batch", "good.json", "--batch-first"]) == 0
        [(names, typed)] = ran
        assert (names, typed.names) == (("wrong.json", "sample:first-batch", "good.json"), {"batch_first"})

    def test_of_several_files_those_that_are_there_come_first_and_the_window_says_of_the_others_too(
        self, ran: Ran, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["none.json", "good.json", "sample:none"]) == 2
        assert [names for names, _ in ran] == [("good.json", "none.json", "sample:none")]
        assert capsys.readouterr().err.count("\n") == 2

    def test_one_of_several_batches_is_handed_over(self, ran: Ran) -> None:
        assert main(["three.json", "--entry", "good"]) == 0
        assert ran == [(("three.json",), Typed(entry="good"))]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
    def test_a_pipe_among_the_files_is_read_behind_the_window(self, ran: Ran) -> None:
        os.mkfifo("pipe")
        assert main(["good.json", "pipe"]) == 0
        assert ran == [(("good.json", "pipe"), Typed())]

    def test_the_window_opens_on_the_first_sample(self, ran: Ran) -> None:
        assert main([]) == 0
        assert ran == [(("sample:first-batch",), Typed())]

    def test_what_is_piped_in_is_read_behind_the_window(self, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("-").write_text("a file of this name is not meant")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[[1, 2], [3, 0]]")))
        assert main(["-"]) == 0
        assert ran == [(("-",), Typed())]
        assert sys.stdin.buffer.read() == b"[[1, 2], [3, 0]]"

    @pytest.mark.parametrize("name", ["none.json", "sample:none", "."])
    def test_what_is_not_there_opens_no_window(self, ran: Ran, capsys: pytest.CaptureFixture[str], name: str) -> None:
        assert main([name]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert ran == []


@pytest.mark.usefixtures("folder")
class TestWithoutDisplay:
    @pytest.fixture(autouse=True)
    def _no_display(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("packviz.cli.commands.no_display", lambda: "there is no display here")

    def test_the_findings_of_the_sample_are_printed_and_the_window_is_a_picture(
        self, drawn: Drawn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([]) == 0
        told = capsys.readouterr()
        assert told.err.count("\n") == 1
        assert "no display" in told.err
        assert "packviz.png" in told.err
        assert "first-batch" in told.out
        assert drawn.calls[0][2] == Path("packviz.png")

    def test_the_findings_of_all_are_printed_and_the_first_is_the_picture(
        self, drawn: Drawn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["broken.json", "three.json", "good.json"]) == 2
        told = capsys.readouterr()
        assert [batch.source.shown for batch, _, _, _ in drawn.calls] == ["three.json[good]"]
        headings = {line.split()[0] for line in told.out.splitlines() if ".json" in line[:12]}
        assert headings == {"three.json[good]", "three.json[the", "good.json"}
        assert [line.split(":")[1].strip() for line in told.err.splitlines()][::2] == ["broken.json", "three.json[bad]"]

    def test_no_picture_is_overwritten(self, drawn: Drawn) -> None:
        Path("packviz.png").write_bytes(b"somebody's")
        Path("packviz-2.png").write_bytes(b"somebody's")
        assert main(["wrong.json"]) == 0
        assert drawn.calls[0][2] == Path("packviz-3.png")

    def test_a_file_that_can_not_be_read_is_said(self, drawn: Drawn, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["none.json"]) == 2
        assert capsys.readouterr().err == "packviz: there is no file none.json.\n"
        assert drawn.calls == []


def test_an_output_that_may_not_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everything
    with pytest.raises(BatchError, match="permission denied"):
        check_output(tmp_path / "out.png")


def test_the_first_free_name_is_taken(tmp_path: Path) -> None:
    assert free_name(tmp_path / "a.png") == tmp_path / "a.png"
    (tmp_path / "a.png").touch()
    assert free_name(tmp_path / "a.png") == tmp_path / "a-2.png"


def test_a_defect_ends_with_2_and_says_what_to_send(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("packviz.cli.commands.check", lambda options, typed: 1 // 0)
    assert main(["check", "sample:first-batch"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("packviz failed here, which is its own defect and not the batch's")
    assert "ZeroDivisionError" in told.err
    assert "Traceback" not in told.err


@pytest.mark.usefixtures("folder")
def test_more_memory_is_allowed_by_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", np.ones((64, 64)))
    assert main(["check", "x.npy", "--memory", "1K", "--rules-only"]) == 2
    assert "more than the 1 KiB allowed" in capsys.readouterr().err
    assert main(["check", "x.npy", "--memory", "1M", "--rules-only", "--batch-first"]) == 0
    with pytest.raises(SystemExit) as ended:
        main(["check", "x.npy", "--memory", "much"])
    assert ended.value.code == 2
    assert "no size of memory" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_more_time_is_allowed_by_an_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    looks = itertools.count()
    monkeypatch.setattr("packviz.core.patience.clock", lambda: float(next(looks)))  # a second goes by at each look
    np.save("x.npy", np.ones((64, 64)))
    assert main(["check", "x.npy", "--seconds", "0.5", "--rules-only"]) == 2
    assert "x.npy: reading it takes more than the 0.5 s allowed" in capsys.readouterr().err
    assert main(["check", "x.npy", "--seconds", "1000", "--rules-only", "--batch-first"]) == 0
    with pytest.raises(SystemExit) as ended:
        main(["check", "x.npy", "--seconds", "soon"])
    assert ended.value.code == 2
    assert "no number of seconds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "said"), [("PACKVIZ_MEMORY", "no size of memory"), ("PACKVIZ_SECONDS", "no number")]
)
def test_a_variable_that_says_nothing_is_said_and_not_passed_over(
    variable: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "plenty")
    assert main(["check", "sample:first-batch", "--rules-only"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"packviz: {variable}: 'plenty' is")
    assert said in told
