"""Asking for a probe: it is done once for a batch and module, dropped with another, and can be stopped."""

from __future__ import annotations

from dataclasses import replace

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.requests import ProbeRequest, TorchInfo
from packviz.session.results import Running
from packviz.session.state import State
from packviz.session.updates.update import update
from packviz.session.work import wanted
from tests.session.fakes import result_for

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
REQUEST = ProbeRequest(BATCH, Module())
REPORT = result_for(REQUEST)


def opened() -> State:
    return update(replace(State(), torch=TorchInfo("2.x")), act.Open(BATCH, Module()))


def asked() -> State:
    return update(opened(), act.Probe())


def test_nothing_is_probed_until_somebody_asks() -> None:
    assert "probe" not in wanted(opened())
    assert wanted(asked())["probe"] == REQUEST


def test_before_torch_is_there_a_probe_waits() -> None:
    state = update(update(State(), act.Open(BATCH, Module())), act.Probe())
    assert "probe" not in wanted(state)
    assert wanted(replace(state, torch=TorchInfo("2.x")))["probe"] == REQUEST


def test_asking_again_while_it_runs_or_is_there_changes_nothing() -> None:
    state = asked()
    assert update(state, act.Probe()) is state
    done = update(state, act.Computed(REQUEST, REPORT))
    assert done.results.done(REQUEST) is REPORT
    assert "probe" not in wanted(done)
    assert update(done, act.Probe()) is done


def test_its_progress_is_kept() -> None:
    state = update(asked(), act.Progressed(REQUEST, 0.5))
    assert state.results.of(REQUEST) == Running(0.5)
    assert update(state, act.Computed(REQUEST, REPORT)).results.done(REQUEST) is REPORT


def test_another_batch_or_module_is_not_probed_unasked_and_an_undo_brings_the_result_back() -> None:
    done = update(asked(), act.Computed(REQUEST, REPORT))
    for action in (act.SetLength(0, 1), act.SetModel(Module("GRU")), act.Open(BATCH.with_lengths([1, 1, 1]))):
        other = update(done, action)
        assert "probe" not in wanted(other)
        again = update(other, act.Probe())
        assert wanted(again)["probe"] == ProbeRequest(other.batch, other.module)  # type: ignore[arg-type]
        back = update(other, act.Undo())
        assert back.results.done(REQUEST) is REPORT
        assert "probe" not in wanted(back)


def test_a_probe_that_failed_is_tried_again_when_asked_for() -> None:
    failed = update(asked(), act.Failed(REQUEST, "too large"))
    assert "probe" not in wanted(failed)
    again = update(failed, act.Probe())
    assert again.results.of(REQUEST) is None
    assert wanted(again)["probe"] == REQUEST


def test_a_probe_can_be_stopped_and_put_away() -> None:
    assert "probe" not in wanted(update(asked(), act.CancelProbe()))
    done = update(update(asked(), act.Computed(REQUEST, REPORT)), act.CancelProbe())
    assert done.asked is None
    assert done.results.of(REQUEST) is None
