"""packviz.record and packviz.install, as a program uses them."""

from __future__ import annotations

import asyncio
import functools
import io
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

import packviz
from packviz.files.kept.recordings import read_recording
from packviz.recording import _Installed
from packviz.torch_side.recording.notes import NOTES
from tests.torch_side.recording.programs import Model, batch, sequences, wrong

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_block_is_recorded(tmp_path: Path) -> None:
    with packviz.record(tmp_path / "run.packviz") as recorded:
        assert recorded.recording is None
        Model()(*batch())
        wrong()
    found = recorded.recording
    assert found is not None
    assert len(found.calls) == 4
    assert found.place == str(tmp_path / "run.packviz")
    assert [call.number for call in found.kept if call.reason == "first"] == [4]
    assert packviz.load(found.place, entry=found.calls[3].name).rows == 5


def test_a_notebook_starts_and_stops(tmp_path: Path) -> None:
    recorder = packviz.record(str(tmp_path / "run.packviz"), when="always", keep=1)
    assert recorder.start() is recorder
    pack_sequence(sequences(2))
    pack_sequence(sequences(3))
    found = recorder.stop()
    assert [call.reason for call in found.calls] == ["", "always"]
    recorder.start()
    assert recorder.stop().calls == ()


def test_the_file_is_called_as_the_script_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/elsewhere/train.py", raising=False)
    with packviz.record() as recorded:
        wrong()
    assert recorded.recording is not None
    assert Path(recorded.recording.place) == tmp_path / "train.packviz"


def test_each_call_of_a_decorated_function_is_a_recording(tmp_path: Path) -> None:
    recorder = packviz.record(tmp_path / "run.packviz")

    @recorder
    def step(bad: bool) -> str:
        """Packs."""
        wrong() if bad else pack_sequence(sequences(2))
        return "done"

    assert [step(True), step(False), step(True)] == ["done"] * 3
    assert (step.__name__, step.__doc__) == ("step", "Packs.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run-2.packviz", "run.packviz"]
    assert recorder.recording is not None
    assert len(recorder.recording.calls) == 1


def test_a_decorated_function_may_call_itself(tmp_path: Path) -> None:
    @packviz.record(tmp_path / "run.packviz")
    def step(depth: int) -> None:
        wrong()
        if depth:
            step(depth - 1)

    step(2)
    found = [read_recording(path) for path in sorted(tmp_path.iterdir())]
    assert sorted(len(one.calls) for one in found) == [1, 2, 3]


def test_coroutines_are_recorded_and_generators_refused(tmp_path: Path) -> None:
    recorder = packviz.record(tmp_path / "run.packviz")

    @recorder
    async def step() -> int:
        await asyncio.sleep(0)
        wrong()
        return 3

    assert asyncio.run(step()) == 3
    assert recorder.recording is not None
    assert len(recorder.recording.calls) == 1

    def steps() -> Any:
        yield 1

    async def later() -> Any:
        yield 1

    for generator in (steps, later):
        with pytest.raises(TypeError, match=f"{generator.__name__} is a generator"):
            recorder(generator)


class Plain:
    @packviz.record("methods.packviz")
    def method(self) -> Plain:
        return self

    @classmethod
    @packviz.record("methods.packviz")
    def of_class(cls) -> type:
        return cls

    @staticmethod
    @packviz.record("methods.packviz")
    def static() -> int:
        return 3

    @property
    @packviz.record("methods.packviz")
    def value(self) -> int:
        return 4


def test_methods_are_recorded_and_what_would_be_another_thing_is_refused() -> None:
    plain = Plain()
    assert (plain.method(), plain.of_class(), plain.static(), Plain.static(), plain.value) == (plain, Plain, 3, 3, 4)
    recorder: Any = packviz.record("run.packviz")

    def steps() -> Any:
        yield 1

    for thing, said in (
        (Plain, "Plain is a class: record one of its methods"),
        (classmethod(steps), "below @classmethod"),
        (staticmethod(steps), "below @staticmethod"),
        (property(steps), "below @property"),
        (functools.partial(steps), "partial is a generator"),
        (3, "a function is expected, but this is of type int"),
    ):
        with pytest.raises(TypeError, match=said):
            recorder(thing)
    with pytest.raises(TypeError, match="brackets"):
        packviz.record(steps)  # type: ignore[arg-type]


def test_options_are_looked_at_before_the_function_is_called(tmp_path: Path) -> None:
    wrong_ones: Any = ({"when": "never"}, {"keep": -1}, {"keep": "3"}, {"keep": True})
    for options in wrong_ones:
        with pytest.raises(ValueError, match="is expected"):
            packviz.record(**options)
    with packviz.record(os.fsencode(tmp_path / "run.packviz"), keep=np.int64(1)) as recorded:  # type: ignore[arg-type]
        wrong()
    assert recorded.recording is not None
    assert recorded.recording.place == str(tmp_path / "run.packviz")


def test_where_it_can_not_be_written_that_is_said_and_the_program_goes_on() -> None:
    with packviz.record("no/such/run.packviz") as recorded:
        wrong()
    assert recorded.recording is not None
    assert set(recorded.recording.unseen or {}) == {"not written: no such file or directory"}
    if os.path.exists("/dev/full"):  # noqa: PTH110
        with packviz.record("/dev/full") as recorded:
            wrong()
        assert set(recorded.recording.unseen or {}) == {"not written: no space left on device"}


def test_an_exception_goes_through_and_what_raised_is_kept(tmp_path: Path) -> None:
    def program() -> None:
        with recorded:
            pack_sequence(sequences(2, 3))

    recorded = packviz.record(tmp_path / "run.packviz", when="error")
    with pytest.raises(RuntimeError, match="enforce_sorted"):
        program()
    assert recorded.recording is not None
    assert [call.reason for call in recorded.recording.calls] == ["raised"]
    assert NOTES.listeners == ()


def test_what_a_block_or_a_function_dies_of_is_kept_though_the_call_itself_returned(tmp_path: Path) -> None:
    x, lengths = batch()
    lengths[2] = x.shape[1] + 1
    with pytest.raises(RuntimeError) as of_torch:
        Model()(x, lengths)

    def fails() -> None:
        pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        raise RuntimeError(str(of_torch.value))  # as code of one's own may, that runs what was packed

    block, function = (packviz.record(tmp_path / f"{name}.packviz", when="error") for name in ("block", "function"))
    said = re.escape(str(of_torch.value))
    with pytest.raises(RuntimeError, match=said), block:
        fails()
    with pytest.raises(RuntimeError, match=said):
        function(fails)()
    for recorded in (block, function):
        assert recorded.recording is not None
        assert recorded.recording.place
        assert [call.reason for call in recorded.recording.calls] == ["first"]


def test_nested_recordings_see_all_calls_made_meanwhile(tmp_path: Path) -> None:
    with packviz.record(tmp_path / "outer.packviz") as outer:
        pack_sequence(sequences(2))
        with packviz.record(tmp_path / "inner.packviz") as inner:
            pack_sequence(sequences(2))
    assert outer.recording is not None
    assert inner.recording is not None
    assert (len(outer.recording.calls), len(inner.recording.calls)) == (2, 1)


def test_those_that_start_at_once_write_files_of_their_own(tmp_path: Path) -> None:
    many, switching = 6, sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for place in map(str, range(10)):
            (tmp_path / place).mkdir()
            begin, end = threading.Barrier(many), threading.Barrier(many)

            @packviz.record(tmp_path / place / "run.packviz", when="always")
            def step(number: int, end: threading.Barrier = end) -> None:
                pack_sequence(sequences(2))
                end.wait(60)

            def called(number: int, begin: threading.Barrier = begin, step: Any = step) -> None:
                begin.wait(60)
                step(number)

            with ThreadPoolExecutor(many) as pool:
                assert list(pool.map(called, range(many))) == [None] * many
            assert len(list((tmp_path / place).iterdir())) == many
    finally:
        sys.setswitchinterval(switching)


def test_what_is_on_can_not_be_started_again() -> None:
    recorder = packviz.record()
    with pytest.raises(RuntimeError, match="not recording"):
        recorder.stop()
    with recorder, pytest.raises(RuntimeError, match="recording already"):
        recorder.start()
    with pytest.raises(ValueError, match="'error', 'finding' or 'always'"):
        packviz.record(when="never").start()  # type: ignore[arg-type]


def program(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "train.py"
    script.write_text(text)
    words, env = [sys.executable, "-W", "ignore", str(script)], {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=100, env=env)


DYING = """
import sys, threading
sys.excepthook = lambda *_: print("own hook", file=sys.stderr)
threading.excepthook = lambda args: print("own thread hook", args.exc_type.__name__, file=sys.stderr)
import packviz
packviz.install()
packviz.install()
assert "torch" not in sys.modules
import torch
from torch.nn.utils.rnn import pack_padded_sequence
assert torch.__spec__.loader is torch.__loader__
assert not type(torch.__loader__).__module__.startswith("packviz")
def step():
    pack_padded_sequence(torch.ones(2, 5, 3), [3, 4], batch_first=True)
thread = threading.Thread(target=step)
thread.start()
thread.join()
print("goes on")
step()
"""


@pytest.mark.slow
def test_a_program_that_dies_of_packing_is_explained_and_its_calls_are_saved(tmp_path: Path) -> None:
    told = program(tmp_path, DYING)
    assert told.returncode == 1
    assert told.stdout == "goes on\n"
    assert told.stderr.count("lengths-unsorted · in this batch") == 2
    assert told.stderr.count("lengths[1] is 4, but lengths[0] is 3") == 2
    assert told.stderr.index("lengths-unsorted") < told.stderr.index("own thread hook RuntimeError")
    assert told.stderr.rindex("lengths-unsorted") < told.stderr.index("own hook")
    found = read_recording(tmp_path / "train.packviz")
    assert found.whole
    assert [call.outcome[:19] for call in found.calls] == ["raised RuntimeError"] * 2
    assert [call.reason for call in found.calls] == ["raised", "last"]


class Recorder:
    """One that explains everything."""

    path = "/runs/train.packviz"

    def raised(self, error: BaseException) -> str:
        return f"told of {type(error).__name__} \x1b]0;title\x07"

    def unwritten(self) -> str:
        return ""


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is installed, and whom the hooks of before have heard of."""
    heard: list[str] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: heard.append(kind.__name__))
    monkeypatch.setattr("threading.excepthook", lambda args: heard.append(args.exc_type.__name__))
    installed = _Installed(None, 3)
    installed._recorder = Recorder()  # type: ignore[assignment]
    return installed, heard


def test_of_what_ends_a_program_as_it_is_meant_nothing_is_said(hooks: Any, capsys: pytest.CaptureFixture[str]) -> None:
    installed, heard = hooks
    for error in (KeyboardInterrupt(), SystemExit(3)):
        installed.died(type(error), error, None)
    installed.thread_died(threading.ExceptHookArgs((ValueError, None, None, None)))
    assert capsys.readouterr().err == ""
    assert heard == ["KeyboardInterrupt", "SystemExit", "ValueError"]


def test_the_hooks_of_before_have_their_turn_whatever_standard_error_is(
    hooks: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, heard = hooks
    installed.died(ValueError, ValueError("x"), None)
    assert capsys.readouterr().err == (
        "told of ValueError \N{REPLACEMENT CHARACTER}]0;title\N{REPLACEMENT CHARACTER}\n\n"
        "packviz keeps the calls up to here in /runs/train.packviz\n\n"
    )
    monkeypatch.setattr(Recorder, "unwritten", lambda self: "no such file or directory")
    installed.died(ValueError, ValueError("x"), None)
    said = capsys.readouterr().err
    assert said.endswith("\npackviz can't keep the calls in /runs/train.packviz: no such file or directory\n\n")
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr("sys.stderr", stream)
        installed.died(ValueError, ValueError("x"), None)
        installed.thread_died(threading.ExceptHookArgs((KeyError, KeyError("x"), None, None)))
    assert heard == ["ValueError"] * 2 + ["ValueError", "KeyError"] * 2


@pytest.mark.slow
def test_a_program_that_dies_of_something_else_says_what_it_would(tmp_path: Path) -> None:
    told = program(tmp_path, "import packviz\npackviz.install()\nimport torch\nraise ValueError('mine')\n")
    assert told.stderr.splitlines()[-1] == "ValueError: mine"
    assert "packviz keeps" not in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


@pytest.mark.slow
def test_a_program_without_torch_never_imports_it(tmp_path: Path) -> None:
    told = program(tmp_path, "import packviz, sys\npackviz.install()\nimport json\nassert 'torch' not in sys.modules\n")
    assert told.returncode == 0, told.stderr


def test_installed_it_begins_when_torch_is_imported_though_somebody_has_looked_for_it_before(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import packviz, sys\n"
        "packviz.install()\n"
        "import importlib.util\n"
        "print(importlib.util.find_spec('torch').name, 'torch' in sys.modules)\n"
        "import torch\n"
        "from torch.nn.utils.rnn import pack_padded_sequence\n"
        "pack_padded_sequence(torch.ones(2, 3, 1), [3, 0], batch_first=True)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, str(program)], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert told.stdout == "torch False\n"
    assert "length-not-positive" in told.stderr
    assert (tmp_path / "program.packviz").exists()


def test_a_program_that_installs_it_is_run_as_any_other(tmp_path: Path) -> None:
    """Two wait for torch then: what runs it, and what it has installed."""
    (tmp_path / "program.py").write_text("import packviz\npackviz.install()\nimport torch\nprint(torch.__name__)\n")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "packviz", "run", "program.py"]
    told = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "torch\n"), told.stderr


def test_installed_it_never_stands_in_the_way_of_an_import(tmp_path: Path) -> None:
    torchs = "import packviz, sys\npackviz.install(keep=3)\nimport torch\nprint(torch.__name__)\n"
    broken = torchs.replace(
        "import torch\n",
        "import numpy, packviz.torch_side.recording as r\nsys.modules[r.__name__ + '.recorder'] = None\nimport torch\n",
    )
    for text, said in ((torchs, ""), (broken, "packviz failed here")):
        told = program(tmp_path, text)
        assert (told.returncode, told.stdout) == (0, "torch\n"), told.stderr
        assert said in told.stderr
        assert bool(said) == bool(told.stderr)
    (tmp_path / "torch.py").write_text("x = 1\n")
    told = program(tmp_path, torchs)
    assert (told.returncode, told.stdout, told.stderr) == (0, "torch\n", "")
