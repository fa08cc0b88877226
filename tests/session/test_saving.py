"""Work is the same where its batches, modules, stops, watches and notes are; where somebody looks does not count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from packviz.core.batch import BatchError, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.saved import SavedSession
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.session.document import Document, Documents
from packviz.session.saving import SaveRequest, modified
from tests.recorded import record

A = Document(make_batch(np.ones((2, 3)), [2, 2]), Module(), number=1)
B = Document(make_batch(np.ones((2, 3)), [2, 2]), Module(), number=2)


@pytest.mark.parametrize(
    "change",
    [
        {"batch": A.batch.with_lengths([1, 1])},
        {"module": Module("GRU")},
        {"stops": Stops((AtStep(1),))},
        {"watches": (parse("h"),)},
        {"notes": "look at row 2"},
    ],
)
def test_each_part_of_a_document_counts(change: dict[str, object]) -> None:
    edited = replace(A, **change)  # type: ignore[arg-type]
    assert modified(Documents((edited, B)), (A, B), "")
    assert not modified(Documents((replace(A), B)), (A, B), "")


def test_what_was_never_in_a_file_is_modified() -> None:
    assert modified(Documents((A, B)), (A,), "")


def test_the_list_counts_once_it_is_in_a_session_file() -> None:
    assert not modified(Documents((B,)), (A, B), "")
    assert modified(Documents((B,)), (A, B), "a.packviz")
    assert modified(Documents((B, A)), (A, B), "a.packviz")
    assert not modified(Documents((A, B), 1), (A, B), "a.packviz")


def test_watches_that_mean_the_same_but_are_written_otherwise_differ() -> None:
    one, other = (replace(A, watches=(parse(said),)) for said in ("h[0,1]", "h[0, 1]"))
    assert modified(Documents((other,)), (one,), "")


def test_a_recording_is_not_lost_to_a_session_of_its_name(tmp_path: Path) -> None:
    path = record(tmp_path / "run.packviz", 3, kept=(1,))
    before = path.read_bytes()
    request = SaveRequest(1, str(path), SavedSession(()), Documents())
    with pytest.raises(BatchError, match=r"run.packviz is a recording, which would be lost: choose another name"):
        request.do(UNWATCHED)
    assert path.read_bytes() == before
