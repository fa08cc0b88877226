"""packviz in a running program: `record` a part of it, or `install` for whatever it may die of. torch is imported when
it is needed, and by `install` never: it waits until the program does."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import threading
from collections.abc import Callable
from os import PathLike, fsdecode
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from packviz.core.arrival import Arrival, is_torch
from packviz.core.saying import say

if TYPE_CHECKING:
    from packviz.core.noted import Recording
    from packviz.torch_side.recording.recorder import Recorder

When = Literal["error", "finding", "always"]
F = TypeVar("F", bound=Callable[..., Any])


class record:
    """Notes every call around packing while it is on: each `pack_padded_sequence`, `pack_sequence`,
    `pad_packed_sequence`, and each run of an nn.LSTM, nn.GRU or nn.RNN.

    A context manager, `with packviz.record() as recorded:`, after which `recorded.recording` is the Recording; a
    decorator, `@packviz.record()`, each call of the function a recording; or `start()` and `stop()`, which gives the
    Recording, in a notebook. The program computes what it always does, bit for bit. All threads are seen, and the
    workers of a DataLoader that are started meanwhile. Several may be on at once, one inside another or side by side:
    each sees all calls that are made while it is on, numbers them itself and writes its own file.

    `path`: where the recording lies, the name of the script with `.packviz` in the working directory unless given; a
    file that is there is replaced, but only if there is something to write, and never a session, nor what another
    program is recording to: a number stands behind the name then. `keep`: how many of the last calls keep their
    batches, as far as 256 MiB of memory hold them; the first of each kind of finding at each line, and what raised,
    keep them in any case. `when`: "finding" writes if something was found or raised, "error" only if something
    was raised, "always" in any case. What is found is on the disk before the program goes on, but for calls that
    follow each other within 20 ms: up to 64 of them wait, as copies, until another one begins or the program ends, and
    a kill loses what would have been found in them. `ask`: torch is run again, apart from the program, on each call
    that is looked at closely. Raises ValueError for another `when`, and for a `keep` below 0.

    Every call is looked at for what must hold of its lengths and of a few cells at their ends; all rules look at those
    that are odd there, at the first of each line of the program and at one in 256 by chance. Of x on a GPU only the
    shape is looked at, but for one call in 512, since its numbers would have to be waited for.

    What can't be seen is counted in `Recording.unseen`, by reason. torch.compile leaves packing to Python, and
    recurrent modules too, so that they are seen; where `torch._dynamo.config.allow_rnn` lets it put modules into a
    graph, it is said how many calls were compiled, and where they stand, but not how often they run. The same, without
    a number, is said of what TorchScript compiles or traces. What was compiled, scripted, traced or exported before,
    or is loaded, runs unseen and is not told of.
    """

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        *,
        keep: int = 200,
        when: When = "finding",
        ask: bool = False,
    ) -> None:
        from packviz.core.noted import check_options

        if callable(path):
            raise TypeError("@packviz.record() is written with its brackets, in which its options stand.")
        check_options(keep, when)
        self._path = None if path is None else fsdecode(path)
        self._options: dict[str, Any] = {"keep": keep, "when": when, "ask": ask}
        self._recorder: Recorder | None = None
        self._written: set[str] = set()
        self.recording: Recording | None = None

    def start(self) -> record:
        """From now on calls are noted, into a new recording. Raises RuntimeError where it is on already."""
        if self._recorder is not None:
            raise RuntimeError("it is recording already: stop it first, or make another packviz.record().")
        recorder = self._made(self._path)
        _start(recorder)
        self._recorder = recorder
        return self

    def stop(self) -> Recording:
        """No more calls are noted. Raises RuntimeError where it is not on."""
        if self._recorder is None:
            raise RuntimeError("it is not recording: start it first.")
        recorder, self._recorder = self._recorder, None
        self.recording = recorder.stop()
        return self.recording

    def __enter__(self) -> record:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._recorder is not None:
            if isinstance(error, Exception):
                self._recorder.raised(error)
            self.stop()

    def __call__(self, function: F) -> F:
        """The function, each call of which is recorded; from the second on, into files with a number behind the name.
        Raises TypeError for a class, for what is no function, and for a generator, which does nothing when it is
        called."""
        name = getattr(function, "__name__", type(function).__name__)
        if isinstance(function, classmethod | staticmethod | property):
            raise TypeError(f"@packviz.record() stands below @{type(function).__name__}, next to the function.")
        if isinstance(function, type):
            raise TypeError(f"{name} is a class: record one of its methods, or the block in which it is used.")
        if not callable(function):
            raise TypeError(f"a function is expected, but this is of type {name}.")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{name} is a generator: record the loop over it instead.")
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return await function(*args, **kwargs)

            return awaited  # type: ignore[return-value]

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return called  # type: ignore[return-value]

    def _again(self) -> _Call:
        return _Call(self)

    def _made(self, path: str | None, written: set[str] | None = None) -> Recorder:
        from packviz.torch_side.recording.recorder import Recorder

        return Recorder(path, **self._options, avoid=written or set())


_starting = threading.Lock()


def _start(recorder: Recorder) -> None:
    """Of those that start at once, in several threads, each sees which file the one before it writes."""
    with _starting:
        recorder.start()


def _forked() -> None:
    """In the child of a fork: nobody is left who would release a lock."""
    global _starting
    _starting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _Call:
    """One call of a decorated function."""

    def __init__(self, of: record) -> None:
        self._of = of
        self._recorder = of._made(of._path, of._written)

    def __enter__(self) -> None:
        _start(self._recorder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._recorder.raised(error)
        self._of.recording = self._recorder.stop()
        if self._of.recording.place:
            self._of._written.add(self._recorder.path)


class _Installed:
    """What `install` has put in."""

    def __init__(self, path: str | None, keep: int) -> None:
        self._path, self._keep = path, keep
        self._recorder: Recorder | None = None
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook, threading.excepthook = self.died, self.thread_died

    def begin(self) -> None:
        """torch is there: calls are noted from now on. It raises nothing: that would be raised where torch is
        imported."""
        if not is_torch():
            return
        try:
            from packviz.torch_side.recording.recorder import Recorder

            recorder = Recorder(self._path, keep=self._keep, when="error")
            recorder.start()
            self._recorder = recorder
        except Exception as error:  # a defect of ours, or no such folder: the program goes on
            from packviz.core.errors import defect_text

            say(defect_text(error))

    def died(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
        """The program dies of an error."""
        self._say(error)
        return self._before[0](kind, error, trace)

    def thread_died(self, args: threading.ExceptHookArgs) -> Any:
        """A thread does; the program goes on."""
        if args.exc_value is not None:
            self._say(args.exc_value)
        return self._before[1](args)

    def _say(self, error: BaseException) -> None:
        recorder = self._recorder
        if recorder is None or not isinstance(error, Exception):
            return
        told = recorder.raised(error)
        if told:
            why, place = recorder.unwritten(), recorder.path
            kept = f"can't keep the calls in {place}: {why}" if why else f"keeps the calls up to here in {place}"
            say(f"{told}\n\npackviz {kept}\n")


_installed: _Installed | None = None


def install(path: str | PathLike[str] | None = None, *, keep: int = 200) -> None:
    """Explains, on stderr, what the program dies of, where that is about packing, and saves the last calls: one line at
    the beginning of a program, or in sitecustomize.

    Calls are noted from the moment at which the program imports torch. An exception that nobody catches, in any thread,
    is explained with the rows that are wrong; then `sys.excepthook` or `threading.excepthook` of before has its turn.
    `path`, `keep`: as in `record`; nothing is written where nothing raises. A second call changes nothing.
    """
    global _installed
    if _installed is not None:
        return
    from packviz.core.noted import check_options

    check_options(keep, "error")
    _installed = _Installed(None if path is None else fsdecode(path), keep)
    Arrival("torch", _installed.begin).wait()
