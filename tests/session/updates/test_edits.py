"""What every edit does to a state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.module import Module, held_module
from packviz.core.rules import check
from packviz.core.samples import finding_samples
from packviz.session.actions import ApplyFix, Redo, SetLength, Undo
from packviz.session.requests import CheckRequest, TorchRequest
from packviz.session.state import Cursor, Look, Place, Results, State
from packviz.session.updates.edits import edited, fitting, settled, travelled
from packviz.session.updates.update import update

BATCH = make_batch([[1, 2, 0], [3, 0, 0]], [2, 1], Call(True, False))
SMALL = make_batch([[5]], [1], Call(True, False))


def test_the_first_batch_is_no_edit_and_the_next_one_is() -> None:
    first = edited(State(), BATCH, Module(), "open")
    assert first.history.past == ()
    second = edited(first, SMALL, Module(), "open small")
    assert [(s.batch, s.label) for s in second.history.past] == [(BATCH, "open small")]


def test_an_edit_drops_what_failed_for_the_batch_before() -> None:
    failed = {CheckRequest(BATCH): "no", TorchRequest(): "no torch"}
    state = replace(State(BATCH), results=Results(failed=failed), tracing=0.5)
    after = edited(state, SMALL, Module(), "x")
    assert after.results.failed == {TorchRequest(): "no torch"}
    assert after.tracing == 0


@pytest.mark.parametrize("hover", [Place(1, 0), None])
def test_settled_brings_cursor_and_look_inside(hover: Place | None) -> None:
    state = replace(State(SMALL), cursor=Cursor(2, 1, hover), look=Look(shown="r", feature=3))
    after = settled(state)
    assert after.cursor == Cursor(0, 0, None)
    assert (after.look.shown, after.look.feature) == ("h", 0)


def test_settled_keeps_the_feature_of_a_batch_that_has_it() -> None:
    batch = make_batch(np.zeros((2, 3, 2, 2)), [3, 3], Call(True))
    assert settled(replace(State(batch), look=Look(feature=3))).look.feature == 3
    assert settled(replace(State(batch), look=Look(feature=4))).look.feature == 0


def test_travelling_nowhere_leaves_the_very_same_state() -> None:
    state = State(BATCH)
    assert travelled(state, None) is state


def test_guessed_lengths_are_marked_as_such() -> None:
    batch = guessed(BATCH.with_lengths([3, 3]))
    assert batch.lengths.tolist() == [2, 1]
    assert batch.given.origin == "guessed"


def test_a_module_without_weights_fits_every_batch() -> None:
    spec = Module("GRU", 3)
    assert fitting(spec, BATCH) is spec


@pytest.mark.parametrize("code", sorted(finding_samples()))
def test_the_fix_of_a_finding_mends_it_and_can_be_undone_and_redone(code: str) -> None:
    batch = finding_samples()[code].load()
    for finding in check(batch).findings:
        if finding.edit is None:
            continue
        before = State(batch=batch)
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
    state = update(State(batch=make_batch(np.ones((2, 300)), lengths, Call(True))), SetLength(0, 1))
    assert state.batch is not None
    np.testing.assert_array_equal(state.batch.lengths, after)
    far = update(state, SetLength(0, 300))
    assert far.batch is not None
    assert far.batch.lengths[0] == 300


def test_a_matrix_of_lengths_has_no_end_to_drag() -> None:
    state = State(batch=make_batch(np.ones((2, 3)), np.ones((2, 3), dtype=bool), Call(True)))
    assert update(state, SetLength(0, 1)) is state
    assert state.last_step == 2


def test_a_module_that_a_batch_brought_along_stays_with_it() -> None:
    own = held_module("GRU", 3, 5)
    assert fitting(own, BATCH) == Module()
    ours = Module("GRU", 5)
    assert fitting(ours, BATCH) is ours
