"""A recording is read as it was written, and up to its last whole record where it was not brought to its end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import BatchError, make_batch
from packviz.core.findings import Severity
from packviz.core.module import Module, held_module
from packviz.core.noted import NOT_KEPT, NotedCall, Reason, Site
from packviz.files.kept import recordings
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.container import Appender, whole_file
from packviz.files.kept.recordings import (
    RecordingWriter,
    kept_call,
    read_recording,
    recorded,
    recording_at,
)
from tests.core.test_noted import calls as noted_calls
from tests.files.kept.wholes import same

LSTM = held_module("LSTM", 1, 4)


def call(number: int, reason: Reason = "") -> NotedCall:
    findings = (("padding-left", Severity.SILENT),) if reason else ()
    return NotedCall(number, "nn.LSTM", Site("train.py", 31 + number % 2), findings=findings, reason=reason)


def batch(number: int) -> bytes:
    x = np.full((2, 3, 1), float(number), dtype=np.float32)
    return batch_bytes(make_batch(x, [3, 2, 1]), LSTM, [np.zeros((1, 3, 4))], call=call(number, "first"))


def test_what_was_noted_and_kept_is_read(tmp_path: Path) -> None:
    path = tmp_path / "train.packviz"
    writer = RecordingWriter(path, program="train.py --lr 1", torch="2.13.0")
    for number in range(1, 601):
        if number in (5, 300):
            writer.keep(call(number, "first"), batch(number))
        else:
            writer.note(call(number))
    writer.keep(call(590, "last"), batch(590))
    writer.end({"while compiling": 3})
    found = read_recording(path)
    assert [one.number for one in found.calls] == list(range(1, 601))
    assert [(one.number, one.reason) for one in found.kept] == [(5, "first"), (300, "first"), (590, "last")]
    assert (found.program, found.torch, found.whole, found.unseen) == (
        "train.py --lr 1",
        "2.13.0",
        True,
        {"while compiling": 3},
    )
    whole = kept_call(path, 300)
    assert whole.batch.x[0, 0, 0] == 300.0
    assert (whole.call, same(whole.module, LSTM), whole.hx[0].shape) == (call(300, "first"), True, (1, 3, 4))
    known = recorded(path)
    assert kept_call(path, 5, known).batch.x[0, 0, 0] == 5.0
    with pytest.raises(BatchError, match=r"train\.packviz: call 6 was noted, but its batch was not kept\."):
        kept_call(path, 6, known)


def test_a_recording_that_was_written_anew_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    known = []
    for value in (5, 6):
        data = batch(5).replace(np.full(6, 5.0, dtype=np.float32).tobytes(), np.full(6, value, np.float32).tobytes())
        writer = RecordingWriter(path)
        writer.keep(call(5, "first"), data)
        writer.end()
        known.append(recorded(path))
    assert kept_call(path, 5).batch.x[0, 0, 0] == 6.0
    for rest in (path.read_bytes(), path.read_bytes()[:900], b""):
        path.write_bytes(rest)
        with pytest.raises(BatchError, match=r"call 5 is no longer where it was: the file has been written anew; open"):
            kept_call(path, 5, known[0])


@given(st.lists(noted_calls.map(lambda one: one._replace(reason="")), max_size=20, unique_by=lambda one: one.number))
def test_lines_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, some: list[NotedCall]) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.packviz"
    writer = RecordingWriter(path)
    for one in some:
        writer.note(one)
    writer.end()
    assert read_recording(path).calls == tuple(sorted(some, key=lambda one: one.number))


@given(st.integers(0, 10**6))
def test_cut_short_anywhere_it_has_all_that_was_whole(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.packviz"
    writer = RecordingWriter(path)
    sizes = [path.stat().st_size]
    for number in range(1, 7):
        if number % 3:
            writer.note(call(number))
        else:
            writer.keep(call(number, "first"), batch(number))
            sizes.append(path.stat().st_size)
    writer.flush()
    data = path.read_bytes()
    writer.end()
    at = sizes[0] + seed % (len(data) - sizes[0] + 1)
    path.write_bytes(data[:at])
    found = read_recording(path)
    assert not found.whole
    there = [3, 6][: sum(size <= at for size in sizes[1:])]
    assert {one.number for one in found.kept} >= set(there)
    for one in found.kept:
        assert kept_call(path, one.number).batch.x[0, 0, 0] == one.number


def test_lines_wait_until_there_are_enough_or_it_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "LINES", 3)
    path = tmp_path / "a.packviz"
    writer = RecordingWriter(path)
    for number in (1, 2):
        writer.note(call(number))
    assert read_recording(path).calls == ()
    writer.note(call(3))
    assert len(read_recording(path).calls) == 3
    writer.note(call(4))
    writer.flush()
    writer.flush()
    assert len(read_recording(path).calls) == 4
    writer.end()


def test_lines_that_can_not_be_written_are_held_and_not_tried_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "LINES", 4)
    monkeypatch.setattr(recordings, "MOST_HELD", 10)
    path, write, tried = tmp_path / "a.packviz", os.write, list[int]()
    writer = RecordingWriter(path)

    def full(file: int, data: bytes) -> int:
        tried.append(len(data))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    for number in range(1, 41):
        if number % 4:
            writer.note(call(number))
        else:
            with pytest.raises(OSError, match="No space"):
                writer.note(call(number))
    assert len(tried) == 10
    assert max(tried) == min(tried), "as much as is written in one go"
    assert writer.forgotten == 30
    monkeypatch.setattr(os, "write", write)
    writer.end()
    assert [one.number for one in read_recording(path).calls] == list(range(31, 41))


def test_all_reasons_but_none_are_kept(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.packviz")
    for number, reason in enumerate(get_args(Reason)):
        if reason not in NOT_KEPT:
            writer.keep(call(number, reason), batch(number))
    writer.end()
    assert len(read_recording(tmp_path / "a.packviz").kept) == len(get_args(Reason)) - len(NOT_KEPT)


def test_members_that_are_not_known_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    records = {"movies/1.mp4": b"1", "end.json": b'{"unseen": [], "more": 1}'}
    path.write_bytes(whole_file("recording", {"new": 1}, records))
    assert read_recording(path).calls == ()


def test_a_name_that_cannot_be_looked_at_is_no_recording(tmp_path: Path) -> None:
    assert recording_at(tmp_path / ("a" * 300)) is None
    with pytest.raises(BatchError, match=r"it can't be read \(File name too long\)\.$"):
        packviz.load(tmp_path / ("a" * 300))


def test_a_session_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    Appender(path, "session", {}).close()
    with pytest.raises(BatchError, match="it holds a session, but a recording is expected"):
        read_recording(path)


def test_without_weights_of_its_own_a_module_is_known_by_its_sizes(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.packviz")
    writer.keep(call(1, "raised"), batch(1))
    writer.end()
    module = kept_call(tmp_path / "a.packviz", 1).module
    assert isinstance(module, Module)
    assert (module.cell, module.hidden, module.held) == ("LSTM", 4, True)
