"""Behind a damaged part only what proves itself is read, and all of that; what could be looked for has an end."""

from __future__ import annotations

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.kept import frames
from packviz.files.kept.frames import BLOCK, END, Member, framed, is_as_written, member_at, record
from packviz.files.stream import Stream

PARTS = {f"calls/{n:06d}.safetensors": bytes(range(256)) * n for n in range(1, 6)}
TOKEN = "0123456789abcdef"
PIECES = [record(name, data, TOKEN) for name, data in PARTS.items()]
WHOLE = b"".join(PIECES) + END
FIRST = record("packviz.json", b"{}", TOKEN)


def found_in(data: bytes) -> tuple[dict[str, bytes], int]:
    """The records that are as they were written, and how many parts are damaged."""
    stream = Stream.of(data)
    members, damage = framed(stream)
    written = [member for member in members if is_as_written(stream, member)]
    assert all(0 <= one.at < one.at + one.size <= len(data) for one in damage)
    return {one.name: data[one.start : one.start + one.size] for one in written}, len(damage) + len(members) - len(
        written
    )


def without(*names: int) -> dict[str, bytes]:
    return {name: data for place, (name, data) in enumerate(PARTS.items()) if place not in names}


def test_all_of_a_whole_file() -> None:
    assert found_in(WHOLE) == (PARTS, 0)


@pytest.mark.parametrize("bit", [0x01, 0x04, 0x80])
def test_any_byte_costs_its_own_record_alone(bit: int) -> None:
    """In a first record, one between others, and a last one."""
    three = dict(list(PARTS.items())[:3])
    ends = [sum(map(len, PIECES[: n + 1])) for n in range(3)]
    whole = b"".join(PIECES[:3]) + END
    for at in range(len(whole)):
        data = bytearray(whole)
        data[at] ^= bit
        found, damaged = found_in(bytes(data))
        place = next((n for n, end in enumerate(ends) if at < end), None)
        if place is None:  # in the end
            assert (found, damaged) == (three, 1), at
        else:
            left = {name: part for n, (name, part) in enumerate(three.items()) if n != place}
            assert found in (three, left), at
            assert damaged == (found != three), at


@given(st.integers(0, len(WHOLE)), st.binary(max_size=700), st.integers(0, 3000))
def test_whatever_is_put_in_or_taken_out_the_rest_is_read(at: int, more: bytes, gone: int) -> None:
    at += len(FIRST)
    data = FIRST + WHOLE[: at - len(FIRST)] + more + WHOLE[at - len(FIRST) + gone :]
    found, damaged = found_in(data)
    assert found.pop("packviz.json") == b"{}"
    assert all(PARTS.get(name) == part for name, part in found.items())
    begin = len(FIRST)
    for piece, (name, part) in zip(PIECES, PARTS.items(), strict=True):
        if begin + BLOCK + len(part) <= at or begin >= at + gone:
            assert name in found, name
        begin += len(piece)
    left = len(data) - len(FIRST) - len(END) - sum(BLOCK + len(part) + -len(part) % BLOCK for part in found.values())
    gone_altogether = left < BLOCK  # of a record of which not even a block is left nothing tells
    assert damaged or found == PARTS or gone_altogether or at + gone >= len(FIRST) + len(WHOLE) - len(END)


def test_a_size_that_is_wrong_hides_no_record() -> None:
    """The sum of a header stays the same where two of its digits change places."""
    for size in (b"00000000044", b"00000044000", b"77777777777"):
        head = bytearray(PIECES[1])
        head[124:135] = size
        head[148:156] = b"%06o\0 " % (sum(head[:148]) + 8 * 32 + sum(head[156:512]))
        data = PIECES[0] + bytes(head) + b"".join(PIECES[2:]) + END
        assert member_at(Stream.of(data), len(PIECES[0])) is not None
        assert found_in(data) == (without(1), 1), size


@pytest.mark.parametrize("token", ["", "fedcba9876543210"])
def test_what_lies_inside_a_damaged_record_is_not_taken_for_one(token: str) -> None:
    inner = record("calls/000099.safetensors", b"of another file", token)
    outer = bytearray(record("calls/000002.safetensors", inner + bytes(100), TOKEN))
    outer[0] ^= 1
    assert found_in(PIECES[0] + bytes(outer) + PIECES[2] + END) == (without(1, 3, 4), 1)


@pytest.mark.parametrize("token", ["", "fedcba9876543210"])
def test_what_is_left_of_another_file_is_not_taken_for_a_record(token: str) -> None:
    stale = record("calls/000002.safetensors", bytes(len(PARTS["calls/000002.safetensors"])), token)
    stream = Stream.of(PIECES[0] + stale + PIECES[2] + END)
    members, damage = framed(stream)
    assert [one.name for one in members] == ["calls/000001.safetensors", "calls/000003.safetensors"]
    assert [(one.at, one.size, one.why) for one in damage] == [(len(PIECES[0]), len(stale), frames.OF_ANOTHER)]


def test_a_record_that_has_lost_its_checksum_is_told_from_those_that_have_one() -> None:
    """Without its first byte the data of a record stands where the header has the rest of it; its sum is the same."""
    at = PIECES[0].index(b"\0")
    assert member_at(Stream.of(PIECES[0][:at] + PIECES[0][at + 1 :] + END), 0) is not None
    assert found_in(PIECES[1] + PIECES[0][:at] + PIECES[0][at + 1 :] + PIECES[2] + END) == (without(0, 3, 4), 1)


def test_a_record_that_is_cut_short_is_no_damage() -> None:
    for at in range(len(PIECES[0]) + 1, len(PIECES[0]) + len(PIECES[1]) - 1, 97):
        assert found_in(WHOLE[:at]) == (without(1, 2, 3, 4), 0), at


def test_a_length_that_claims_terabytes_takes_no_memory() -> None:
    info = tarfile.TarInfo("calls/000009.safetensors")
    for size in (2**33 - 1, 2**62):
        info.size = size
        data = PIECES[0] + info.tobuf(tarfile.GNU_FORMAT) + PIECES[2] + END
        assert found_in(data)[0] == without(1, 3, 4)


def test_looking_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of nothing but headers, each of which says that all the rest is its own."""
    monkeypatch.setattr(frames, "_MOST_TRIED", 50)
    read = 0

    class Counting(Stream):
        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            nonlocal read
            done = super().readinto(buffer)
            read += done
            return done

    heads = []
    for n in range(400):
        info = tarfile.TarInfo(f"calls/{n:06d}.safetensors")
        info.size, info.uname = (400 - n - 1) * BLOCK, "crc32:00000000"
        heads.append(info.tobuf(tarfile.GNU_FORMAT))
    data = PIECES[0] + b"\xff" * BLOCK + b"".join(heads)
    stream = Counting.of(data)
    members, damage = framed(stream)
    assert [one.name for one in members] == ["calls/000001.safetensors"]
    assert len(damage) == 1
    assert read < 20 * len(data)


def test_without_a_checksum_nothing_is_proven() -> None:
    plain = Member("a", BLOCK, 4)
    stream = Stream.of(bytes(BLOCK) + b"1234" + bytes(BLOCK - 4))
    assert is_as_written(stream, plain)
    assert not is_as_written(stream, Member("a", BLOCK, 4, 1))
    assert not is_as_written(stream, Member("a", BLOCK, 5000))


def test_links_are_refused() -> None:
    info = tarfile.TarInfo("a")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(BatchError, match="its member 'a' is no file"):
        framed(Stream.of(PIECES[0] + info.tobuf(tarfile.GNU_FORMAT) + END))
