"""What is noted of a program while it runs, and what is said of it on standard error: nothing of a correct one.

The recorder begins when the program has imported torch, and not before: a program that never does runs as without us.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from packviz.cli.running.program import folder
from packviz.core.arrival import Arrival, is_torch
from packviz.core.saying import say

if TYPE_CHECKING:
    from packviz.core.noted import Recording


class Recorder(Protocol):
    """What is asked of `torch_side.recording.recorder.Recorder`."""

    def start(self) -> None:
        """From here on calls are noted."""

    def stop(self) -> Recording:
        """All that was noted; the program is as before."""

    def raised(self, error: BaseException) -> str:
        """The program dies of this: what `packviz explain` says of it, "" where that is not about packing."""


When = Literal["error", "finding", "always"]


@dataclass(frozen=True)
class Wanted:
    """How a program is recorded: `path`, where to, and the options of `packviz run`; `program`, as it was typed."""

    path: str
    program: str = ""
    keep: int = 200
    when: When = "finding"
    ask: bool = False


def recorder_of(wanted: Wanted) -> Recorder:
    """A recorder, which has not begun."""
    from packviz.torch_side.recording.recorder import Recorder as Made

    return Made(wanted.path, keep=wanted.keep, when=wanted.when, ask=wanted.ask, program=wanted.program)


class Watch:
    """One program's recorder, from the import of torch to the end of this process. It never raises."""

    def __init__(self, wanted: Wanted, make: Callable[[Wanted], Recorder] = recorder_of) -> None:
        self._wanted, self._make = wanted, make
        self._process = os.getpid()
        self._recorder: Recorder | None = None
        self._troubles: list[str] = []
        self._ended = False
        self._arrival = Arrival("torch", self._begin)

    def wait(self) -> None:
        """Begins once torch is there."""
        self._arrival.wait()

    def died(self, error: BaseException) -> None:
        """The program ends by this, and its traceback is printed: says what it means, where it is about packing.

        After Ctrl+C this is the end: whatever is made of text by exec later, as dataclasses are, would let the
        interpreter forget that it is to end itself by a signal.
        """
        if isinstance(error, KeyboardInterrupt):
            self.end()
        if self._recorder is None or not isinstance(error, Exception) or os.getpid() != self._process:
            return
        told = self._safely(lambda recorder: recorder.raised(error))
        if told:
            say(f"\npackviz: {told}")

    def end(self) -> None:
        """The program is at its end: says what was found. A forked child that comes here has nothing to say."""
        if os.getpid() != self._process or self._ended:
            return
        self._ended = True
        self._arrival.forget()
        recording = self._safely(lambda recorder: recorder.stop())
        told = "" if recording is None else self._safely(lambda _: _summary(recording, self._wanted.when))
        if recording is None and self._wanted.when == "always" and not self._troubles:
            told = "packviz: the program has not imported torch, so that there was nothing to note."
        with suppress(Exception):  # where it goes nowhere, the interpreter says so
            sys.stdout.flush()
        for text in (told, *self._troubles):
            if text:
                say(f"\n{text}")

    def _begin(self) -> None:
        def begin() -> None:
            recorder = self._make(self._wanted)
            recorder.start()
            self._recorder = recorder

        if is_torch():
            self._caught(begin)

    def _safely(self, call: Callable[[Recorder], Any]) -> Any:
        """What it gives; None where there is no recorder, or where it fails, which is said at the end."""
        recorder = self._recorder
        return None if recorder is None else self._caught(lambda: call(recorder))

    def _caught(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # THE place where a defect of ours ends: the program goes on
            from packviz.core.errors import defect_text

            self._troubles.append(defect_text(error))
            return None


def _summary(recording: Recording, when: str) -> str:
    from packviz.core.texts.recording import noteworthy, recording_text

    if not noteworthy(recording, when):
        return ""
    place = Path(recording.place)
    near = recording.place and str(place.parent) == folder()
    return recording_text(replace(recording, place=place.name) if near else recording, in_colour())


def in_colour() -> bool:
    """Whether standard error is a terminal that shows colours."""
    terminal = getattr(sys.stderr, "isatty", None)
    dumb = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(terminal is not None and terminal() and not dumb)
