"""A line is known to be as it was written by its own checksum, whatever became of those around it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from packviz.core.noted import NotedCall
from packviz.files.kept.lines import BEGIN, calls_in, is_proven, line_of
from tests.core.test_noted import calls as noted_calls
from tests.recorded import call_of


@given(noted_calls)
def test_a_line_is_json_that_proves_itself(call: NotedCall) -> None:
    line = line_of(call).encode()
    said = json.loads(line)
    assert len(said.pop("crc32")) == 8
    assert said == json.loads(json.dumps(call.to_dict()))
    assert is_proven(line) is True
    assert line.startswith(BEGIN)
    for written in (True, False, None):
        assert calls_in(line, written, {}) == ([call], 0)


@given(st.data())
def test_of_damaged_lines_only_those_that_are_whole_count(data: st.DataObject) -> None:
    some = [call_of(number) for number in range(1, 6)]
    lines = "\n".join(map(line_of, some)).encode()
    at, byte = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.binary(min_size=1, max_size=1))
    where = lines[:at].count(b"\n")
    bent = lines[:at] + byte + lines[at + 1 :]
    found, lost = calls_in(bent, False, {})
    if bent == lines:
        assert (found, lost) == (some, 0)
        return
    rest = [call for place, call in enumerate(some) if place != where]
    if lines[at : at + 1] == b"\n":
        rest = [call for place, call in enumerate(some) if place not in (where, where + 1)]
    assert found == rest
    assert lost >= 1


def test_lines_of_the_first_files_have_no_checksum() -> None:
    call = call_of(3)
    line = json.dumps(call.to_dict()).encode()
    assert is_proven(line) is None
    assert calls_in(line, True, {}) == ([call], 0)
    assert calls_in(line, None, {}) == ([call], 0)
    assert calls_in(line, False, {}) == ([], 1)


def test_a_line_that_is_no_call_costs_itself_alone() -> None:
    good = line_of(call_of(3)).encode()
    for bad in (b"{", b"3", b"", b"[" * 100_000, b'{"number": 1}, {"number": 2}'):
        assert calls_in(good + b"\n" + bad + b"\n" + good, True, {}) == ([call_of(3)] * 2, 1)


def test_a_line_that_its_checksum_disproves_does_not_count() -> None:
    line = line_of(call_of(3)).replace('"rows": 3', '"rows": 4').encode()
    assert is_proven(line) is False
    assert calls_in(line, None, {}) == ([], 1)
