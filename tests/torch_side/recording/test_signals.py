"""What a handler of signals raises is known from what packviz fails at, and reaches the program."""

from __future__ import annotations

import functools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import packviz
from packviz.torch_side.recording import notes
from packviz.torch_side.recording.signals import of_signal
from tests.torch_side.recording.programs import wrong

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such signals there")


class TooLate(Exception):
    """It took too long."""


def plain(number: int, frame: Any) -> None:
    raise TooLate


def any_words(*words: Any) -> None:
    raise TooLate


class Handler:
    def method(self, number: int, frame: Any) -> None:
        def inner() -> None:
            raise TooLate

        inner()

    def __call__(self, number: int, frame: Any) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        raise TooLate


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "handler",
    [plain, any_words, Handler(), Handler().method, functools.partial(plain), lambda n, frame: plain(n, frame)],
)
def test_what_a_handler_raises_is_known(handler: Callable[..., None]) -> None:
    signal.signal(signal.SIGALRM, handler)
    with pytest.raises(TooLate) as caught:
        signal.raise_signal(signal.SIGALRM)
    assert of_signal(caught.value)


def test_what_a_function_raises_is_none_of_it() -> None:
    for function in (plain, Handler().method):
        with pytest.raises(TooLate) as caught:
            function(14, None)
        assert not of_signal(caught.value)
    assert not of_signal(TooLate())


def test_what_a_generator_raises_is_none_of_it_whatever_it_holds() -> None:
    """Once it has ended, nothing has called it."""

    def steps() -> Iterator[int]:
        nothing = None
        yield 1
        raise TooLate(nothing)

    with pytest.raises(TooLate) as caught:
        list(steps())
    assert not of_signal(caught.value)


@pytest.mark.parametrize("where", ["site_of", "_Begun", "made_by", "looks_at", "Observed"])
def test_it_reaches_the_program_wherever_packviz_is_and_recording_goes_on(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = getattr(notes, where)

    def interrupted(*given: Any, **named: Any) -> Any:
        signal.raise_signal(signal.SIGALRM)
        return function(*given, **named)

    signal.signal(signal.SIGALRM, plain)
    with packviz.record(tmp_path / "run.packviz") as recorded:
        monkeypatch.setattr(notes, where, interrupted)
        with pytest.raises(TooLate):
            wrong()
        monkeypatch.setattr(notes, where, function)
        wrong()
    assert recorded.recording is not None
    assert len(recorded.recording.calls) == 1
    assert not recorded.recording.unseen


def test_half_a_record_is_taken_back_when_writing_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    write = os.write

    def interrupted(file: int, data: Any) -> int:
        write(file, bytes(data)[:700])
        raise KeyboardInterrupt

    with packviz.record(tmp_path / "run.packviz", when="always") as recorded:
        monkeypatch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            wrong()
        monkeypatch.setattr(os, "write", write)
        wrong()
    assert recorded.recording is not None
    assert recorded.recording.whole
    assert [call.reason for call in recorded.recording.calls] != []
    found = packviz.load(tmp_path / "run.packviz", entry=recorded.recording.kept[-1].name)
    assert found.rows == 5
