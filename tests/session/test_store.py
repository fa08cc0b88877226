"""Session: actions in, scenes out, one after another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.loads import LoadRequest
from packviz.session.scene.parts import Scene
from packviz.session.selectors import report_of, trace_of, verdict_of
from packviz.session.state import State
from packviz.session.store import Session
from packviz.session.updates.update import update
from packviz.session.work import wanted

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))


@pytest.fixture
def session(qapp: Any) -> Iterator[Session]:
    session = Session(update(State(), act.Open(BATCH)))
    yield session
    session.close()


def steps(session: Session) -> list[int]:
    """The step of every scene from here on."""
    seen: list[int] = []
    session.changed.connect(lambda scene: seen.append(scene.pointer.step))
    return seen


def test_an_action_brings_one_scene_and_one_without_meaning_none(session: Session) -> None:
    seen = steps(session)
    session.apply(act.StepTo(2))
    session.apply(act.StepTo(2))
    session.apply(act.Undo())
    assert seen == [2]
    assert session.scene.pointer.step == session.state.cursor.step == 2


def test_actions_from_inside_a_listener_wait_so_that_every_listener_sees_the_scenes_in_order(session: Session) -> None:
    first: list[int] = []
    second: list[int] = []

    def push(scene: Scene) -> None:
        first.append(scene.pointer.step)
        if scene.pointer.step < 3:
            session.apply(act.StepBy(1))
            session.apply(act.Hover(None))

    session.changed.connect(push)
    session.changed.connect(lambda scene: second.append(scene.pointer.step))
    session.apply(act.StepTo(1))
    assert first == second == [1, 2, 3]


def test_after_an_action_that_is_none_the_next_ones_are_applied(session: Session) -> None:
    seen = steps(session)
    with pytest.raises(TypeError):
        session.apply("step")  # type: ignore[arg-type]
    session.apply(act.StepTo(1))
    assert seen == [1]


def test_parts_that_did_not_change_are_the_same_from_scene_to_scene(session: Session) -> None:
    before = session.scene
    session.apply(act.StepTo(1))
    assert session.scene is not before
    assert session.scene.padded is before.padded


def test_no_work_is_begun_before_the_window_is_painted(session: Session) -> None:
    session.apply(act.SetLength(0, 2))
    assert not session.jobs.busy
    session.work()
    assert session.jobs.busy


def test_all_that_is_wanted_is_done_and_shown(session: Session, qtbot: Any) -> None:
    session.work()
    qtbot.waitUntil(lambda: wanted(session.state) == {} and not session.jobs.busy, timeout=30_000)
    scene = session.scene
    assert scene.findings.cards
    assert scene.torch.verdict is not None
    assert scene.row.grid is not None
    assert not scene.row.stale


def test_an_edit_while_work_is_under_way_ends_with_the_results_of_the_newest_batch(
    session: Session, qtbot: Any
) -> None:
    session.work()
    for length in (1, 2, 4, 5, 4):
        session.apply(act.SetLength(0, length, gesture=1))
    qtbot.waitUntil(lambda: wanted(session.state) == {} and not session.jobs.busy, timeout=30_000)
    state = session.state
    assert state.batch is not None
    assert state.batch.lengths.tolist() == [4, 2, 4]
    for answer in (report_of(state), verdict_of(state), trace_of(state)):
        assert answer is not None
        assert answer.result is not None
        assert answer.request.about is state.batch


def test_a_load_opens_its_batch_and_a_bad_one_leaves_it_and_says_why(session: Session, qtbot: Any) -> None:
    session.work()
    session.apply(act.Load(LoadRequest(1, text="[[1, 2], [3, 0]]")))
    assert session.scene.banner.loading
    qtbot.waitUntil(lambda: session.state.loading is None)
    opened = session.state.batch
    assert opened is not None
    assert opened is not BATCH
    session.apply(act.Load(LoadRequest(2, paths=("/nowhere/at/all.npz",))))
    qtbot.waitUntil(lambda: session.state.loading is None)
    assert session.state.batch is opened
    assert session.scene.banner.bad
    assert "all.npz" in session.scene.banner.text


def test_playing_stops_at_breakpoints_and_at_the_end(session: Session, qtbot: Any) -> None:
    seen = steps(session)
    session.apply(act.ToggleBreakpoint(2))
    session.apply(act.SetSpeed(60.0))
    seen.clear()
    session.apply(act.TogglePlay())
    qtbot.waitUntil(lambda: not session.state.play.on)
    assert seen == [0, 1, 2]
    assert not session._clock.isActive()
    session.apply(act.TogglePlay())
    qtbot.waitUntil(lambda: not session.state.play.on)
    assert seen == [0, 1, 2, 2, 3]
    assert not session._clock.isActive()


def test_the_clock_beats_at_the_chosen_speed_and_not_anew_with_every_action(session: Session) -> None:
    session.apply(act.TogglePlay())
    assert session._clock.interval() == 500
    left = session._clock.timerId()
    session.apply(act.Hover(None))
    session.apply(act.Select(1))
    assert session._clock.timerId() == left
    session.apply(act.SetSpeed(10.0))
    assert session._clock.interval() == 100
    session.apply(act.TogglePlay())
    assert not session._clock.isActive()


def test_closing_stops_playing_and_all_work(session: Session, qtbot: Any) -> None:
    session.work()
    session.apply(act.TogglePlay())
    session.close()
    assert not session.jobs.busy
    assert not session._clock.isActive()
    state = session.state
    qtbot.wait(0)
    assert session.state is state
    session.apply(act.SetLength(0, 1))
    assert not session.jobs.busy


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_that_never_ends_keeps_nobody(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    """It is let go of: another file opens meanwhile, and the session closes."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "b.json").write_text('{"x": [[7, 8]], "lengths": [2], "batch_first": true}')
    session.work()
    session.apply(act.Load(LoadRequest(901, paths=(str(tmp_path / "pipe"),))))
    assert session.state.loading is not None
    session.apply(act.CancelLoad())
    assert session.state.loading is None
    session.apply(act.Load(LoadRequest(902, paths=(str(tmp_path / "b.json"),))))
    qtbot.waitUntil(lambda: session.state.loading is None)
    assert session.state.batch is not None
    assert session.state.batch.x.tolist() == [[7, 8]]
    session.apply(act.Load(LoadRequest(903, paths=(str(tmp_path / "pipe"),))))
    session.close()
    assert not session.jobs.busy


def test_a_large_run_is_given_up_as_soon_as_nobody_wants_it(session: Session, qtbot: QtBot) -> None:
    """Of this one torch would take minutes, and tens of GiB, in one piece."""
    large = make_batch(np.ones((400, 1500), np.float32), [1500] * 400, Call(True))
    session.work()
    qtbot.waitUntil(lambda: session.state.torch is not None, timeout=60_000)
    session.apply(act.Open(large))
    session.apply(act.SetModel(Module(hidden=2048)))
    answer = verdict_of(session.state)
    assert answer is not None
    qtbot.waitUntil(lambda: bool(verdict_of(session.state).fraction), timeout=60_000)  # type: ignore[union-attr]
    session.apply(act.Undo())
    session.apply(act.Undo())
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=60_000)
    assert session.state.batch is BATCH
