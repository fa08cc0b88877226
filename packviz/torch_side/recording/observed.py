"""One call, as all that record are told of it: when it begins, and when it came to its end."""

from __future__ import annotations

import time

from packviz.core.noted import Site
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.facts import known_of
from packviz.torch_side.recording.fingerprints import fingerprint
from packviz.torch_side.recording.grabbed import Grabbed, grabbed
from packviz.torch_side.recording.looks import Looks
from packviz.torch_side.recording.made import PACK, SEQUENCES, Made
from packviz.torch_side.recording.seen import NOTHING, Seen, Sizes, seen
from packviz.torch_side.recording.sites import thread_name, worker_number
from packviz.torch_side.recording.taken import Taken, taken


class Observed:
    """One call: what is costly is done once, and only if one of those who are told asks.

    `looks`: at its tensors, None where they can't be read. `alone`: one only records. It holds what is the program's,
    and is let go of when the call is over, unless it is told to `hold`. `near`: x lies in the processor's memory: to
    look at it waits for nothing. `packs`: it makes a PackedSequence; `packed`: it is given one. `error`: what it
    raised, once it has ended. `time`: when it began, in seconds of time.time.
    """

    __slots__ = (
        "_alone",
        "_fingerprint",
        "_grabbed",
        "_known",
        "_looks",
        "_made",
        "_seen",
        "_taken",
        "call",
        "error",
        "module",
        "near",
        "packed",
        "packs",
        "readable",
        "site",
        "thread",
        "time",
        "worker",
    )

    def __init__(self, made: Made, looks: Looks | None, site: Site, alone: bool) -> None:
        self._made: Made | None = made
        self._looks, self._alone = looks, alone
        self._seen = NOTHING if looks is None else None
        self._grabbed: Grabbed | None = None
        self._taken: Taken | None = None
        self._fingerprint: str | None = None
        self.call, self.site = made.call, site
        self.error: Exception | None = None
        self.readable = looks is not None
        self.near = looks is None or looks.near
        self.packs, self.packed = made.call in (PACK, SEQUENCES), made.packed
        known = None if looks is None else looks.known
        if known is None and made.module is not None:
            known = known_of(made.module)
        self._known, self.module = known, "" if known is None else known.words
        self.time, self.thread, self.worker = time.time(), thread_name(), worker_number()

    @property
    def sizes(self) -> Sizes:
        """Told in a line."""
        return self.seen.sizes

    @property
    def flags(self) -> frozenset[str]:
        """What does not hold of it, as far as every call is looked at."""
        return self.seen.flags

    @property
    def seen(self) -> Seen:
        """What it looks like from outside; of the copy, where there is one."""
        if self._seen is None:
            if self._grabbed is not None:
                copy = self._taken = self._taken or taken(self._grabbed)
                self._seen = seen(self.call, copy.options, self.packed, copy)
            else:
                assert self._made is not None
                assert self._looks is not None
                self._seen = seen(self.call, self._made.options, self.packed, self._looks)
        return self._seen

    @property
    def fingerprint(self) -> str:
        """Of the weights of the module; "" where there is none."""
        if self._fingerprint is None:
            module = None if self._made is None else self._made.module
            self._fingerprint = "" if module is None or self._known is None else fingerprint(module, self._known.read)
        return self._fingerprint

    @property
    def can_wait(self) -> bool:
        """Whether it may be looked at later: from a copy, which one asks for anyway."""
        return self._alone and self.near and self.readable

    @property
    def held(self) -> bool:
        """Whether it holds a copy, and nothing of the program's."""
        return self._made is None

    def taken(self, buffers: Buffers) -> Taken:
        """A copy of what the call was given, the same for all; in these buffers where one only records. Raises
        Unreadable and BatchError."""
        if self._taken is None:
            self._taken = taken(self._grab(buffers))
        return self._taken

    def hold(self, buffers: Buffers) -> None:
        """Holds what `taken` makes the copy of, and nothing of the program's from now on. Raises Unreadable and
        BatchError."""
        self._grab(buffers)
        _ = self.fingerprint
        self._made = self._looks = None

    @property
    def nbytes(self) -> int:
        """What its copy takes in buffers."""
        return 0 if self._grabbed is None or self._grabbed.raw is None else self._grabbed.raw.memory.nbytes

    def _grab(self, buffers: Buffers) -> Grabbed:
        if self._grabbed is None:
            assert self._made is not None
            assert self._looks is not None
            self._grabbed = grabbed(self._made, self._looks, buffers if self._alone else None)
        return self._grabbed
