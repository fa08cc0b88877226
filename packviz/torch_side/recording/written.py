"""The file of a recording, made when the first record is written to it; the lines of calls wait until then."""

from __future__ import annotations

from collections import deque

from packviz.core.noted import NotedCall
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.recordings import RecordingWriter
from packviz.torch_side.recording.taken import Taken

MOST_WAITING = 20_000
"""Lines of calls that are held while nothing is written."""


class Written:
    """Writes calls to `path`, which is not touched before `open`. `forgotten`: lines that waited too long."""

    def __init__(self, path: str, program: str) -> None:
        self.path, self._program = path, program
        self._writer: RecordingWriter | None = None
        self._waiting: deque[NotedCall] = deque()
        self.forgotten = 0

    @property
    def open(self) -> bool:
        """Whether there is a file."""
        return self._writer is not None

    @property
    def waiting(self) -> tuple[NotedCall, ...]:
        """The lines that are not written."""
        return tuple(self._waiting)

    def note(self, call: NotedCall) -> None:
        """A line. Raises OSError where the file can't be written."""
        if self._writer is not None:
            self._writer.note(call)
            return
        self._waiting.append(call)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self.forgotten += 1

    def keep(self, call: NotedCall, taken: Taken) -> None:
        """A call with its batch, on its way to the disk at once. Raises OSError, and BatchError where it is none."""
        data = batch_bytes(taken.named(call.site.shown), taken.module, taken.states, call=call)
        self.keep_bytes(call, data)

    def keep_bytes(self, call: NotedCall, data: bytes) -> None:
        """The same of a batch that is bytes already."""
        self.begin().keep(call, data)

    def begin(self) -> RecordingWriter:
        """Makes the file, if there is none."""
        if self._writer is None:
            import torch

            self._writer = RecordingWriter(self.path, program=self._program, torch=torch.__version__)
        if self._waiting:
            while self._waiting:
                self._writer.note(self._waiting.popleft())
            self._writer.flush()
        return self._writer

    def end(self, unseen: dict[str, int]) -> None:
        """Brings the file to its end, where there is one. `unseen`: what is counted in it, lines that were forgotten
        among it."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            if writer.forgotten:
                unseen["noted, then forgotten, since they could not be written"] = writer.forgotten
            writer.end(unseen)
