"""Of a recording that is damaged all calls are there that are whole; what is not is said, and nothing else is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.noted import Recording
from packviz.files.kept.container import whole_file
from packviz.files.kept.recordings import Recorded, RecordingWriter, read_recording
from packviz.files.stream import Stream
from tests.files.kept.test_recordings import batch, call


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (
            {"seen/0.jsonl": b"{"},
            "seen/0.jsonl (at byte 1,024, 1,024 bytes) is damaged: 1 of its 1 lines can't be read",
        ),
        ({"seen/0.jsonl": b"3"}, "1 of its 1 lines can't be read"),
        (
            {"seen/0.jsonl": json.dumps(call(4, "first").to_dict()).encode()},
            "the batch of call 4 is lost: there is no record calls/000004.safetensors",
        ),
        (
            {"calls/000004.safetensors": b"no"},
            "the batch of call 4 (calls/000004.safetensors, at byte 1,024) is damaged: it is damaged or no",
        ),
        ({"calls/000004.safetensors": batch(5)}, "is damaged: it is that of call 5"),
        ({"end.json": b"[]"}, "the record end.json (at byte 1,024, 1,024 bytes) is damaged: end.json holds no JSON"),
        ({"seen/000001.jsonl": b""}, "the record seen/000000.jsonl is missing"),
        ({"end.json": b'{"calls": 3}'}, "the record seen/000000.jsonl is missing"),
    ],
)
def test_what_is_damaged_is_one_sentence(tmp_path: Path, records: dict[str, bytes], said: str) -> None:
    path = tmp_path / "a.packviz"
    path.write_bytes(whole_file("recording", {}, records))
    found = read_recording(path)
    assert len(found.damage) == 1
    assert said in str(found.damage[0])
    assert "\n" not in str(found.damage[0])
    assert found.kept == ()


SMALL = [3, 5, 9]
"""Calls whose batches are kept, of 12, in two records of lines."""


def small(path: Path) -> bytes:
    """A recording whose every byte can be damaged in turn."""
    writer = RecordingWriter(path, program="train.py", torch="2.13.0")
    for number in range(1, 13):
        if number in SMALL:
            writer.keep(call(number, "first"), batch(number))
        else:
            writer.note(call(number))
        if number == 6:
            writer.flush()
    writer.end({"while compiling": 3})
    return path.read_bytes()


def held(data: bytes, *, cut_short: bool = False) -> Recording | None:
    """The recording in these bytes, none of whose calls is another than it was, and what is not there is said."""
    try:
        with_batches = Recorded(Stream.of(data), "a.packviz", data=data)
    except BatchError:
        return None
    found = with_batches.recording
    for one in found.calls:
        expected = call(one.number, "first" if one.number in SMALL else "")
        assert one in (expected, expected._replace(reason="damaged"), expected._replace(reason=""))
        if one.kept:
            assert with_batches.batch(Stream.of(data), one.number).batch.x[0, 0, 0] == one.number
        if one.damaged:
            with pytest.raises(BatchError, match=f"batch of call {one.number} "):
                with_batches.batch(Stream.of(data), one.number)
    gone = set(range(1, 13)) - {one.number for one in found.calls}
    lost = {one.number for one in found.calls if one.number in SMALL and not one.kept}
    if not (found.damage or cut_short):
        assert (gone, lost) == (set(), set())
        assert (found.program, found.unseen, found.whole) == ("train.py", {"while compiling": 3}, True)
    if found.damage and found.lost.exact:
        assert found.lost.calls == len(gone)
        assert {n for first, last in found.lost.numbers for n in range(first, last + 1)} in (gone, set())
    return found


@pytest.mark.parametrize(("bit", "every"), [(0x01, 11), (0x20, 29), pytest.param(0x01, 1, marks=pytest.mark.whole)])
def test_no_byte_of_a_recording_costs_more_than_one_call(tmp_path: Path, bit: int, every: int) -> None:
    data = small(tmp_path / "a.packviz")
    for at in range(0, len(data), every):
        bent = bytearray(data)
        bent[at] ^= bit
        found = held(bytes(bent))
        assert found is not None, at
        gone = 12 - len(found.calls)
        lost = sum(one.number in SMALL and not one.kept for one in found.calls)
        assert gone + lost <= (2 if data[at : at + 1] == b"\n" else 1), (at, found.damage)  # two lines have become one


@given(st.data())
def test_whatever_happens_to_a_recording_what_is_shown_is_right(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = small(tmp_path_factory.mktemp("bent") / "a.packviz")
    at = data.draw(st.integers(0, len(whole)))
    gone = data.draw(st.integers(0, 1200) | st.sampled_from([512, 1024, 4096]))
    more = data.draw(st.binary(max_size=600) | st.integers(0, 5000).map(bytes))
    held(whole[:at] + more + whole[at + gone :], cut_short=at + gone >= len(whole) - 3000)


def test_cut_short_anywhere_a_recording_is_right(tmp_path: Path) -> None:
    data = small(tmp_path / "a.packviz")
    for at in range(0, len(data), 13):
        held(data[:at], cut_short=True)


def test_calls_that_are_lost_are_counted_even_where_the_end_says_nothing(tmp_path: Path) -> None:
    data = bytearray(small(tmp_path / "a.packviz"))
    data[data.index(b"seen/000000.jsonl") + 600] ^= 1
    found = held(bytes(data[: data.index(b"end.json")]), cut_short=True)
    assert found is not None
    assert (found.lost.exact, found.lost.calls, found.lost.numbers) == (False, 1, ((1, 1),))


def test_a_kept_call_whose_line_is_lost_is_known_by_its_batch(tmp_path: Path) -> None:
    data = small(tmp_path / "a.packviz")
    at, then = data.index(b"seen/000000.jsonl"), data.index(b"calls/000009.safetensors")
    found = held(data[:at] + bytes(then - at) + data[then:])
    assert found is not None
    assert [one.number for one in found.calls] == [3, 5, 7, 8, 9, 10, 11, 12]
    assert [one.number for one in found.kept] == SMALL
    assert str(found.lost) == "4 calls are missing from the list: 1 to 2, 4 and 6"


def test_lines_are_read_whose_record_has_no_header_any_more(tmp_path: Path) -> None:
    data = small(tmp_path / "a.packviz")
    at = data.index(b"seen/000000.jsonl")
    found = held(data[:at] + b"\xff" * 512 + data[at + 512 :])
    assert found is not None
    assert len(found.calls) == 12
    assert [(one.record, one.at) for one in found.damage] == [("", at)]


def test_what_lies_elsewhere_is_read_once_it_is_asked_for(tmp_path: Path) -> None:
    data = bytearray(small(tmp_path / "a.packviz"))
    data[data.index(b"calls/000005.safetensors") + 600] ^= 1
    stream = Stream.of(bytes(data))
    known = Recorded(stream, "s3://bucket/a.packviz")
    assert known.recording.damage == ()
    with pytest.raises(BatchError, match=r"calls/000005\.safetensors is not as it was written"):
        known.batch(stream, 5)


def test_the_first_record_costs_what_it_says_of_the_whole(tmp_path: Path) -> None:
    data = bytearray(small(tmp_path / "a.packviz"))
    data[520] ^= 1
    found = held(bytes(data))
    assert found is not None
    assert (len(found.calls), found.program, len(found.damage)) == (12, "", 1)
