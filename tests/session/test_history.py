"""Undo and redo as snapshots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, make_batch
from packviz.core.budget import MEMORY
from packviz.core.module import Module
from packviz.session import history as history_module
from packviz.session.document import Document, Documents
from packviz.session.history import DEPTH, History, Snapshot

BATCH = make_batch([[1]], [1])


def holding(batch: Batch, label: str) -> Snapshot:
    return Snapshot(Documents((Document(batch, Module(), number=1),)), label)


def snapshot(number: int, label: str = "") -> Snapshot:
    return Snapshot(documents(number), label)


def documents(number: int) -> Documents:
    return Documents((Document(BATCH, Module(seed=number), number=1),))


def seed(then: Documents) -> int:
    assert then.current is not None
    return then.current.module.seed


@given(st.integers(0, 12))
def test_undos_and_redos_walk_the_same_way(edits: int) -> None:
    history = History()
    for number in range(edits):
        history = history.record(snapshot(number, f"edit {number}"))
    now = edits
    for expected in reversed(range(edits)):
        assert history.undo_label == f"edit {expected}"
        found = history.undo(documents(now))
        assert found is not None
        history, then = found
        now = seed(then)
        assert now == expected
        assert history.redo_label == f"edit {expected}"
    assert history.undo(documents(now)) is None
    assert history.undo_label is None
    for expected in range(1, edits + 1):
        found = history.redo(documents(now))
        assert found is not None
        history, then = found
        now = seed(then)
        assert now == expected
        assert history.undo_label == f"edit {expected - 1}"
    assert history.redo(documents(now)) is None
    assert history.redo_label is None


def test_one_gesture_keeps_only_what_was_before_it() -> None:
    history = History().record(snapshot(0), 5).record(snapshot(1), 5).record(snapshot(2), 5)
    assert [seed(s.documents) for s in history.past] == [0]
    assert [seed(s.documents) for s in history.record(snapshot(3), 6).past] == [0, 3]
    assert [seed(s.documents) for s in history.record(snapshot(3)).record(snapshot(4), 5).past] == [0, 3, 4]


def test_what_came_meanwhile_came_before_and_after_each_edit_and_a_gesture_goes_on() -> None:
    history = History().record(snapshot(0, "a")).record(snapshot(1, "b"))
    found = history.undo(documents(2))
    assert found is not None
    more = Document(BATCH, Module(), number=7)
    changed = found[0].mapped(lambda then: then.with_more((more,)))
    for one in (*changed.past, *changed.future):
        assert [document.number for document in one.documents.all] == [1, 7]
    assert [one.label for one in (*changed.past, *changed.future)] == ["a", "b"]
    assert [seed(one.documents) for one in (*changed.past, *changed.future)] == [0, 2]
    dragged = History().record(snapshot(0), 5).mapped(lambda then: then)
    assert [seed(s.documents) for s in dragged.record(snapshot(1), 5).past] == [0]


def test_recording_forgets_what_was_undone() -> None:
    found = History().record(snapshot(0)).undo(documents(1))
    assert found is not None
    assert found[0].future
    assert not found[0].record(snapshot(2)).future


def test_the_oldest_edits_are_forgotten_first() -> None:
    history = History()
    for number in range(DEPTH + 5):
        history = history.record(snapshot(number))
    assert len(history.past) == DEPTH
    assert seed(history.past[0].documents) == 5


def test_opened_batches_are_kept_only_while_they_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "MOST_BYTES", 3 * 800)
    history = History()
    for i in range(6):
        batch = make_batch(np.full((10, 10), float(i)), [10] * 10)
        history = history.record(holding(batch, f"open {i}"))
        for j in range(4):  # edits share the x of their batch
            history = history.record(holding(batch.with_lengths([j + 1] * 10), f"edit {i} {j}"))
    assert history.past[-1].label == "edit 5 3"
    assert {float(s.documents.all[0].batch.x[0, 0]) for s in history.past} == {3.0, 4.0, 5.0}
    assert len(history.past) == 15


def test_a_batch_too_large_for_the_bound_can_still_be_gone_back_to() -> None:
    with MEMORY.within(1 << 40):
        huge = make_batch(np.broadcast_to(np.float32(0), (40_000, 10_000)), [1] * 40_000)
    assert len(History().record(holding(huge, "open")).past) == 1


@given(st.lists(st.sampled_from(["edit", "drag", "undo", "redo"]), max_size=40))
def test_whatever_is_done_in_whatever_order_two_stacks_say_where_one_is(steps: list[str]) -> None:
    history, now, fresh = History(), 0, 0
    past: list[int] = []
    future: list[int] = []
    dragging = False
    for step in steps:
        if step in ("edit", "drag"):
            history = history.record(snapshot(now, f"from {now}"), 7 if step == "drag" else None)
            if not (step == "drag" and dragging):
                past.append(now)
            dragging = step == "drag"
            fresh += 1
            now, future = fresh, []
        else:
            found = history.undo(documents(now)) if step == "undo" else history.redo(documents(now))
            there, back = (past, future) if step == "undo" else (future, past)
            assert (found is None) == (not there)
            if found is None:
                continue
            history, then = found
            back.append(now)
            now, dragging = there.pop(), False
            assert seed(then) == now
        assert [seed(s.documents) for s in history.past] == past
        assert [seed(s.documents) for s in history.future] == future


def test_what_was_before_is_past_and_what_was_undone_is_future() -> None:
    once = History().record(snapshot(0, "an edit"))
    assert (len(once.past), len(once.future), once.undo_label, once.redo_label) == (1, 0, "an edit", None)
    undone, _ = once.undo(documents(1)) or (once, None)
    assert (len(undone.past), len(undone.future), undone.undo_label, undone.redo_label) == (0, 1, None, "an edit")
