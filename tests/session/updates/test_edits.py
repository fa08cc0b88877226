"""What every edit does to a state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.moments import Moment
from packviz.core.rules import check
from packviz.core.samples import finding_samples
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.session.actions import (
    ApplyFix,
    Failed,
    Open,
    Progressed,
    Redo,
    SetLength,
    StepTo,
    ToggleBreakpoint,
    Undo,
)
from packviz.session.cursor import Cursor, Place
from packviz.session.requests import CheckRequest, TorchInfo
from packviz.session.results import Running
from packviz.session.runs import TraceRequest
from packviz.session.state import Look, State, showing
from packviz.session.updates.edits import edited, settled, travelled
from packviz.session.updates.update import update

BATCH = make_batch([[1, 2, 0], [3, 0, 0]], [2, 1], Call(True, False))
SMALL = make_batch([[5]], [1], Call(True, False))


def test_the_first_batch_is_no_edit_and_the_next_one_is() -> None:
    first = update(State(), Open(BATCH))
    assert first.history.past == ()
    second = edited(first, SMALL, None, "another")
    assert [(s.documents.current.batch, s.label) for s in second.history.past] == [(BATCH, "another")]


def test_an_edit_keeps_what_is_known_of_the_batch_before_but_not_how_far_it_had_come() -> None:
    state = update(showing(BATCH, torch=TorchInfo("2.x")), Failed(CheckRequest(BATCH), "no"))
    trace = TraceRequest(BATCH, state.module)
    state = update(state, Progressed(trace, 0.5))
    assert state.results.of(trace) == Running(0.5)
    after = edited(state, SMALL, None, "x")
    assert after.results.failed(CheckRequest(BATCH)) == "no"
    assert after.results.of(trace) is None


def test_an_undo_takes_back_the_edit_but_no_stop_that_was_set_since() -> None:
    state = update(update(update(showing(BATCH), SetLength(0, 1)), StepTo(0)), ToggleBreakpoint(0))
    undone = update(state, Undo())
    assert undone.batch is BATCH
    assert undone.document.stops == Stops((AtStep(0),))
    assert update(undone, Redo()).document.stops == Stops((AtStep(0),))


@pytest.mark.parametrize("hover", [Place(1, 0), None])
def test_settled_brings_cursor_and_look_inside(hover: Place | None) -> None:
    state = replace(showing(SMALL), cursor=Cursor(Moment(2), 1, hover), look=Look(shown="r", feature=3))
    after = settled(state)
    assert after.cursor == Cursor(Moment(0), 0, None)
    assert (after.look.shown, after.look.feature) == ("h", 0)


def test_settled_keeps_the_feature_of_a_batch_that_has_it() -> None:
    batch = make_batch(np.zeros((2, 3, 2, 2)), [3, 3], Call(True))
    assert settled(replace(showing(batch), look=Look(feature=3))).look.feature == 3
    assert settled(replace(showing(batch), look=Look(feature=4))).look.feature == 0


def test_travelling_nowhere_leaves_the_very_same_state() -> None:
    state = showing(BATCH)
    assert travelled(state, None) is state


def test_guessed_lengths_are_marked_as_such() -> None:
    batch = guessed(BATCH.with_lengths([3, 3]))
    assert batch.lengths.tolist() == [2, 1]
    assert batch.given.origin == "guessed"


@pytest.mark.parametrize("code", sorted(finding_samples()))
def test_the_fix_of_a_finding_mends_it_and_can_be_undone_and_redone(code: str) -> None:
    batch = finding_samples()[code].load()
    for finding in check(batch).findings:
        if finding.edit is None:
            continue
        before = showing(batch)
        after = update(before, ApplyFix(finding.edit))
        assert after.batch is not None
        assert after.history.undo_label == finding.edit.label
        assert finding.code not in {left.code for left in check(after.batch).findings}
        undone = update(after, Undo())
        assert undone.batch is batch
        assert update(undone, Redo()).batch is after.batch


def test_some_samples_have_fixes() -> None:
    fixed = {f.code for s in finding_samples().values() for f in check(s.load()).findings if f.edit is not None}
    assert len(fixed) >= 12


@pytest.mark.parametrize(
    ("lengths", "after"),
    [
        ([[3], [2]], [1, 2]),
        ([3.0, np.nan], [1.0, np.nan]),
        ([3.0, 2.7], [1.0, 2.7]),
        (np.array([3, 2], np.uint8), [1, 2]),
        (np.array([True, True]), [1, 1]),
    ],
)
def test_dragging_one_rows_end_leaves_the_other_lengths_as_they_are(lengths: object, after: list[float]) -> None:
    state = update(showing(make_batch(np.ones((2, 300)), lengths, Call(True))), SetLength(0, 1))
    assert state.batch is not None
    np.testing.assert_array_equal(state.batch.lengths, after)
    far = update(state, SetLength(0, 300))
    assert far.batch is not None
    assert far.batch.lengths[0] == 300


def test_a_matrix_of_lengths_has_no_end_to_drag() -> None:
    state = showing(make_batch(np.ones((2, 3)), np.ones((2, 3), dtype=bool), Call(True)))
    assert update(state, SetLength(0, 1)) is state
    assert state.last_step == 2
