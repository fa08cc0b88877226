"""The probe in the scene: marks by row, and always a sentence where there are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module, held_module
from packviz.session import actions as act
from packviz.session.requests import HINT, ProbeRequest, TorchRequest
from packviz.session.scene.probe import CLEAN, FINAL, OUT
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, TorchInfo
from packviz.session.updates.update import update

X = [[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


def batch_of(lengths: list[int], **how: object) -> Batch:
    return make_batch(X, lengths, Call(True, False), dtype="float64", **how)


def asked(batch: Batch, spec: Module | None = None) -> State:
    return update(update(replace(State(), torch=TorchInfo("2.x")), act.Open(batch, spec or Module())), act.Probe())


def probed(batch: Batch, spec: Module | None = None) -> State:
    request = ProbeRequest(batch, spec or Module())
    return update(asked(batch, spec), act.Computed(request, request.do(UNWATCHED)))


def test_each_run_has_a_strip_of_marks_for_each_layer() -> None:
    says = resolve(probed(batch_of([3, 2, 5])), None).probe
    packed, unpacked = says.runs
    assert (packed.title, packed.clean) == ("packed", False)
    assert packed.text == "outputs, h_n and c_n of 1 of 3 rows read padding (row 2)"
    assert [line.marks.tolist() for line in packed.lines] == [[CLEAN, CLEAN, OUT]]
    assert [line.marks.tolist() for line in unpacked.lines] == [[FINAL, FINAL, OUT]]
    assert says.head.startswith("nn.LSTM(1, 6) · padding: 6 cells of 3 rows, filled with NaN, then with ±10000")
    assert (says.text, says.running) == ("", False)


def test_a_module_of_two_layers_and_directions_has_four_strips() -> None:
    facts = held_module("GRU", 1, 3, layers=2, directions=2, dtype="float64", batch_first=True)
    batch = make_batch([[[v] for v in row] for row in X], [3, 2, 4], Call(True, False), dtype="float64")
    packed, unpacked = resolve(probed(batch, facts), None).probe.runs
    assert packed.clean
    assert [line.name for line in unpacked.lines] == ["layer 0 →", "layer 0 ←", "layer 1 →", "layer 1 ←"]
    assert [line.marks.tolist() for line in unpacked.lines] == [[FINAL] * 3, [OUT] * 3, [OUT] * 3, [OUT] * 3]


def test_a_run_that_raises_is_not_compared_and_says_what() -> None:
    packed, unpacked = resolve(probed(batch_of([3, 2, 6])), None).probe.runs
    assert packed.clean is None
    assert packed.text.startswith("nn.LSTM raises RuntimeError: start (")
    assert packed.lines == ()
    assert len(unpacked.lines) == 1


def test_the_part_is_the_same_object_while_nothing_changes_it() -> None:
    state = probed(batch_of([3, 2, 5]))
    first = resolve(state, None)
    assert resolve(update(state, act.StepBy(1)), first).probe is first.probe
    assert resolve(update(state, act.Select(2)), first).probe is first.probe


def test_it_goes_stale_with_the_batch_and_the_module() -> None:
    state = probed(batch_of([3, 2, 5]))
    for action in (act.SetLength(2, 4), act.SetModel(Module("GRU"))):
        says = resolve(update(state, action), None).probe
        assert says.runs == ()
        assert "changed" in says.text
        assert says.possible


def test_without_a_result_it_says_why() -> None:
    empty = resolve(State(), None).probe
    assert empty.text == "There is no batch to probe: open one first."
    assert not empty.possible
    state = asked(batch_of([3, 2, 4]))
    request = ProbeRequest(state.batch, state.module)  # type: ignore[arg-type]
    assert resolve(replace(state, asked=None), None).probe.text == HINT
    waiting = resolve(replace(state, torch=None), None).probe
    assert (waiting.text, waiting.running) == ("torch is being imported…", False)
    running = resolve(update(state, act.Progressed(request, 0.25)), None).probe
    assert (running.running, running.fraction) == (True, 0.25)
    failed = resolve(update(state, act.Failed(request, "too large")), None).probe
    assert (failed.text, failed.bad) == ("too large", True)
    no_torch = update(replace(state, torch=None), act.Failed(TorchRequest(), "no torch"))
    assert resolve(no_torch, None).probe.bad


@pytest.mark.parametrize("shape", [(0, 5), (3, 0)])
def test_an_empty_batch_says_why_it_is_not_probed(shape: tuple[int, int]) -> None:
    batch = make_batch(np.zeros(shape, dtype=np.float32), [], Call(True, False))
    with pytest.raises(BatchError, match="nothing to probe"):
        ProbeRequest(batch, Module()).do(UNWATCHED)
