"""`packviz.show` in real processes: consoles, debuggers, threads, workers, with a window and without."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import packviz
from packviz.core.batch import BatchError, Call
from packviz.files.handed import batch_of
from packviz.session.loads import Entry
from packviz.showing import handing
from packviz.showing import show as room
from packviz.showing.listening import Listener
from packviz.showing.place import Place
from packviz.showing.shown import entry_of
from tests.showing.conftest import end_window, listening

X = np.array([[1, 2, 3, 0], [4, 5, 0, 0]], np.float32)[..., None]
CALL: dict[str, Any] = {"batch_first": True, "enforce_sorted": False}
PROGRAM = """
import numpy as np, packviz
x = np.array([[1, 2, 3, 0], [4, 5, 0, 0]], np.float32)
def fit():
    lengths = [3, 2]
    return lengths
"""
SHOW = "packviz.show(x, [3, 2], batch_first=True)"


@pytest.fixture
def entries(place: Place) -> Any:
    """What a window in this process was sent."""
    found: list[Entry] = []
    listener = Listener.at(place)
    assert listener is not None
    listener.serve(lambda data: found.append(entry_of(data)))
    yield found
    listener.close()


def run(
    code: str, *, stdin: str = "", options: tuple[str, ...] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    """A program of its own, with its own stdin, stdout and stderr; warnings are errors in it."""
    env = {**os.environ, **environ, "PYTHONWARNINGS": "error"}
    args = [sys.executable, *options, "-c", code]
    return subprocess.run(args, input=stdin, capture_output=True, text=True, timeout=100, env=env)


# ---- what is shown -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "x",
    [
        X,
        torch.from_numpy(X),
        torch.from_numpy(X).requires_grad_(),
        torch.from_numpy(X).to(torch.bfloat16),
        torch.nn.utils.rnn.pack_padded_sequence(torch.from_numpy(X), [3, 2], batch_first=True),
        [torch.ones(3, 1), torch.ones(2, 1)],
        X.tolist(),
    ],
    ids=["array", "tensor", "requires grad", "bfloat16", "packed", "sequences", "list"],
)
def test_a_batch_is_shown_whatever_it_is_held_in(entries: list[Entry], x: Any) -> None:
    packed = not isinstance(x, np.ndarray | torch.Tensor) and (hasattr(x, "batch_sizes") or torch.is_tensor(x[0]))
    assert packviz.show(x, None if packed else [3, 2], **CALL) is None
    [entry] = entries
    wanted = batch_of(x, None if packed else [3, 2], Call(True, False))
    assert entry.batch.grid.tobytes() == wanted.grid.tobytes()
    assert entry.batch.lengths.tolist() == [3, 2]
    assert entry.batch.dtype == wanted.dtype
    assert re.fullmatch(r"\d+ test_show\.py:\d+", entry.batch.source.shown)
    assert type(entry.batch.carrier) is type(wanted.carrier)
    assert "in test_a_batch_is_shown_whatever_it_is_held_in at test_show.py:" in entry.notes


def test_a_module_is_taken_with_its_numbers_and_stays_as_it_is(entries: list[Entry]) -> None:
    torch.manual_seed(0)
    gru, hx = torch.nn.GRU(1, 3, 2, bidirectional=True).train(), torch.randn(4, 2, 3)
    before = {name: value.clone() for name, value in gru.state_dict().items()}
    packviz.show(X, [3, 2], module=gru, hx=hx, **CALL)
    module = entries[0].module
    assert (module.cell, module.layers, module.directions, module.hidden) == ("GRU", 2, 2, 3)
    assert module.stored.states[0].tobytes() == hx.numpy().tobytes()
    assert gru.training
    assert all(torch.equal(before[name], value) for name, value in gru.state_dict().items())


def test_the_window_steps_it_as_torch_runs_it(entries: list[Entry]) -> None:
    from packviz.core.cancel import UNWATCHED
    from packviz.session.runs import TraceRequest

    torch.manual_seed(0)
    lstm = torch.nn.LSTM(1, 3, 2, bidirectional=True)
    hx = (torch.randn(4, 2, 3), torch.randn(4, 2, 3))
    packviz.show(X, [3, 2], module=lstm, hx=hx, **CALL)
    entry = entries[0]
    trace = TraceRequest(entry.batch, entry.module).do(UNWATCHED)
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.from_numpy(X), [3, 2], batch_first=True)
    _, (h_n, c_n) = lstm(packed, hx)
    torch.testing.assert_close(torch.from_numpy(np.array(trace.final["h_n"])), h_n.detach())
    torch.testing.assert_close(torch.from_numpy(np.array(trace.final["c_n"])), c_n.detach())
    assert trace.agrees


def test_what_is_no_batch_is_the_callers_error_and_the_window_hears_nothing(entries: list[Entry]) -> None:
    with pytest.raises(BatchError):
        packviz.show(object())
    with pytest.raises(BatchError, match="without the module"):
        packviz.show(X, [3, 2], hx=torch.zeros(1))
    with pytest.raises(BatchError, match=r"torch\.nn\.Module is expected"):
        packviz.show(X, [3, 2], module=3)
    assert entries == []


def test_from_a_thread_and_from_several_at_once_each_batch_arrives(entries: list[Entry]) -> None:
    threads = [threading.Thread(target=packviz.show, args=(X * n, [3, 2]), kwargs=CALL) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(float(entry.batch.grid[0, 0, 0]) for entry in entries) == list(range(8))


def test_inside_a_transform_the_numbers_that_there_are_are_shown(entries: list[Entry]) -> None:
    x, lstm = torch.from_numpy(X), torch.nn.LSTM(1, 2)
    weights = dict(lstm.named_parameters(prefix="0"))

    def shown(y: torch.Tensor) -> torch.Tensor:
        packviz.show(y, [3, 2], **CALL)
        packviz.show(y.bfloat16(), [3, 2], **CALL)
        return y.sum()

    class Model(torch.nn.Sequential):
        def forward(self, y: torch.Tensor) -> torch.Tensor:
            packviz.show(y, [3, 2], module=self[0], **CALL)
            return self[0](y)[0].sum()

    torch.func.grad(shown)(x)
    torch.func.grad(lambda held: torch.func.functional_call(Model(lstm), held, x))(weights)
    assert [entry.batch.dtype for entry in entries] == ["float32", "bfloat16", "float32"]
    assert all(entry.batch.x.tobytes() == X.tobytes() for entry in entries)
    stored = entries[2].module.stored
    assert stored.arrays["weight_ih_l0"].tobytes() == lstm.weight_ih_l0.detach().numpy().tobytes()


def test_what_a_transform_holds_many_times_is_refused_and_of_a_module_its_sizes_are_shown(entries: list[Entry]) -> None:
    lstm = torch.nn.LSTM(1, 2)

    def shown(state: torch.Tensor) -> torch.Tensor:
        packviz.show(X, [3, 2], module=lstm, hx=(state, state), **CALL)
        with pytest.raises(BatchError, match=r"x is held by a transform of torch\.func, such as vmap"):
            packviz.show(state, **CALL)
        return state

    torch.func.vmap(shown)(torch.zeros(3, 1, 2, 2))
    [entry] = entries
    assert (entry.module.hidden, entry.module.stored) == (2, None)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_torch_compile_goes_on_around_it_without_a_warning(entries: list[Entry]) -> None:
    def double(y: torch.Tensor) -> torch.Tensor:
        z = y + 1
        packviz.show(z, [3, 2], **CALL)
        return z * 2

    x = torch.from_numpy(X)
    compiled = torch.compile(double, backend="eager")
    assert torch.equal(compiled(x), 2 * (x + 1))
    assert torch.equal(compiled(x), 2 * (x + 1))
    assert [entry.batch.x.tobytes() for entry in entries] == [(X + 1).tobytes()] * 2
    assert all("in double at test_show.py:" in entry.notes for entry in entries)


SPAWNED = """
import torch, packviz
def work(row):
    packviz.show(torch.full((1, 2), float(row)), [2], batch_first=True)
if __name__ == "__main__":
    import multiprocessing
    one = multiprocessing.get_context("spawn").Process(target=work, args=(7,))
    one.start()
    one.join()
    raise SystemExit(one.exitcode)
"""


@pytest.mark.slow
def test_from_a_worker_that_was_spawned_it_arrives(entries: list[Entry], tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SPAWNED)
    told = subprocess.run([sys.executable, str(tmp_path / "train.py")], capture_output=True, text=True, timeout=100)
    assert (told.returncode, told.stderr) == (0, "")
    [entry] = entries
    assert entry.batch.x.tolist() == [[7, 7]]
    assert "in work at train.py:4." in entry.notes


WORKERS = """
import os, sys, torch, packviz
class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, row):
        packviz.show(torch.full((1, 2), float(row)), [2], batch_first=True)
        return torch.tensor([os.getpid(), "PySide6" in sys.modules])
loader = torch.utils.data.DataLoader(Rows(), batch_size=2, num_workers=2, multiprocessing_context="fork")
packviz.show(torch.full((1, 2), 9.0), [2], batch_first=True)
print(os.getpid(), [batch.tolist() for batch in loader])
"""


@pytest.mark.slow
def test_from_workers_that_were_forked_each_batch_arrives_and_qt_is_not_touched(entries: list[Entry]) -> None:
    told = run(WORKERS)
    assert told.returncode == 0, told.stderr
    main, _, batches = told.stdout.partition(" ")
    numbers = [
        (int(process), with_qt) for batch in json.loads(batches.replace("True", "1")) for process, with_qt in batch
    ]
    assert len({process for process, _ in numbers} - {int(main)}) == 2
    assert not any(with_qt for _, with_qt in numbers)
    assert sorted(float(entry.batch.x[0, 0]) for entry in entries) == [0, 1, 2, 3, 9]
    processes = {int(re.search(r"process (\d+)", entry.notes)[1]) for entry in entries}
    assert processes == {int(main), *(process for process, _ in numbers)}


# ---- the window's own process ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_programs_at_once_end_with_one_window_that_outlives_both(place: Place) -> None:
    env = {**os.environ, "PYTHONWARNINGS": "error"}
    programs = [subprocess.Popen([sys.executable, "-c", PROGRAM + SHOW], env=env) for _ in range(2)]
    assert [program.wait(100) for program in programs] == [0, 0]
    told = handing.hand_over(data_of_a_batch(), place)
    assert told["batches"] == 3
    assert told["process"] == listening(place.sockets[0])


def data_of_a_batch() -> bytes:
    from packviz.core.batch import make_batch
    from packviz.core.noted import Site
    from packviz.showing.shown import shown_bytes

    return shown_bytes(make_batch(X, [3, 2]), Site("test_show.py", 1))


@pytest.mark.slow
def test_a_program_that_shows_ends_when_it_ends_and_its_pipes_do(place: Place) -> None:
    told = run(f"{PROGRAM}{SHOW}; print('done')")  # which waits for the end of both pipes
    assert (told.returncode, told.stdout, told.stderr) == (0, "done\n", "")
    assert listening(place.sockets[0])


@pytest.mark.slow
def test_a_file_of_the_program_that_is_named_like_one_of_pythons_is_none_of_the_windows(
    place: Place, tmp_path: Path
) -> None:
    for name in ("zipfile", "argparse", "logging"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('this is not the one of Python')")
    (tmp_path / "train.py").write_text(PROGRAM + SHOW)
    told = subprocess.run([sys.executable, str(tmp_path / "train.py")], capture_output=True, text=True, timeout=100)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    assert listening(place.sockets[0])


def test_a_call_that_blocks_waits_for_the_end_of_the_window_and_others_do_not(place: Place) -> None:
    listener = Listener.at(place)
    assert listener is not None
    listener.serve(lambda data: None)
    code = f"""
{PROGRAM}{SHOW}
print("shown", flush=True)
from packviz.showing import handing
wait = handing._wait
handing._wait = lambda window: (print("waits", flush=True), wait(window))
{SHOW[:-1]}, block=True)
print("closed")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout.readline() == "shown\n"
            assert program.stdout.readline() == "waits\n"
            assert program.poll() is None
            listener.close()
            assert program.stdout.read() == "closed\n"
            assert program.wait(100) == 0
        finally:
            program.kill()
            listener.close()


@pytest.mark.slow
def test_after_a_window_has_died_the_next_call_opens_another(place: Place) -> None:
    first = handing.hand_over(data_of_a_batch(), place)
    watched = os.pidfd_open(first["process"])
    os.kill(first["process"], signal.SIGKILL)
    import select

    assert select.select([watched], [], [], 30)[0]
    os.close(watched)
    assert len(place.sockets) == 1
    second = handing.hand_over(data_of_a_batch(), place)
    assert second["process"] != first["process"]
    assert len(place.sockets) == 1
    assert second["batches"] == 1


@pytest.mark.slow
def test_from_pdb_while_the_window_runs_the_batch_is_of_the_line_at_which_it_stands(
    entries: list[Entry], tmp_path: Path
) -> None:
    program = tmp_path / "train.py"
    program.write_text(f"{PROGRAM}\nfit()\n")
    typed = f"break fit\ncontinue\nnext\n{SHOW}\np packviz.show(x * 2, lengths, batch_first=True)\ncontinue\nquit\n"
    args = [sys.executable, "-m", "pdb", str(program)]
    told = subprocess.run(args, input=typed, capture_output=True, text=True, timeout=100)
    assert told.returncode == 0, told.stderr
    assert "Error" not in told.stdout
    assert [entry.batch.source.shown for entry in entries] == ["1 train.py:6", "2 train.py:6"]
    assert "in fit at train.py:6." in entries[0].notes
    assert entries[1].batch.lengths.tolist() == [3, 2]


def test_from_a_console_it_says_so(entries: list[Entry]) -> None:
    told = run("", stdin=f"{PROGRAM}\n\n{SHOW}\n", options=("-i",))
    assert "Error" not in told.stderr
    assert entries[0].batch.source.shown == "1 <stdin>:1"


def test_neither_qt_nor_an_idle_thread_comes_into_the_program(entries: list[Entry]) -> None:
    told = run(
        f"{PROGRAM}{SHOW}\nimport sys, threading\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('PySide6', 'torch')], threading.active_count())"
    )
    assert told.stdout == "[] 1\n"
    assert len(entries) == 1


@pytest.mark.slow
def test_a_call_that_blocks_can_be_interrupted_and_the_window_stays(entries: list[Entry]) -> None:
    code = f"""
{PROGRAM}
from packviz.showing import handing
wait = handing._wait
handing._wait = lambda window: (print("waits", flush=True), wait(window))
try:
    {SHOW[:-1]}, block=True)
except KeyboardInterrupt:
    print("interrupted")
{SHOW}
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout.readline() == "waits\n"
            program.send_signal(signal.SIGINT)
            assert program.stdout.read() == "interrupted\n"
            assert program.wait(100) == 0
        finally:
            program.kill()
    assert len(entries) == 2


@pytest.mark.slow
def test_a_window_that_dies_while_a_call_waits_for_its_end_lets_it_go(place: Place) -> None:
    code = f"""
{PROGRAM}
from packviz.showing import handing
wait = handing._wait
handing._wait = lambda window: (print("waits", flush=True), wait(window))
{SHOW[:-1]}, block=True)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout.readline() == "waits\n"  # the window has the batch
            os.kill(listening(place.sockets[0]), signal.SIGKILL)
            assert program.wait(100) == 0
        finally:
            program.kill()


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_two_users_have_windows_of_their_own_and_neither_reaches_the_other(entries: list[Entry], place: Place) -> None:
    with tempfile.TemporaryDirectory(prefix="pv") as other:
        os.chown(other, 4242, 4242)
        code = f"""
import os, socket
from packviz.showing.place import own_place
from packviz.showing.listening import Listener
{PROGRAM}
{SHOW}
os.setgroups([])
os.setgid(4242)
os.setuid(4242)  # from here on nothing more can be imported
print(own_place().folder)
with socket.socket(socket.AF_UNIX) as peer:
    try:
        peer.connect({str(place.sockets[0])!r})
    except PermissionError:
        print("shut")
came = []
listener = Listener.at(own_place())
listener.serve(came.append)
{SHOW}
print(len(came))
listener.close()
"""
        own = {"XDG_RUNTIME_DIR": str(place.folder.parent), "TMPDIR": other, "HOME": other}
        told = run(code, **own)
        assert told.stderr == ""
        assert told.stdout == f"{other}/packviz-4242\nshut\n1\n"
    assert len(entries) == 1  # while it was this user


@pytest.mark.slow
def test_with_a_home_that_can_not_be_written_and_no_folder_of_the_session_it_is_shown(runtime: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="pv") as other:
        own = {"XDG_RUNTIME_DIR": "", "TMPDIR": other, **dict.fromkeys(("HOME", *XDG), "/proc/nowhere")}
        told = run(f"{PROGRAM}{SHOW}", **own)
        try:
            assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
            [there] = Path(other).glob("packviz-*/*.sock")
            assert listening(there)
        finally:
            for path in Path(other).glob("packviz-*/*.sock"):
                end_window(path)


XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")

# ---- without a display -------------------------------------------------------------------------------------------


def test_without_a_display_the_report_is_printed_and_the_line_that_opens_it_elsewhere(
    runtime: Path, tmp_path: Path
) -> None:
    bare = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", "TMPDIR": str(tmp_path)}
    told = run(f"{PROGRAM}packviz.show(x, [3, 4], batch_first=True, enforce_sorted=False)", **bare)
    assert (told.returncode, told.stderr) == (0, "")
    assert "length-counts-padding" in told.stdout
    lines = told.stdout.splitlines()
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in lines[-2]
    assert lines[-1].startswith("  ssh ")
    [path] = tmp_path.glob("packviz-*/batch.packviz")
    assert str(path) in lines[-2]
    assert packviz.load(path).lengths.tolist() == [3, 4]
    assert not (runtime / "packviz").exists()


@pytest.mark.slow
def test_where_the_display_can_not_be_reached_the_window_says_so_and_the_report_is_printed(
    runtime: Path, tmp_path: Path
) -> None:
    told = run(f"{PROGRAM}{SHOW}", QT_QPA_PLATFORM="", WAYLAND_DISPLAY="", DISPLAY=":4242", TMPDIR=str(tmp_path))
    assert (told.returncode, told.stderr) == (0, "")
    assert "nothing is wrong with this call" in told.stdout
    assert told.stdout.splitlines()[-2].startswith("packviz: ")
    assert not list(runtime.glob("packviz/*.sock"))


def test_what_a_window_refuses_is_printed_and_kept(
    entries: list[Entry], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(room, "shown_bytes", lambda *given: b"nonsense")
    packviz.show(X, [3, 2], **CALL)
    assert "the window refuses it" in capsys.readouterr().out
    assert entries == []


def test_a_folder_that_others_may_enter_is_not_used(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place.folder.chmod(0o777)
    packviz.show(X, [3, 2], **CALL)
    assert "its mode is 777, but 700 is expected" in " ".join(capsys.readouterr().out.split())
    place.folder.chmod(0o700)
