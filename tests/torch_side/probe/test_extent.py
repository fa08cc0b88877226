"""How far the halves of a result have looked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from packviz.core.steps_read import Reached
from packviz.torch_side.probe.extent import extents
from packviz.torch_side.probe.rows import Judge
from tests.torch_side.probe.callers import calling, parts_in
from tests.torch_side.probe.functions import ALL, HIDDEN, LENGTHS, at_last, packed_run, pooled, rnn_of
from tests.torch_side.probe.test_calls import probed
from tests.torch_side.probe.test_judging import law_batch

THE = "the result"


def of(fn: Any, lengths: Any = LENGTHS, module: Any = None) -> list[tuple[str, bool, str, list[int]]]:
    with calling(fn, law_batch(lengths=lengths)) as caller:
        found = extents(caller, parts_in(caller), Judge(caller.plain), module).halves
        return [(*half[:3], half.rows.tolist()) for half in found]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_backward_half_at_the_last_step_has_read_that_alone(kind: Any) -> None:
    rnn = rnn_of(kind, both=True)
    assert of(lambda x, n: at_last(packed_run(rnn, x, n)[0], n)) == [(THE, True, "last", ALL)]
    assert of(lambda x, n: packed_run(rnn, x, n)[0][:, 0]) == [(THE, False, "first", ALL)]


def test_rows_of_one_or_two_steps_tell_nothing() -> None:
    rnn = rnn_of(both=True)
    assert of(lambda x, n: at_last(packed_run(rnn, x, n)[0], n), [2, 7, 1, 4]) == [(THE, True, "last", [1, 3])]
    assert of(lambda x, n: at_last(packed_run(rnn, x, n)[0], n), [2, 1, 1]) == []


def test_halves_that_have_read_all_or_both_the_same_are_right() -> None:
    rnn, dead = rnn_of(both=True), torch.zeros(1)
    assert of(lambda x, n: torch.cat([*packed_run(rnn, x, n)[1][0]], 1)) == []
    assert of(lambda x, n: at_last(x, n)) == []  # all of it has read the last step alone
    assert of(lambda x, n: torch.cat([pooled(x, n), pooled(x, n) * dead], 1)) == []  # a half that reads nothing
    assert of(lambda x, n: packed_run(rnn, x, n)[0]) == []  # steps


def test_a_half_by_choice_is_a_note_where_no_module_has_two_directions() -> None:
    linear = nn.Linear(4, 4)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        return torch.cat([linear(pooled(x, n)), at_last(x, n)], 1)

    report = probed(fn, law_batch())
    assert [(f.code, f.severity) for f in report.findings] == [("reads-part", "note")]
    assert report.ok


def reached(fn: Any, lengths: Any = LENGTHS, spare: int = 0) -> list[Reached]:
    with calling(fn, law_batch(lengths=lengths)) as caller:
        return extents(caller, parts_in(caller), Judge(caller.plain), spare=spare).reached


def test_the_steps_that_a_state_has_read_are_known_by_halves() -> None:
    rnn, lengths = rnn_of(both=True), np.array(LENGTHS)
    [whole] = reached(lambda x, n: torch.cat([*packed_run(rnn, x, n)[1][0]], 1))
    assert (whole.of, whole.groups) == (THE, ("first half", "second half"))
    assert whole.whole.all()
    assert whole.exact.all()
    [gathered] = reached(lambda x, n: at_last(packed_run(rnn, x, n)[0], n))
    assert gathered.exact.all()
    assert gathered.whole[:, 0].all()
    assert (gathered.first[:, 1] == lengths - 1).all()
    [dropped] = reached(lambda x, n: packed_run(rnn, x, n)[0][:, -1])
    assert dropped.nothing[lengths < lengths.max()].all()
    assert not dropped.nothing[lengths == lengths.max()].any()
    assert reached(lambda x, n: packed_run(rnn, x, n)[0]) == []  # steps


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_any_stretch_of_a_row_is_found_as_far_as_passes_are_left(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.integers(1, 7), min_size=2, max_size=5))
    begins = [data.draw(st.integers(0, length - 1)) for length in lengths]
    ends = [data.draw(st.integers(begin, length - 1)) for begin, length in zip(begins, lengths, strict=True)]
    step = torch.arange(7)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        rows = range(min(len(n), len(begins)))
        chosen = [(step >= begins[row]) & (step <= ends[row]) for row in rows]
        chosen += [step < 1] * (len(n) - len(chosen))
        mask = torch.stack(chosen)[:, : x.shape[1]]
        return (x * mask[..., None]).sum(1)[:, :3]

    [found] = reached(fn, lengths)
    assert found.groups == ("all features",)
    for row, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        assert found.earliest[row, 0] <= begin <= found.first[row, 0]
        assert found.last[row, 0] <= end <= found.latest[row, 0]
    assert found.exact.all()


def test_without_passes_left_it_stays_open_where_the_reading_begins_and_ends() -> None:
    def middle(x: Tensor, n: Tensor) -> Tensor:
        return x[:, 2] if x.shape[1] > 2 else x[:, 0]

    [found] = reached(middle, [7, 7, 7], spare=14)
    assert not found.exact.any()
    assert (found.earliest <= 2).all()
    assert (found.latest >= 2).all()


def test_of_right_ones_the_steps_are_known_after_two_passes() -> None:
    rnn = rnn_of()
    with calling(lambda x, n: packed_run(rnn, x, n)[1][0][0], law_batch()) as caller:
        parts = parts_in(caller)
        before = caller.spent
        [found] = extents(caller, parts, Judge(caller.plain)).reached
        assert found.whole.all()
        assert found.exact.all()
        assert caller.spent - before == 2 * len(LENGTHS)


class Classifies(nn.Module):
    """Both directions at the last step, or both final states, into a layer on top."""

    def __init__(self, final: bool) -> None:
        super().__init__()
        self.rnn, self.final = rnn_of(both=True), final
        self.head = nn.Sequential(nn.Linear(2 * HIDDEN, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        out, (h, _) = packed_run(self.rnn, x, n)
        return self.head(torch.cat([*h], 1) if self.final else at_last(out, n))


def test_a_layer_on_top_that_mixes_the_halves_hides_nothing() -> None:
    wrong, right = Classifies(False), Classifies(True)
    told = "what `head` (Sequential) is given"
    assert of(wrong, module=wrong) in (
        [(told, True, "last", ALL)],
        [(told.replace("head", "head.0"), True, "last", ALL)],
    )
    assert of(right, module=right) == []
    report = probed(wrong, law_batch())
    assert [(f.code, f.rows) for f in report.findings] == [("reads-part", tuple(ALL))]
    assert "of the features of what `head" in report.findings[0].detail
    assert probed(right, law_batch()).findings == ()
    assert probed(lambda x, n: wrong(x, n), law_batch()).findings[0].code == "reads-part"
