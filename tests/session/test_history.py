"""Undo and redo as snapshots."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from packviz.core.model import ModelSpec
from packviz.session.history import DEPTH, History, Snapshot


def snapshot(number: int, label: str = "") -> Snapshot:
    return Snapshot(None, ModelSpec(seed=number), label)


@given(st.integers(0, 12))
def test_undos_and_redos_walk_the_same_way(edits: int) -> None:
    history = History()
    for number in range(edits):
        history = history.record(snapshot(number, f"edit {number}"))
    now = edits
    for expected in reversed(range(edits)):
        assert history.undo_label == f"edit {expected}"
        found = history.undo(snapshot(now))
        assert found is not None
        history, then = found
        now = then.spec.seed
        assert now == expected
        assert history.redo_label == f"edit {expected}"
    assert history.undo(snapshot(now)) is None
    assert history.undo_label is None
    for expected in range(1, edits + 1):
        found = history.redo(snapshot(now))
        assert found is not None
        history, then = found
        now = then.spec.seed
        assert now == expected
        assert history.undo_label == f"edit {expected - 1}"
    assert history.redo(snapshot(now)) is None
    assert history.redo_label is None


def test_one_gesture_keeps_only_what_was_before_it() -> None:
    history = History().record(snapshot(0), 5).record(snapshot(1), 5).record(snapshot(2), 5)
    assert [s.spec.seed for s in history.past] == [0]
    assert [s.spec.seed for s in history.record(snapshot(3), 6).past] == [0, 3]
    assert [s.spec.seed for s in history.record(snapshot(3)).record(snapshot(4), 5).past] == [0, 3, 4]


def test_recording_forgets_what_was_undone() -> None:
    found = History().record(snapshot(0)).undo(snapshot(1))
    assert found is not None
    assert found[0].future
    assert not found[0].record(snapshot(2)).future


def test_the_oldest_edits_are_forgotten_first() -> None:
    history = History()
    for number in range(DEPTH + 5):
        history = history.record(snapshot(number))
    assert len(history.past) == DEPTH
    assert history.past[0].spec.seed == 5
