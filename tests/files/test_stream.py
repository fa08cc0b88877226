"""Reading in chunks, with progress and cancellation."""

from __future__ import annotations

import pytest

from packviz.core.batch import BatchError
from packviz.core.budget import MEMORY
from packviz.core.cancel import Cancelled, Watch
from packviz.files.stream import CHUNK, Stream


def test_reading_reports_its_progress_chunk_by_chunk():
    heard: list[float] = []
    data = bytes(2 * CHUNK + 5)
    assert Stream.of(data, Watch(heard.append)).read_all() == data
    assert heard == sorted(heard)
    assert len(heard) == 3


def test_reading_stops_in_the_middle_of_a_large_file():
    asked: list[int] = []
    stream = Stream.of(bytes(8 * CHUNK), Watch(cancelled=lambda: len(asked) > 2 or asked.append(1)))
    with pytest.raises(Cancelled):
        stream.read_all()
    assert stream.stopped
    assert stream.tell() < 8 * CHUNK


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_the_encodings_that_spreadsheets_write(encoding):
    assert Stream.of("1\t2\n3×4".encode(encoding)).read_text() == "1\t2\n3×4"


def test_what_is_larger_than_is_allowed_is_refused_before_it_is_read() -> None:
    stream = Stream.of(bytes(1000))
    with MEMORY.within(1999), pytest.raises(BatchError, match=r"all of it at once would take 1\.95 KiB of memory"):
        stream.read_text()
    assert stream.tell() == 0
    with MEMORY.within(2000):
        assert len(stream.read_text()) == 1000


def test_bytes_that_are_no_text_are_refused_with_their_place():
    with pytest.raises(BatchError, match="byte 2 "):
        Stream.of(b"ab\xff").read_text()
