"""The ways to read an open recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.batch import BatchError
from packviz.core.calls.choosing import Which
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.files.kept.recordings import recorded
from packviz.session.listing import OpenRecording
from packviz.session.recordings import CallRequest, ReloadRequest
from tests.recorded import EVAL, record


@pytest.fixture
def opened(tmp_path: Path) -> OpenRecording:
    return OpenRecording(recorded(record(tmp_path / "run.packviz", 6, bad=(4,), kept=(2,), sites={6: EVAL})))


def test_requests_say_what_they_read(opened: OpenRecording) -> None:
    request = CallRequest(opened.known, opened.calls[1], (("enforce_sorted", False),))
    assert request.name == "call 2"
    entry = request.do(UNWATCHED)
    assert (entry.call, entry.batch.call.enforce_sorted, entry.batch.source.entry) == (
        opened.calls[1],
        False,
        "2 train.py:31",
    )
    with pytest.raises(BatchError, match=r"run\.packviz: call 1 was noted, but its batch was not kept"):
        CallRequest(opened.known, opened.calls[0]).do(UNWATCHED)
    with pytest.raises(Cancelled):
        request.do(Watch(None, lambda: True))
    again = ReloadRequest(opened.listing(which=Which(site=EVAL)))
    found = again.do(UNWATCHED)
    assert (found.calls, found.places.tolist()) == (opened.calls, [5])
    assert again.name == opened.recording.place
