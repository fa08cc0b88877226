"""Ctrl+C at any moment: 130, nothing half written, no traceback, no process left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from packviz.cli import interrupt
from packviz.cli.interrupt import INTERRUPTED, Pieces, ends_at_once, last_words

MANY = int(os.environ.get("PACKVIZ_SIGNALS", "200"))
COMMANDS = {
    "render": ["render", "sample:first-batch", "-o", "out.png"],
    "check": ["check", "sample:first-batch"],
    "window": ["sample:first-batch"],
}
BEGUN = """
import sys, packviz.cli
from packviz.cli import interrupt
whole = interrupt.ends_at_once
def told():
    print("begun", flush=True)
    return whole()
interrupt.ends_at_once = told
sys.exit(packviz.cli.main(sys.argv[1:]))
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals there")


def interrupted(kind: str, after: float, folder: Path) -> None:
    """Runs a command, and ends it so many seconds after it has begun."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    words = [sys.executable, "-c", BEGUN, *COMMANDS[kind]]
    child = subprocess.Popen(words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    time.sleep(after)
    done_before = child.poll() is not None
    child.send_signal(signal.SIGINT)
    out, told = child.communicate(timeout=60)
    picture = folder / "out.png"
    if child.returncode == 0 and kind != "window":  # it was done: then all of it is there
        assert done_before or kind == "check" or not QImage(str(picture)).isNull()
        assert "findings" in out or "note" in out or kind == "render"
    else:
        assert child.returncode in (INTERRUPTED, -signal.SIGINT), (child.returncode, told[-2000:])
    assert "Traceback" not in told
    assert not picture.exists() or QImage(str(picture)).width() == 1600
    assert [path.name for path in folder.iterdir() if path.name not in ("out.png", "config", ".cache")] == []
    picture.unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", COMMANDS)
def test_it_ends_at_any_moment(kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)
    for _ in range(5):
        interrupted(kind, chance.uniform(0.02, 1.5), tmp_path)


@pytest.mark.whole
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", COMMANDS)
def test_so_it_does_at_many_moments(kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)
    for _ in range(MANY):
        interrupted(kind, chance.uniform(0, 2.5), tmp_path)


def test_who_has_a_handler_of_their_own_keeps_it() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with ends_at_once():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def test_afterwards_all_is_as_it_was() -> None:
    threads = threading.active_count()
    with ends_at_once():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert threading.active_count() == threads
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


SAYS = """
import signal, sys, threading, time
from packviz.cli.interrupt import ends_at_once, last_words
def say():
    print("last words", flush=True)
    if "slow" in sys.argv:
        time.sleep(60)
with ends_at_once(), last_words(say):
    print("begun", flush=True)
    while True:
        time.sleep(60)
"""


@pytest.mark.parametrize("words", [[], ["slow"]])
def test_who_has_something_to_say_before_the_end_says_it_and_is_not_waited_for_long(words: list[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", SAYS, *words], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "last words\n"
        if words:
            child.send_signal(signal.SIGINT)
        assert child.wait(30) == INTERRUPTED
        assert child.stdout.read() == ""


def test_nothing_is_said_of_what_is_over() -> None:
    with last_words(lambda: None):
        assert interrupt._LAST_WORDS
    assert not interrupt._LAST_WORDS


def test_in_another_thread_nothing_is_touched() -> None:
    seen: list[object] = []

    def look() -> None:
        with ends_at_once():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_what_somebody_else_hears_is_told_as_it_goes_by() -> None:
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt), last_words(lambda: told.append("last words")):
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="else"), last_words(lambda: told.append("of something else")):
        raise ValueError("something else")
    assert told == ["last words"]
    assert not interrupt._LAST_WORDS


def test_last_words_come_between_two_pieces() -> None:
    printed: list[str] = []
    pieces, begun, go_on = Pieces(), threading.Event(), threading.Event()

    def slow() -> None:
        printed.append("the first half")
        begun.set()
        go_on.wait()
        printed.append("the second half")

    printing = threading.Thread(target=pieces.print, args=(slow,))
    printing.start()
    begun.wait()
    ending = threading.Thread(target=pieces.end_with, args=(lambda: printed.append("last words"),))
    ending.start()
    go_on.set()
    printing.join()
    ending.join()
    assert printed == ["the first half", "the second half", "last words"]


def test_a_piece_that_nobody_reads_is_not_waited_for_and_none_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupt, "LOCKED_S", 0.01)
    printed: list[str] = []
    pieces = Pieces()
    pieces.print(lambda: pieces.end_with(lambda: printed.append("last words")))
    pieces.print(lambda: printed.append("more"))
    assert printed == []


def test_where_nobody_reads_the_last_words_it_ends_all_the_same() -> None:
    def gone() -> None:
        raise BrokenPipeError

    Pieces().end_with(gone)
