"""The ways to read the open recording: a call of it, and all of it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from packviz.core.batch import BatchError
from packviz.core.cancel import Watch
from packviz.core.noted import NotedCall
from packviz.session.listing import OpenRecording
from packviz.session.loads import Entry, call_entry
from packviz.session.requests import Request

if TYPE_CHECKING:
    from packviz.files.kept.recordings import Recorded


@dataclass(frozen=True)
class CallRequest(Request[Entry]):
    """Read the batch of one call of the open recording; a load like any other, so that there is one at a time.
    `said`: what is to be said once it is there."""

    kind: ClassVar[str] = "load"
    known: Recorded
    call: NotedCall
    options: tuple[tuple[str, Any], ...] = ()
    said: str = ""

    @property
    def name(self) -> str:
        """What is being read, in a word or two."""
        return f"call {self.call.number:,}"

    def do(self, watch: Watch) -> Entry:
        """Its batch, with its module. Raises BatchError, Cancelled."""
        return call_entry(self.known, self.call, dict(self.options), watch)


@dataclass(frozen=True)
class ReloadRequest(Request[OpenRecording]):
    """Read the calls of the open recording again."""

    kind: ClassVar[str] = "load"
    recording: OpenRecording

    @property
    def name(self) -> str:
        """What is being read."""
        return self.recording.recording.place

    def do(self, watch: Watch) -> OpenRecording:
        """The recording as it is now. Raises BatchError where there is none any more, Cancelled."""
        from packviz.files.kept.recordings import recording_at

        found = recording_at(self.name, watch)
        if found is None:
            raise BatchError(f"{self.name}: there is no recording any more; the calls that were listed stay.")
        return self.recording.again(found).prepared()
