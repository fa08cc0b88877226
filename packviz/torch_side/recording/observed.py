"""One call, as all that record are told of it: when it begins, and when it came to its end."""

from __future__ import annotations

import time

from packviz.core.noted import NotedCall, Site
from packviz.core.report import Report
from packviz.core.texts.quoting import cut
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.facts import known_of
from packviz.torch_side.recording.fingerprints import fingerprint
from packviz.torch_side.recording.grabbed import grabbed
from packviz.torch_side.recording.looks import Looks
from packviz.torch_side.recording.made import PACK, SEQUENCES, Made
from packviz.torch_side.recording.seen import NOTHING, Seen, Sizes, seen
from packviz.torch_side.recording.sites import thread_name, worker_number
from packviz.torch_side.recording.taken import Taken

LONGEST_ERROR = 2000
"""Letters that are held of an error."""


class Observed:
    """One call: what is costly is done once, and only if one of those who are told asks.

    `looks`: at its tensors, None where they can't be read. `alone`: one only records. It holds what is the program's,
    and is let go of when the call is over, unless it is told to `hold`. `near`: x lies in the processor's memory: to
    look at it waits for nothing. `packed`: it is given a PackedSequence. `error`: what it raised, once it has ended.
    `time`: when it began, in seconds of time.time. `waits`: it is held until it is looked at, once it is `over`; None
    of one that is then forgotten.
    """

    QUICK = 0.02
    """Seconds: a call takes long that takes so many, and one that comes later than that after another is not quick."""

    __slots__ = (
        "_alone",
        "_fingerprint",
        "_known",
        "_looks",
        "_made",
        "_seen",
        "_taken",
        "call",
        "error",
        "near",
        "over",
        "packed",
        "readable",
        "site",
        "thread",
        "time",
        "waits",
    )

    def __init__(self, made: Made, looks: Looks | None, site: Site, alone: bool) -> None:
        self._made: Made | None = made
        self._looks, self._alone = looks, alone
        self._seen = NOTHING if looks is None else None
        self._taken: Taken | None = None
        self._fingerprint: str | None = None
        self.call, self.site = made.call, site
        self.error: Exception | None = None
        self.over: bool | None = False
        self.readable = looks is not None
        self.near = looks is None or looks.near
        self.packed = made.packed
        self._known = None if looks is None else looks.known
        if looks is None and made.module is not None:
            self._known = known_of(made.module)
        self.waits = False
        self.time, self.thread = time.time(), thread_name()

    def ends(self, error: Exception | None) -> bool:
        """It has come to its end. Gives whether those who record are told now: otherwise it waits for them."""
        self.error, self.over = error, True
        return not self.waits or error is not None or abs(time.time() - self.time) >= self.QUICK

    @property
    def module(self) -> str:
        """In a few words; "" where it is none."""
        return "" if self._known is None else self._known.words

    @property
    def worker(self) -> int:
        """Of a DataLoader, in whose process it is asked; -1 elsewhere."""
        return worker_number()

    @property
    def packs(self) -> bool:
        """Whether it makes a PackedSequence."""
        return self.call in (PACK, SEQUENCES)

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
            if self._taken is not None:
                self._seen = seen(self.call, self._taken.options, self.packed, self._taken)
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

    def taken(self, buffers: Buffers) -> Taken:
        """A copy of what the call was given, the same for all; in these buffers where one only records. Raises
        Unreadable and BatchError."""
        if self._taken is None:
            assert self._made is not None
            assert self._looks is not None
            self._taken = grabbed(self._made, self._looks, buffers if self._alone else None)
        return self._taken

    def hold(self, buffers: Buffers) -> None:
        """Holds a copy, and nothing of the program's from now on. Raises Unreadable and BatchError."""
        self.taken(buffers)
        _ = self.fingerprint
        self._made = self._looks = None

    @property
    def nbytes(self) -> int:
        """What its copy takes of memory."""
        return 0 if self._taken is None else self._taken.nbytes

    def noted(self, number: int, report: Report | None, began: float, process: int) -> NotedCall:
        """It in a line. `report`: of all rules, None where they did not look at it. `began`: when the recording did, in
        seconds of time.time."""
        return NotedCall(
            number,
            self.call,
            self.site,
            "" if self.error is None else said(self.error),
            *self.sizes,
            findings=() if report is None else tuple((f.code, f.severity) for f in report.findings),
            tier="invariants" if report is None else "torch" if report.verdict is not None else "rules",
            module=self.module,
            fingerprint=self.fingerprint,
            time=round(self.time - began, 6),
            process=process,
            thread=self.thread,
            worker=self.worker,
        )


def said(error: BaseException) -> str:
    """The class and the message of an error."""
    return cut(f"{type(error).__name__}: {error}", LONGEST_ERROR)
