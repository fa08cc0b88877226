"""The process that may crash: it answers, it is replaced, it ends, and nobody waits for it without end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from packviz.core.carrier import PackedFields
from packviz.core.module import held_module
from packviz.torch_side.asking import other_process
from packviz.torch_side.asking.other_process import FORKS, Unavailable, ask_elsewhere, close
from packviz.torch_side.asking.wire import PackedCall

DATA = np.arange(5, dtype=np.float32)[:, None]
GOOD = PackedCall(PackedFields(DATA, np.array([3, 2])), "float32", module=held_module())
CRASHING = PackedCall(PackedFields(DATA, np.array([5, -(2**60)])), "float32")
SLOW = PackedCall(
    PackedFields(np.ones((10**6, 1), dtype=np.float32), np.ones(10**6, dtype=np.int64)),
    "float32",
    module=held_module("RNN"),
    seconds=0.3,
)
serves = pytest.mark.skipif(not FORKS, reason="each call has a process of its own here")


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    yield
    close()


def pid() -> int:
    process = other_process._shared.process
    assert process is not None
    return process.pid


def test_it_answers_all_stages_and_gets_to_the_end() -> None:
    answer = ask_elsewhere(GOOD)
    assert [outcome.ok for outcome in answer.outcomes.values()] == [True, True, True]
    assert answer.done
    assert answer.code == 0


def test_a_crash_is_told_by_its_signal_and_the_next_call_is_answered() -> None:
    answer = ask_elsewhere(CRASHING)
    assert list(answer.outcomes) == ["pack"]
    assert not answer.done
    assert answer.code is not None
    assert answer.code != 0
    assert ask_elsewhere(GOOD).done


@serves
def test_one_process_answers_call_after_call() -> None:
    ask_elsewhere(GOOD)
    before = pid()
    for call in (CRASHING, GOOD, SLOW, GOOD):
        ask_elsewhere(call)
    assert pid() == before


def test_a_call_that_takes_too_long_is_given_up() -> None:
    answer = ask_elsewhere(SLOW)
    assert (list(answer.outcomes), answer.code) == (["pack"], None)


@serves
def test_torch_gets_no_more_memory_than_is_worth_it() -> None:
    huge = PackedCall(PackedFields(DATA, np.array([2**31, 1])), "float32", memory=2**30)
    assert "can't allocate memory" in ask_elsewhere(huge).outcomes["unpack"].text


@serves
@pytest.mark.slow
def test_a_process_that_was_ended_is_replaced() -> None:
    ask_elsewhere(GOOD)
    before = pid()
    os.kill(before, signal.SIGKILL)
    assert ask_elsewhere(GOOD).done
    assert pid() != before


@serves
@pytest.mark.slow
def test_a_process_that_says_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ask_elsewhere(GOOD)
    monkeypatch.setattr(other_process, "SPARE_S", -19.9)
    os.kill(pid(), signal.SIGSTOP)
    with pytest.raises(Unavailable, match="does not answer"):
        ask_elsewhere(GOOD)
    monkeypatch.undo()
    assert ask_elsewhere(GOOD).done


def test_many_threads_may_ask() -> None:
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(ask_elsewhere(GOOD).done)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 5


@serves
def test_closing_ends_the_process() -> None:
    ask_elsewhere(GOOD)
    process = other_process._shared.process
    assert process is not None
    close()
    assert process.returncode is not None
    assert other_process._shared.process is None


@serves
@pytest.mark.slow
def test_no_process_is_left_when_python_ends_however_it_ends() -> None:
    code = (
        "import os, sys; sys.path[:0] = [p for p in os.environ['PLACES'].split(os.pathsep)];"
        "from tests.torch_side.asking.test_other_process import GOOD, ask_elsewhere, pid;"
        "ask_elsewhere(GOOD); print(pid(), flush=True); {}"
    )
    for end in ("sys.exit(3)", "os._exit(4)"):
        env = {**os.environ, "PLACES": os.pathsep.join(place for place in ("", *sys.path))}
        told = subprocess.run([sys.executable, "-c", code.format(end)], env=env, capture_output=True, text=True)
        assert told.stderr == ""
        until = 200
        while until and os.path.exists(f"/proc/{told.stdout.strip()}"):  # noqa: PTH110
            threading.Event().wait(0.05)
            until -= 1
        assert until, f"{end} leaves it behind"


@serves
@pytest.mark.slow
def test_a_fork_of_this_process_has_one_of_its_own() -> None:
    ask_elsewhere(GOOD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12 warns of forks beside threads
        fork = os.fork()
    if fork == 0:
        os._exit(0 if other_process._shared.process is None else 1)
    assert os.waitpid(fork, 0)[1] == 0
    assert ask_elsewhere(GOOD).done


@pytest.mark.parametrize(
    ("what", "value"), [("executable", "/nowhere/python"), ("executable", ""), ("executable", sys.base_prefix)]
)
def test_where_it_can_not_be_started_that_is_said(what: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    close()
    monkeypatch.setattr(sys, what, value)
    with pytest.raises(Unavailable, match="its process"):
        ask_elsewhere(GOOD)


def test_a_program_that_is_no_python_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    close()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(Unavailable, match="no Python"):
        ask_elsewhere(GOOD)


@pytest.mark.slow
def test_without_forks_each_call_has_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    close()
    monkeypatch.setattr(other_process, "FORKS", False)
    assert ask_elsewhere(GOOD).done
    crashed = ask_elsewhere(CRASHING)
    assert (list(crashed.outcomes), crashed.done) == (["pack"], False)
    assert crashed.code not in (None, 0)
    assert ask_elsewhere(SLOW).code is None
    assert other_process._shared.process is None


@pytest.mark.skipif(sys.platform != "linux", reason="one process stays only there")
@pytest.mark.parametrize(
    "before",
    [
        "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "import os, resource; resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)); "
        "[os.open(os.devnull, 0) for _ in range(1100)]",
    ],
    ids=["children are ignored", "more than 1024 files are open"],
)
def test_it_answers_whatever_the_program_does_with_signals_and_files(before: str) -> None:
    code = f"""{before}
import numpy as np
from packviz.core.carrier import PackedFields
from packviz.torch_side.asking.other_process import ask_elsewhere
from packviz.torch_side.asking.wire import PackedCall
fields = PackedFields(np.ones((5, 2), "f4"), np.array([3, 2]))
print(ask_elsewhere(PackedCall(fields, "float32")).done)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert told.stdout == "True\n", told.stderr
