"""Recorder: the calls of a program from `start` to `stop`, and which of them are written, with their batches."""

from __future__ import annotations

import atexit
import os
import random
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from multiprocessing import parent_process, util
from pathlib import Path

from packviz.core.batch import BatchError
from packviz.core.calls.unseen import scripted
from packviz.core.noted import Recording, check_options
from packviz.files.kept.parts import part_path
from packviz.files.kept.recordings import read_recording
from packviz.torch_side.recording.claims import Claim, claim_at, default_path
from packviz.torch_side.recording.closely import Closely
from packviz.torch_side.recording.judged import judged
from packviz.torch_side.recording.kept import Kept, When
from packviz.torch_side.recording.made import UNPACK
from packviz.torch_side.recording.notes import NOTES, inside
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.parts import parts
from packviz.torch_side.recording.raising import Raising
from packviz.torch_side.recording.scripted import scripted_calls, scripts
from packviz.torch_side.recording.unseen import Unseen, not_written
from packviz.torch_side.recording.waiting import Waiting
from packviz.torch_side.recording.workers import Begin, Settings
from packviz.torch_side.recording.written import Written


class Recorder:
    """Notes all calls around packing, of all threads, from `start` to `stop`; several may do so at once, each by
    itself.

    `path`: of the recording, the name of the script with `.packviz` unless given; nothing is written there before there
    is something to write. `keep`: how many of the last calls are written at the end, as far as 256 MiB of memory hold
    them. `when`: "finding" writes where something was found or raised, "error" only where something was raised,
    "always" in any case. What is found is written at once, or with the calls that came right after it. `ask`: torch
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
        self._claim = Claim()

    def start(self) -> None:
        """From now on calls are noted. Raises RuntimeError where it has been started before."""
        if self._began:
            raise RuntimeError("this recorder has been started before: make another one.")
        taken = self._avoid | {one.path for one in NOTES.listeners if isinstance(one, Recorder)}
        path, self._claim = claim_at(str(Path(self._given or default_path()).absolute()), taken)
        self._begin(path, time.time())
        try:
            if self._when == "always":
                self._written.begin()
        except OSError:
            self._claim.end()
            raise
        NOTES.add(self)
        atexit.register(self._at_exit)

    def _begin(self, path: str, began: float, token: str = "") -> None:
        self.path, self._began = path, began
        self._token = token or f"{random.SystemRandom().getrandbits(48):012x}"
        self._number, self._unseen, self._process = 0, Unseen(), os.getpid()
        self._written = Written(path, self._program)
        self._kept = Kept(self._written, self._keep, self._when, self._unseen)
        self._closely, self._raising, self._waiting = Closely(self._seed), Raising(self._ask), Waiting()
        self._scripts = frozenset(scripts())
        self._finalized = False

    def stop(self) -> Recording:
        """No more calls are noted; what is still to be written is. Gives what was noted, also when called again."""
        NOTES.remove(self)
        atexit.unregister(self._at_exit)
        with self._lock:
            if self._recording is None:
                if not self._began:
                    raise RuntimeError("this recorder has not been started.")
                self._recording = self._end()
                self._claim.end()
        return self._recording

    def raised(self, error: BaseException) -> str:
        """What `packviz explain` says of an error that the program dies of, with the rows of the call that raised it,
        or else of the last call; "" where it is not about packing. What is held is kept then."""
        try:
            with self._lock:
                self._tell_waiting()
                told = self._raising.explained(error, self._kept.last, self._unseen.tried)
                if told is None:
                    return ""
                self._kept.died()
                return str(told)
        except Exception as own:
            self.missed(inside(own))
            return ""

    def begins(self, observed: Observed) -> None:
        """One call begins."""
        with self._lock:
            if not self._keep or self._recording is not None:
                return
            has_time = self._waiting.has_time(observed)
            if self._waiting.are_enough(observed.time):
                self._tell_waiting()
            if not has_time:
                return
            try:
                observed.hold(self._kept.last.buffers)
            except Exception as why:
                self._unseen.failed(why)
                observed.readable = False
            else:
                self._waiting.add(observed)

    def told(self, observed: Observed) -> None:
        """One call came to its end."""
        with self._lock:
            if self._recording is not None:
                return
            self._tell_waiting()
            if not observed.waits:
                self._tell(observed)

    def missed(self, why: str) -> None:
        """One call could not be seen, or not be looked at."""
        with self._lock:
            self._unseen.add(why)

    def stands(self, why: str, many: int) -> None:
        """So many calls are in a graph that torch runs by itself."""
        with self._lock:
            self._unseen.stands(why, many)

    def unwritten(self) -> str:
        """Why nothing can be written to its path, in a few words; "" where that is begun now."""
        with self._lock:
            try:
                if self._recording is None:
                    self._written.begin()
            except OSError as error:
                return (error.strerror or str(error)).lower()
        return ""

    def forked(self) -> None:
        """In the child of a fork: what is noted from now on is written beside the recording."""
        self._lock = threading.RLock()
        self._claim.forget()
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

    def _tell_waiting(self) -> None:
        if self._recording is not None:  # it has come to its end
            return
        for observed in self._waiting.all():
            self._unseen.tried(partial(self._tell, observed))

    def _tell(self, observed: Observed) -> None:
        flags = observed.flags
        self._number += 1
        if self._part and not self._finalized:  # multiprocessing forgets what was asked for before a worker begins
            self._finalized = True
            util.Finalize(None, self._at_exit, exitpriority=10)
        error, report, taken = observed.error, None, None
        closely = error is not None or self._closely.wants(observed.site, flags, observed.near)
        if observed.readable and (closely or (observed.near and self._keep > 0)):
            taken = self._unseen.tried(lambda: observed.taken(self._kept.last.buffers))
        if taken is not None and ("packed" in flags or (error is not None and observed.call != UNPACK)):
            origin = self._kept.last.origin_of(observed)
            taken = taken if origin is None else taken.packed_from(origin)
        if closely and taken is not None:
            try:
                report = judged(taken, raised=error is not None, ask=self._ask)
            except Exception as why:
                self._unseen.failed(why)
                taken = None if isinstance(why, BatchError) else taken  # none that could be written either
        call = observed.noted(self._number, report, self._began, self._process)
        if error is not None:
            self._raising.add(call, taken)
        self._kept.add(call, taken, observed)

    def _end(self) -> Recording:
        import torch

        self._tell_waiting()
        try:
            self._write_end()
        except Exception as own:
            self._unseen.add(not_written(own))
        self._unseen.tried(self._read_scripts)
        unseen = self._unseen.counts
        waiting, place = self._written.waiting, self.path if self._written.open else ""
        try:
            self._written.end(unseen)
        except OSError as error:
            unseen[not_written(error)] = 1
        try:
            if place:
                found = read_recording(place)
                return found if found.whole else replace(found, unseen=unseen)
        except BatchError as error:
            unseen[not_written(error)] = 1
        return Recording(place, waiting, self._program, torch.__version__, not place, unseen)

    def _read_scripts(self) -> None:
        for call, site in sorted(scripted_calls(self._scripts), key=str):
            self._unseen.stands(scripted(call, site), 1)

    def _write_end(self) -> None:
        if self._part:
            if self._number or self._unseen:
                self._written.begin()
            return
        self._merge()
        self._kept.end()

    def _merge(self) -> None:
        """Takes in what other processes noted."""
        for part in parts(self.path, self._token, self._number):
            self._number += len(part.calls)
            for why, many in part.unseen.items():
                self._unseen.stands(why, many)
            for call, data in part.calls:
                self._kept.add_written(call, data)

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
