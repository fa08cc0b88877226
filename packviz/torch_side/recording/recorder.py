"""Recorder: the calls of a program from `start` to `stop`, and which of them are written, with their batches."""

from __future__ import annotations

import atexit
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from multiprocessing import parent_process, util
from pathlib import Path
from typing import Literal, TypeVar

from packviz.core.batch import BatchError
from packviz.core.calls.unseen import runs_alone, scripted
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Reason, Recording, Site, check_options
from packviz.core.report import Report
from packviz.core.texts.quoting import cut
from packviz.core.texts.recording import UNWRITTEN
from packviz.files.kept.recordings import read_recording
from packviz.torch_side.recording.closely import Closely
from packviz.torch_side.recording.judged import judged
from packviz.torch_side.recording.keeping import Held, LastCalls
from packviz.torch_side.recording.made import UNPACK
from packviz.torch_side.recording.notes import NOTES, inside
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.parts import default_path, part_path, parts, unused
from packviz.torch_side.recording.raising import Raising, said
from packviz.torch_side.recording.scripted import scripted_calls, scripts
from packviz.torch_side.recording.taken import Taken
from packviz.torch_side.recording.views import Unreadable
from packviz.torch_side.recording.waiting import Waiting
from packviz.torch_side.recording.workers import Begin, Settings
from packviz.torch_side.recording.written import Written

When = Literal["error", "finding", "always"]
MOST_FIRST = 500
"""Calls that are kept since they are the first of their kind."""
MOST_REASONS = 100
"""Reasons why calls could not be seen; what comes with others is counted together."""
COUNT = (Severity.ERROR, Severity.SILENT, Severity.WARNING)
"""The severities for which something is written: a note says that nothing is wrong."""

T = TypeVar("T")


class Recorder:
    """Notes all calls around packing, of all threads, from `start` to `stop`; several may do so at once, each by
    itself.

    `path`: of the recording, the name of the script with `.packviz` unless given; nothing is written there before there
    is something to write. `keep`: how many of the last calls are written at the end, as far as 256 MiB of memory hold
    them. `when`: "finding" writes where something was found or raised, "error" only where something was raised,
    "always" in any case. What is found is written at once, or with the few calls that came right after it. `ask`: torch
    is run again on what is looked at closely. `program`: what is run, as it was typed. `seed`: of the sample that is
    looked at closely. `avoid`: paths that it does not write to: a number stands behind its name instead.
    """

    def __init__(
        self,
        path: str | None = None,
        *,
        keep: int = 200,
        when: When = "finding",
        ask: bool = False,
        program: str = "",
        seed: int = 0,
        avoid: Collection[str] = (),
    ) -> None:
        check_options(keep, when)
        self._avoid = frozenset(avoid)
        self._given, self._keep, self._when, self._ask, self._seed = path, int(keep), when, ask, seed
        self._program = program or " ".join(getattr(sys, "argv", ()))
        self.path = ""
        self._lock = threading.RLock()
        self._part = False
        self._began = 0.0
        self._recording: Recording | None = None

    def start(self) -> None:
        """From now on calls are noted. Raises RuntimeError where it has been started before."""
        if self._began:
            raise RuntimeError("this recorder has been started before: make another one.")
        taken = self._avoid | {one.path for one in NOTES.listeners if isinstance(one, Recorder)}
        self._begin(unused(str(Path(self._given or default_path()).absolute()), taken), time.time())
        if self._when == "always":
            self._written.begin()
        NOTES.add(self)
        atexit.register(self._at_exit)

    def _begin(self, path: str, began: float, token: str = "") -> None:
        self.path, self._began = path, began
        self._token = token or f"{random.SystemRandom().getrandbits(48):012x}"
        self._written = Written(path, self._program)
        self._closely, self._last = Closely(self._seed), LastCalls(self._keep)
        self._number, self._unseen, self._process = 0, Counter[str](), os.getpid()
        self._scripts = frozenset(scripts())
        self._kinds: set[tuple[Site, str]] = set()
        self._kept: set[int] = set()
        self._firsts: list[Held] = []
        self._raising, self._waiting = Raising(self._ask), Waiting()
        self._found = self._raised = self._finalized = False

    def stop(self) -> Recording:
        """No more calls are noted; what is still to be written is. Gives what was noted, also when called again."""
        NOTES.remove(self)
        atexit.unregister(self._at_exit)
        with self._lock:
            if self._recording is None:
                if not self._began:
                    raise RuntimeError("this recorder has not been started.")
                self._recording = self._end()
        return self._recording

    def raised(self, error: BaseException) -> str:
        """What `packviz explain` says of an error that the program dies of, with the rows of the call that raised it,
        or else of the last call; "" where it is not about packing. What is held is kept then."""
        try:
            with self._lock:
                self._tell_waiting()
                told = self._raising.explained(error, self._last, self._tried)
                self._raised = self._raised or told is not None
                return "" if told is None else str(told)
        except Exception as own:
            self.missed(inside(own))
            return ""

    def told(self, observed: Observed) -> None:
        """One call came to its end."""
        with self._lock:
            if self._recording is None and not self._waits(observed):
                self._tell_waiting()
                self._tell(observed)

    def missed(self, why: str) -> None:
        """One call could not be seen, or not be looked at."""
        with self._lock:
            self._miss(why)

    def stands(self, why: str, many: int) -> None:
        """So many calls are in a graph that torch runs by itself."""
        with self._lock:
            self._stand(why, many)

    def unwritten(self) -> str:
        """Why nothing can be written to its path, in a few words; "" where that is begun now."""
        with self._lock:
            try:
                self._written.begin()
            except OSError as error:
                return (error.strerror or str(error)).lower()
        return ""

    def forked(self) -> None:
        """In the child of a fork: what is noted from now on is written beside the recording."""
        self._lock = threading.RLock()
        if self._recording is None:
            self._become_part(self._settings())

    def elsewhere(self) -> Begin:
        """Begins a part of it in another process."""
        return partial(begin_part, self._settings())

    def _settings(self) -> Settings:
        return Settings(self.path, self._token, self._when, self._seed, self._program, self._began)

    def _become_part(self, settings: Settings) -> None:
        self._part, self._keep = True, 0
        self._begin(part_path(settings.path, settings.token), settings.began, settings.token)
        self._whole = settings.path

    def _waits(self, observed: Observed) -> bool:
        """Whether it is looked at later, with others."""
        if not self._waiting.has_time(observed) or not self._keep:
            return False
        try:
            size = observed.hold(self._last.buffers)
        except Exception as why:
            self._fails(why)
            observed.readable = False
            return False
        if self._waiting.add(observed, size):
            self._tell_waiting()
        return True

    def _tell_waiting(self) -> None:
        for observed in self._waiting.all():
            try:
                self._tell(observed)
            except Exception as own:
                self._miss(inside(own))

    def _tell(self, observed: Observed) -> None:
        flags = observed.flags
        self._number += 1
        if self._part and not self._finalized:  # multiprocessing forgets what was asked for before a worker begins
            self._finalized = True
            util.Finalize(None, self._at_exit, exitpriority=10)
        error, report, taken = observed.error, None, None
        closely = error is not None or self._closely.wants(observed.site, flags, observed.near)
        if observed.readable and (closely or (observed.near and self._keep > 0)):
            taken = self._tried(lambda: observed.taken(self._last.buffers))
        if taken is not None and ("packed" in flags or (error is not None and observed.call != UNPACK)):
            origin = self._origin(observed)
            taken = taken if origin is None else taken.packed_from(origin)
        if closely and taken is not None:
            report = self._tried(partial(judged, taken, raised=error is not None, ask=self._ask))
        call = self._noted(observed, report)
        kinds = _kinds(call, error) if call.findings or error is not None else frozenset()
        reason: Reason = "" if kinds <= self._kinds else "raised" if error is not None else "first"
        self._kinds |= kinds
        self._found, self._raised = self._found or bool(kinds), self._raised or error is not None
        if error is not None:
            self._raising.add(call, taken)
        if taken is None:
            self._written.note(call)
            return
        if error is not None or reason:
            taken = replace(taken, raw=None)  # it is held longer than among the last
        if observed.packs:
            self._last.add_pack(call, taken)
        if observed.near or error is not None or kinds:
            self._last.add(call, taken)
        if not reason or len(self._kept) + len(self._firsts) >= MOST_FIRST:
            self._written.note(call)
        elif self._worth:
            self._write_firsts()
            self._write(replace(call, reason=reason), taken)
        else:
            self._firsts.append((replace(call, reason=reason), taken))
            self._written.note(call)

    def _origin(self, observed: Observed) -> Taken | None:
        """What a PackedSequence was packed from, where it is the one that this thread packed last."""
        if not observed.packed:
            return None
        sizes, thread = observed.sizes, observed.thread
        for call, taken in self._last.packs:
            if call.thread == thread:
                same = (call.rows, call.longest, call.features) == (sizes.rows, sizes.longest, sizes.features)
                return taken if same else None
        return None

    def _noted(self, observed: Observed, report: Report | None) -> NotedCall:
        sizes, error = observed.sizes, observed.error
        return NotedCall(
            self._number,
            observed.call,
            observed.site,
            "" if error is None else said(error),
            *sizes,
            findings=() if report is None else tuple((f.code, f.severity) for f in report.findings),
            tier="invariants" if report is None else "torch" if report.verdict is not None else "rules",
            module=observed.module,
            fingerprint=observed.fingerprint,
            time=round(observed.time - self._began, 6),
            process=self._process,
            thread=observed.thread,
            worker=observed.worker,
        )

    @property
    def _worth(self) -> bool:
        """Whether there is something to write."""
        return self._raised if self._when == "error" else self._when == "always" or self._found or self._raised

    def _tried(self, look: Callable[[], T]) -> T | None:
        try:
            return look()
        except Exception as why:
            self._fails(why)
            return None

    def _fails(self, why: Exception) -> None:
        """A call can't be looked at."""
        self._miss(cut(str(why), 120) if isinstance(why, Unreadable | BatchError) else inside(why))

    def _miss(self, why: str, many: int = 1) -> None:
        self._unseen[why if why in self._unseen or len(self._unseen) < MOST_REASONS else "for other reasons"] += many

    def _stand(self, why: str, many: int) -> None:
        if not runs_alone(why):
            self._miss(why, many)
        elif many > self._unseen[why]:  # of the same lines the compiler makes a graph for each kind of batch
            self._unseen[why] = many

    def _write_firsts(self) -> None:
        for call, taken in self._firsts:
            self._write(call, taken)
        self._firsts.clear()

    def _write(self, call: NotedCall, taken: Taken) -> None:
        try:
            self._written.keep(call, taken)
            self._kept.add(call.number)
        except (Unreadable, BatchError) as why:
            self._miss(cut(str(why), 120))
            self._written.note(replace(call, reason=""))
        except OSError as error:  # the recording can't be written: what was found is told all the same
            self._miss(_not_written(error))
            self._written.note(replace(call, reason=""))

    def _end(self) -> Recording:
        import torch

        self._tell_waiting()
        try:
            self._write_end()
        except Exception as own:
            self._unseen[_not_written(own)] += 1
        self._read_scripts()
        unseen = dict(self._unseen)
        waiting, place = self._written.waiting, self.path if self._written.open else ""
        try:
            self._written.end(unseen)
            if place:
                return read_recording(place)
        except (OSError, BatchError) as error:
            unseen[_not_written(error)] = 1
        return Recording(place, waiting, self._program, torch.__version__, not place, unseen)

    def _read_scripts(self) -> None:
        try:
            for call, site in sorted(scripted_calls(self._scripts), key=str):
                self._stand(scripted(call, site), 1)
        except Exception as own:
            self._unseen[inside(own)] += 1

    def _write_end(self) -> None:
        if self._part:
            if self._number or self._unseen:
                self._written.begin()
            return
        self._merge()
        if self._worth:
            self._written.begin()
            self._write_firsts()
            reason: Reason = "always" if self._when == "always" else "last"
            for call, taken in self._last:
                if call.number not in self._kept:
                    self._write(replace(call, reason=reason), taken)
            if self._last.dropped:
                self._unseen["not kept, since the last calls take more than 256 MiB"] = self._last.dropped
        if self._written.forgotten:
            self._unseen["noted, then forgotten, since so many were and nothing was found"] = self._written.forgotten

    def _merge(self) -> None:
        """Takes in what other processes noted."""
        for part in parts(self.path, self._token, self._number):
            self._number += len(part.calls)
            for why, many in part.unseen.items():
                self._stand(why, many)
            for call, data in part.calls:
                self._found = self._found or any(severity in COUNT for _, severity in call.findings)
                self._raised = self._raised or bool(call.error)
                if data is None or not self._worth:
                    self._written.note(replace(call, reason=""))
                else:
                    self._kept.add(call.number)
                    self._written.keep_bytes(call, data)

    def _at_exit(self) -> None:
        """The program comes to its end, or this process of it does."""
        if not self._part or parent_process() is not None or self._number:
            self.stop()


def begin_part(settings: Settings) -> None:
    """Notes, in a worker that knows nothing of the recording, what belongs to it; nothing where it is noted already."""
    if not any(isinstance(one, Recorder) and one._token == settings.token for one in NOTES.listeners):
        recorder = Recorder(when=settings.when, seed=settings.seed, program=settings.program)
        recorder._become_part(settings)
        NOTES.add(recorder)
        atexit.register(recorder._at_exit)


def _not_written(error: Exception) -> str:
    """What is counted where the recording can't be written: a full disk is no defect of packviz."""
    told = inside(error)
    return f"{UNWRITTEN}: {error.strerror.lower()}" if isinstance(error, OSError) and error.strerror else told


def _kinds(call: NotedCall, error: BaseException | None) -> frozenset[tuple[Site, str]]:
    """What was found in a call and what it raised, at its site."""
    found = {(call.site, code) for code, severity in call.findings if severity in COUNT}
    return frozenset(found if error is None else found | {(call.site, f"raised {type(error).__name__}")})
