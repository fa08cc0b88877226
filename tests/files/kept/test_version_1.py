"""Files that were written once open for ever: these were written by the first version, and are not to be made anew."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

import packviz
from packviz.core.findings import Severity
from packviz.core.moments import Moment
from packviz.core.stops import AtStep, RowEnds
from packviz.files.kept.recordings import kept_call, read_recording
from packviz.files.kept.sessions import read_session

WRITTEN = Path(__file__).parent / "version_1"
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


def test_a_recording() -> None:
    found = read_recording(WRITTEN / "recording.packviz")
    assert (found.program, found.torch, found.whole, found.unseen) == (
        "train.py --lr 1",
        "2.13.0",
        True,
        {"while compiling": 3},
    )
    first, second = found.calls
    assert (first.number, first.call, first.site.shown, first.kept) == (1, "pack_padded_sequence", "train.py:30", False)
    assert (second.name, second.findings, second.reason) == (
        "2 train.py:31",
        (("length-counts-padding", Severity.SILENT),),
        "first",
    )
    assert (second.module, second.fingerprint, second.time, second.process) == ("nn.LSTM(1, 2)", "00ff", 0.25, 7)
    whole = kept_call(WRITTEN / "recording.packviz", 2)
    assert whole.batch.x.tolist() == X
    assert whole.batch.lengths.tolist() == [3, 2, 5]
    assert whole.module is not None
    assert (whole.module.name, whole.module.hidden) == ("nn.LSTM", 2)
    assert [state.shape for state in whole.hx] == [(1, 3, 2)] * 2


def test_a_session() -> None:
    found = read_session(WRITTEN / "session.packviz")
    assert (len(found), found.open) == (2, 1)
    first, second = found.documents
    assert first.batch.x.tolist() == second.batch.x.tolist() == X
    assert (first.batch.source.shown, first.batch.call.batch_first) == ("batch.pt", True)
    assert first.module.stored is not None
    assert (first.module.name, first.module.stored.prefix, first.module.hidden) == ("nn.GRU", "encoder.", 2)
    marks = first.marks
    assert [stop.kind for stop in marks.stops.stops] == ["step", "where", "row-ends"]
    assert marks.stops.off == {RowEnds()}
    assert marks.stops.first_hit(AtStep(1)) == 3
    assert [str(watch) for watch in marks.watches] == ["h[2]"]
    assert (marks.notes, marks.brought, marks.moment, marks.row, marks.stepped) == (
        "look at row 2",
        True,
        Moment(2),
        1,
        True,
    )
    assert (second.module.name, second.module.hidden, second.module.seed) == ("nn.RNN", 4, 3)
    assert second.batch.lengths.tolist() == [1, 1, 1]


def test_a_batch_that_was_handed_over() -> None:
    assert packviz.load(WRITTEN / "batch.packviz").x.tolist() == X


@pytest.mark.parametrize("name", ["recording", "session", "batch"])
def test_standard_tools_open_them(name: str) -> None:
    with tarfile.open(WRITTEN / f"{name}.packviz") as tar:
        assert tar.getnames()[0] == "packviz.json"
