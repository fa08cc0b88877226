"""`packviz check` over many files: what is printed, in which order, and the exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import packviz
from packviz.cli import main
from packviz.cli.checking import command
from packviz.cli.checking.command import FEW, entries_of, jobs_of, usual_jobs
from packviz.core.report import Report
from tests.cli.begun import begun

CALL = ("--batch-first", "--no-enforce-sorted", "--rules-only")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def arrays(i: int) -> dict[str, Any]:
    """Of every fifth batch row 1 counts a padding cell."""
    lengths = np.random.default_rng(i).integers(1, 9, 4)
    x = np.where(np.arange(10) < lengths[:, None], 1.0, 0.0)
    lengths[1] += i % 5 == 0
    return {"x": x, "lengths": lengths}


def put(count: int, folder: str = "d") -> None:
    Path(folder).mkdir(exist_ok=True)
    for i in range(count):
        np.savez(Path(folder, f"b{i}.npz"), **arrays(i))


@pytest.fixture
def many() -> None:
    put(23)
    Path("d/b7.npz").write_bytes(b"PK\x03\x04")
    Path("d/.hidden.npz").write_bytes(b"")
    Path("d/notes.txt").write_text("no batch")


@pytest.mark.usefixtures("many")
class TestMany:
    def test_a_finding_is_a_line_and_a_summary_comes_last(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "d", *CALL]) == 2
        told = capsys.readouterr()
        lines, summary = told.out.split("\n\n", 1)
        head = "SILENT length-counts-padding: Row 1: its length counts padding"
        assert lines.splitlines() == [f"d/b{i}.npz: {head}" for i in (0, 5, 10, 15, 20)]
        assert summary.startswith("23 batches, 88 rows: 17 are fine, 5 wrong, 1 can't be read\n")
        assert "torch was not asked" in summary
        assert told.err.startswith("packviz: d/b7.npz: it is damaged or no .npz file")
        assert told.err.count("\n") == 1

    def test_codes_are_counted_as_in_the_reports_of_each(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "d", *CALL, "--shard", "1/1", "--format", "json"])
        Path("all.jsonl").write_text(capsys.readouterr().out)
        main(["check", "--merge", "all.jsonl", "--format", "json"])
        found = json.loads(capsys.readouterr().out)["findings"]
        reports = [
            packviz.check(**arrays(i), batch_first=True, enforce_sorted=False, ask=False) for i in range(23) if i != 7
        ]
        counted = Counter(finding.code for report in reports for finding in report.findings)
        assert {one["code"]: one["batches"] for one in found} == counted

    @pytest.mark.parametrize("form", ["text", "lines", "json"])
    def test_the_output_is_the_same_from_one_process_and_from_three(
        self, form: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told = []
        for jobs in "13":
            assert main(["check", "d", "none.npz", *CALL, "--format", form, "--jobs", jobs]) == 2
            told.append(capsys.readouterr())
        assert told[0] == told[1]
        assert told[0].out
        assert "there is no file none.npz" in told[0].err

    def test_json_has_lines_only_and_the_summary_goes_to_standard_error(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["check", "d", *CALL, "--format", "json"])
        told = capsys.readouterr()
        lines = [json.loads(line) for line in told.out.splitlines()]
        assert [line["source"] for line in lines] == [f"d/b{i}.npz" for i in range(23) if i != 7]
        assert all("at" not in line for line in lines)
        assert "23 batches, 88 rows" in told.err

    def test_reports_are_printed_whole_where_they_are_asked_for(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["check", "d", *CALL, "--format", "text"])
        out = capsys.readouterr().out
        assert out.count("batch_first=True, enforce_sorted=False") == 22
        assert "23 batches, 88 rows" in out

    def test_no_report_is_kept(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        from packviz.cli.checking import looking

        alive: list[weakref.ref[Report]] = []
        most = 0
        real = looking.report_on

        def watched(*args: Any, **kwargs: Any) -> Report:
            nonlocal most
            report = real(*args, **kwargs)
            alive.append(weakref.ref(report))
            most = max(most, sum(ref() is not None for ref in alive))
            return report

        monkeypatch.setattr(looking, "report_on", watched)
        main(["check", "d", *CALL])
        assert len(alive) == 22
        assert most <= 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", 1),
        ("--ignore length-counts-padding", 0),
        ("--ignore length", 0),
        ("--select padding", 0),
        ("--select padding --fail-on note", 1),
        ("--select length", 1),
        ("--fail-on error", 0),
        ("--fail-on silent", 1),
        ("--fail-on never", 0),
        ("--fail-on never none.npz", 2),
        ("--ignore ALL", 0),
        ("--ignore ALL --select length-counts-padding", 1),
    ],
)
def test_the_exit_code_is_that_of_what_is_asked_for(words: str, code: int) -> None:
    put(12)
    assert main(["check", "d", *CALL, *words.split()]) == code


def test_what_is_left_out_is_in_no_line_and_no_count(capsys: pytest.CaptureFixture[str]) -> None:
    put(12)
    main(["check", "d", *CALL, "--ignore", "length"])
    out = capsys.readouterr().out
    assert out.startswith("12 batches, ")
    assert "length-counts-padding" not in out
    main(["check", "d/b0.npz", *CALL, "--ignore", "length", "--format", "json"])
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(not finding["code"].startswith("length-") for finding in line["findings"])


def test_few_are_printed_as_each_by_itself_is(capsys: pytest.CaptureFixture[str]) -> None:
    put(FEW)
    alone = []
    for i in range(FEW):
        main(["check", f"d/b{i}.npz", *CALL])
        alone.append(capsys.readouterr().out)
    main(["check", "d", *CALL])
    assert capsys.readouterr().out == "\n".join(alone)
    assert packviz.check(packviz.load("d/b0.npz", batch_first=True, enforce_sorted=False), ask=False).ok is False
    assert alone[0] == f"{packviz.check(packviz.load('d/b0.npz', batch_first=True, enforce_sorted=False), ask=False)}\n"


def test_of_one_file_with_many_the_first_are_reports_and_the_others_lines(capsys: pytest.CaptureFixture[str]) -> None:
    batches = [{name: value.tolist() for name, value in arrays(i).items()} for i in range(FEW + 6)]
    Path("many.jsonl").write_text("".join(json.dumps(batch) + "\n" for batch in batches))
    assert main(["check", "many.jsonl", *CALL]) == 1
    out = capsys.readouterr().out
    assert out.count("batch_first=True, enforce_sorted=False") == FEW
    lines = [line for line in out.splitlines() if line.startswith("many.jsonl[") and ": SILENT" in line]
    assert [line.partition(":")[0] for line in lines] == ["many.jsonl[10]", "many.jsonl[15]"]
    assert f"\n\n{FEW + 6} batches, " in out


def test_of_few_files_with_many_the_first_batches_of_all_are_reports(capsys: pytest.CaptureFixture[str]) -> None:
    batches = [{name: value.tolist() for name, value in arrays(i).items()} for i in range(8)]
    for name in ("a.jsonl", "b.jsonl"):
        Path(name).write_text("".join(json.dumps(batch) + "\n" for batch in batches))
    main(["check", "a.jsonl", "b.jsonl", *CALL])
    out = capsys.readouterr().out
    assert out.count("batch_first=True, enforce_sorted=False") == FEW
    assert "\nb.jsonl[5]: SILENT length-counts-padding" in out
    assert "16 batches, " in out


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind there")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_that_goes_away_ends_it_quietly(jobs: str) -> None:
    put(40)
    words = [sys.executable, "-m", "packviz", "check", "d", *CALL, "--format", "json", "--jobs", jobs]
    env = {**os.environ, "PYTHONPATH": str(Path(packviz.__file__).parents[1])}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_broken_files_and_folders_are_told_in_their_places(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(3)
    Path("d/empty.npz").touch()
    Path("e").mkdir()
    Path("d/x.json").write_text("[[1, 2], [3")
    assert main(["check", "e", "d", "q*.npz", *CALL, "--format", "json"]) == 2
    told = capsys.readouterr()
    assert [json.loads(line)["source"] for line in told.out.splitlines()] == [f"d/b{i}.npz" for i in range(3)]
    first, *others = told.err.splitlines()
    assert first.startswith("packviz: e holds no file that packviz reads")
    assert [line.split()[1] for line in others] == ["d/empty.npz:", "d/x.json:", "no"]


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def test_addresses_are_checked_as_files_are(memory: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for i in range(12):
        data = io.BytesIO()
        np.savez(data, **arrays(i))
        memory.pipe(f"/d/b{i}.npz", data.getvalue())
    assert main(["check", "memory://d", *CALL, "--jobs", "3"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("memory:///d/b0.npz: SILENT length-counts-padding")
    assert "12 batches, 48 rows" in out
    assert main(["check", "memory://d/b1*.npz", *CALL]) == 1
    assert main(["check", "memory://none.npz", *CALL]) == 2
    assert "packviz: memory://none.npz: there is no such file." in capsys.readouterr().err


def test_standard_input_is_read_here_whatever_the_jobs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(2)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x = [[1, 2], [3, 0]]\nlengths = [2, 1]\n")))
    assert main(["check", "-", "d", *CALL, "--jobs", "2", "--format", "json"]) == 1
    lines = [json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["standard input", "d/b0.npz", "d/b1.npz"]


def test_without_distributed_it_is_said_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(1)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["check", "d", "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "pip install 'packviz[dask]'" in capsys.readouterr().err
    assert main(["check", "-", "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "- can be read in this process only" in capsys.readouterr().err


def test_as_many_processes_as_are_worth_their_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "cores", lambda: 4)
    assert [usual_jobs(files) for files in (1, 99, 100, 250, 10_000)] == [1, 1, 1, 2, 4]
    monkeypatch.setattr(command, "cores", lambda: 128)
    assert usual_jobs(10_000) == command.MOST_JOBS


def test_no_more_processes_are_started_than_a_machine_has_use_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "cores", lambda: 2)
    assert [jobs_of(typed, 5000) for typed in (None, 1, 3, 16, 99, 10**11)] == [2, 1, 3, 16, 16, 16]
    assert [jobs_of(typed, 3) for typed in (None, 8, 99)] == [1, 3, 3]


def test_entries_are_numbered_in_order() -> None:
    put(2)
    assert [(e.number, e.name) for e in entries_of(["d", "sample:first-batch", "-", "d/b0.npz"])] == [
        (0, "d/b0.npz"),
        (1, "d/b1.npz"),
        (2, "sample:first-batch"),
        (3, "-"),
        (4, "d/b0.npz"),
    ]


def test_the_rules_alone_import_no_torch() -> None:
    put(12)
    code = (
        "import sys; from packviz.cli import main; main(['check', 'd', '--rules-only']); "
        "sys.exit('torch' in sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(packviz.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, env=env).returncode == 0


@pytest.mark.parametrize("words", ["--rules-only", "--rules-only --jobs 2", "", "--jobs 2", "--format json"])
def test_where_torch_can_not_be_imported_that_is_one_sentence(words: str) -> None:
    put(3)
    Path("d/w.pt").write_bytes(b"PK")
    Path("fake/torch").mkdir(parents=True)
    Path("fake/torch/__init__.py").write_text("raise ImportError('libc10.so: no such file')")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(packviz.__file__).parents[1]), "fake"])}
    line = [sys.executable, "-m", "packviz", "check", "d", "--batch-first", "--no-enforce-sorted", *words.split()]
    found = subprocess.run(line, capture_output=True, text=True, env=env)
    said = "torch can't be imported here (libc10.so: no such file): install it anew"
    assert found.returncode == 2
    if "--rules-only" in words:  # the others follow
        assert found.stderr == f"packviz: d/w.pt: {said}.\n"
        assert "length-counts-padding" in found.stdout
    else:
        assert found.stderr == f"packviz: {said}, or check with --rules-only.\n"
        assert found.stdout == ""


def test_guessed_lengths_are_told_in_every_form_and_do_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    Path("g").mkdir()
    for i in range(FEW + 2):
        np.save(f"g/b{i}.npy", np.array([[1, 2, 3, 0], [4, 0, 0, 0], [5, 6, 0, 0]]))
    told = "guessed from the padding: what is said of"
    assert main(["check", "g", *CALL]) == 0
    assert f"the lengths of 12 batches are {told} them holds if they are right\n" in capsys.readouterr().out
    assert main(["check", "g/b0.npy", *CALL, "--format", "lines"]) == 0
    assert capsys.readouterr() == ("", f"packviz: the lengths of 1 batch are {told} it holds if they are right.\n")
    assert main(["check", "g", *CALL, "--shard", "1/1", "--format", "json"]) == 0
    out = capsys.readouterr().out
    assert {json.loads(line)["batch"]["lengths_from"] for line in out.splitlines()} == {"guessed"}
    Path("all.jsonl").write_text(out)
    assert main(["check", "--merge", "all.jsonl", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["guessed"] == 12
    assert main(["check", "g/b0.npy", *CALL, "--select", "lengths-guessed", "--fail-on", "note"]) == 1
    for words in ((), ("--ignore", "lengths-guessed"), ("--ignore", "ALL")):
        capsys.readouterr()
        assert main(["check", "g/b0.npy", *CALL, *words]) == 0
        assert ", if the guessed lengths are right" in capsys.readouterr().out


def test_what_is_left_out_by_name_is_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    put(3)
    put(2, "d/cache")
    Path("d/b1.npz").write_bytes(b"")
    assert main(["check", "d", *CALL, "--exclude", "cache", "--exclude", "b1.npz", "--format", "json"]) == 1
    lines = [json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["d/b0.npz", "d/b2.npz"]
    assert main(["check", "d", *CALL, "--exclude", "*"]) == 2
    assert capsys.readouterr().err == "packviz: d means no file that --exclude leaves.\n"


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=3, unique=True))
@example(["\u05f5".encode()])  # no letter yet
@example([b"a\nb.npz: ERROR x", b"\x1b[31mred", b"\xff\xfe", b"\xc2\x9b31m"])
def test_whatever_a_file_is_called_a_line_is_a_line(
    tmp_path_factory: pytest.TempPathFactory, names: list[bytes]
) -> None:
    folder = os.fsencode(tmp_path_factory.mktemp("names"))
    data = io.BytesIO()
    np.savez(data, **arrays(0))
    files = sorted({b"x" + re.sub(rb"[/\x00]", b"_", name) + b".npz" for name in names})
    for name in files:
        with open(os.path.join(folder, name), "wb") as file:  # noqa: PTH118, PTH123  # names that are bytes
            file.write(data.getvalue())
    out, err = io.TextIOWrapper(io.BytesIO(), errors="replace"), io.TextIOWrapper(io.BytesIO(), errors="replace")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert main(["check", os.fsdecode(folder), *CALL, "--format", "json"]) == 1
        out.flush()
        told = out.buffer.getvalue()  # type: ignore[attr-defined]
        assert {os.fsencode(json.loads(line)["source"]) for line in told.split(b"\n")[:-1]} == {
            os.path.join(folder, name)  # noqa: PTH118
            for name in files
        }
        out.buffer.truncate(0)
        out.buffer.seek(0)
        main(["check", os.fsdecode(folder), *CALL, "--format", "lines"])
        out.flush()
        lines = out.buffer.getvalue().decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == len(files)
    assert all(" SILENT length-counts-padding: " in line for line in lines)
    assert not [letter for letter in "".join(lines) if unicodedata.category(letter) == "Cc"]  # what a terminal obeys


def test_a_link_that_leads_nowhere_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    put(1)
    Path("d/gone.npz").symlink_to("nowhere")
    assert main(["check", "d", *CALL]) == 2
    assert "packviz: d/gone.npz can't be read: it is a link that leads nowhere.\n" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("form", ["lines", "json"])
def test_ctrl_c_says_how_far_it_came_and_what_was_found_until_then(jobs: str, form: str) -> None:
    put(25)
    for i in range(25, 4000):
        os.link(f"d/b{i % 5 * 5 if form == 'lines' else i % 25}.npz", f"d/b{i}.npz")
    words = ["check", "d", *CALL, "--format", form, "--jobs", jobs]
    with begun(*words, lines=FEW + 5) as (process, _):  # enough for a summary
        process.send_signal(signal.SIGINT)
        out, err = (told.decode() for told in process.communicate(timeout=30))
    assert process.returncode == 130
    said, summary = err.partition("\n")[::2] if form == "json" else (err.rstrip("\n"), out)
    at = re.fullmatch(r"packviz: interrupted at file ([\d,]+) of 4,000\.", said)
    assert at is not None, err
    assert f"{at[1]} batches, " in summary
    assert ", interrupted, there may be more\n" in summary
    assert "SILENT   length-counts-padding" in summary
    if form == "json":
        assert all(json.loads(line)["source"] for line in out.splitlines())


def test_ctrl_c_that_somebody_else_hears_is_raised_with_the_same_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(30)
    real, seen = command.looked, list[str]()

    def looked(entry: Any, job: Any) -> Any:
        seen.append(entry.name)
        if len(seen) == 21:
            raise KeyboardInterrupt
        return real(entry, job)

    monkeypatch.setattr(command, "looked", looked)
    assert main(["check", "d", *CALL]) == 130
    out, err = capsys.readouterr()
    assert "packviz: interrupted at file 20 of 30.\n" in err
    assert "20 batches, 80 rows: " in out


@pytest.mark.parametrize("baseline", [(), ("--baseline", "known.json")])
def test_ctrl_c_in_one_of_few_prints_no_summary_and_writes_no_baseline(
    baseline: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(3)

    def looked(entry: Any, job: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "looked", looked)
    assert main(["check", "d", *CALL, *baseline]) == 130
    assert capsys.readouterr() == ("", "packviz: interrupted at file 1 of 3.\n\n")
    assert not Path("known.json").exists()
