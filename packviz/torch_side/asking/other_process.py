"""The process in which torch is asked what may end the interpreter: started when first needed, shared, ended at exit.

On Linux one process stays and answers each call in a fork of its own. Elsewhere torch does not survive a fork for
sure, so that each call gets a new process, which takes seconds.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from packviz.core.verdict import Outcome
from packviz.torch_side.asking.wire import DONE, ENDED, READY, PackedCall, encode, framed, read_frame

FORKS = sys.platform == "linux"
START_S = 120  # importing torch from a cold disk
SPARE_S = 10  # beyond the time of the call itself, for what goes to and fro

ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
NO_WINDOW = 0x08000000  # on Windows


class Unavailable(Exception):
    """The process could not be had, or was lost; the text says why."""


class Answer(NamedTuple):
    """What the process said.

    `outcomes`: of each stage that it got through. `done`: whether it got to the end. `code`: its exit code where it has
    ended, negative for a signal; None where it was out of time.
    """

    outcomes: dict[str, Outcome]
    done: bool
    code: int | None


def ask_elsewhere(call: PackedCall) -> Answer:
    """What the other process says to the call. Any thread may ask; one at a time is answered. Raises Unavailable."""
    frame = framed(encode(call))
    with _shared.lock:
        if not FORKS:
            return _ask_anew(frame, call.seconds + START_S)
        for _ in range(2):
            if _shared.process is None or _shared.process.poll() is not None:
                close()
                _shared.process = _start()
            answer = _ask(_shared.process, frame, call.seconds + SPARE_S)
            if answer is not None:
                return answer
            close()  # it was idle for long, or somebody ended it
    raise Unavailable("its process ends at once")


def close() -> None:
    """End the process, where there is one; the next call starts another."""
    process, _shared.process = _shared.process, None
    if process is None:
        return
    _close_pipes(process)  # at the end of its input it ends
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        _kill(process)


def kill() -> None:
    """End the process at once, whoever is waiting for it: this one is about to end."""
    with contextlib.suppress(OSError, AttributeError, NameError):  # at the end of an interpreter names may be gone
        if _shared.process is not None:
            os.killpg(_shared.process.pid, signal.SIGKILL)


@dataclass
class _Shared:
    """The process that serves, and the lock that a caller holds meanwhile."""

    process: subprocess.Popen[bytes] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)  # type: ignore[assignment, unused-ignore]


_shared = _Shared()
atexit.register(close)


def _forget() -> None:
    """After a fork of this process: the other one belongs to the parent, and so does whoever holds the lock."""
    process, _shared.process, _shared.lock = _shared.process, None, threading.RLock()
    if process is not None:
        process.returncode = 0  # so that nobody here waits for it
        _close_pipes(process)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _start() -> subprocess.Popen[bytes]:
    """A process that serves, ready for a call."""
    process = _popen("serve")
    if _next(process, time.monotonic() + START_S) != {READY: True}:
        _kill(process)
        raise Unavailable("its process did not start")
    return process


def _popen(word: str) -> subprocess.Popen[bytes]:
    if getattr(sys, "frozen", False) or not sys.executable:
        raise Unavailable("there is no Python to start its process with")
    places = [str(Path(__file__).parents[3]), *sys.path]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, places))), "CUDA_VISIBLE_DEVICES": ""}
    env.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        return subprocess.Popen(
            # -P: a file in the folder where somebody works, random.py for example, is no module of ours.
            [sys.executable, "-P", "-m", "packviz.torch_side.asking.child", word],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=env,
            creationflags=NO_WINDOW if sys.platform == "win32" else 0,
            start_new_session=sys.platform != "win32",  # Ctrl+C in a terminal is not meant for it
        )
    except (OSError, ValueError) as error:
        raise Unavailable(f"its process did not start ({error})") from None


def _ask(process: subprocess.Popen[bytes], frame: bytes, seconds: float) -> Answer | None:
    """The answer to one call; None where the process was gone before it said anything."""
    until = time.monotonic() + seconds
    said: list[dict[str, Any]] = []
    try:
        _send(process, frame)
        while (told := _next(process, until)) is not None:
            if ENDED in told:
                code = told[ENDED]
                return _answer(said, None if code == -signal.SIGALRM else code)
            said.append(told)
    except OSError:
        return None
    if time.monotonic() >= until:
        _kill(process)
        raise Unavailable("its process does not answer")
    if said:
        raise Unavailable("its process was ended")
    return None


def _ask_anew(frame: bytes, seconds: float) -> Answer:
    """The answer of a process that is started for this call only."""
    process = _popen("once")
    code: int | None = None
    try:
        told, _ = process.communicate(frame, timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        told, _ = process.communicate()
    stream = BytesIO(told)
    said: list[dict[str, Any]] = []
    while (part := read_frame(stream.read)) is not None:
        said.append(json.loads(part))
    if {READY: True} not in said:
        raise Unavailable("its process did not start")
    if hasattr(signal, "SIGALRM") and code == -signal.SIGALRM:
        code = None
    return _answer(said, code)


def _answer(said: list[dict[str, Any]], code: int | None) -> Answer:
    outcomes = {part["stage"]: Outcome(part["call"], part["ok"], part["text"]) for part in said if "stage" in part}
    return Answer(outcomes, {DONE: True} in said, code)


def _send(process: subprocess.Popen[bytes], frame: bytes) -> None:
    assert process.stdin is not None
    left = memoryview(frame)
    while left:
        left = left[process.stdin.write(left) or 0 :]


def _next(process: subprocess.Popen[bytes], until: float) -> dict[str, Any] | None:
    """The next frame that the process says; None where it says none in time, or has ended."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()

    def read(size: int) -> bytes:
        patience = max(0.0, until - time.monotonic())
        return os.read(pipe, size) if _readable(pipe, patience) else b""

    frame = read_frame(read)
    if frame is None:
        return None
    told: dict[str, Any] = json.loads(frame)
    return told


def _readable(pipe: int, seconds: float) -> bool:
    """Whether there is something to read within this time. select.select takes no file beyond the 1024th."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End it, and whatever it has forked."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (OSError, AttributeError):
        process.kill()
    process.wait()
    _close_pipes(process)


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
