"""How far the halves of a result have looked."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from packviz.torch_side.probe.extent import halves
from packviz.torch_side.probe.rows import Judge
from tests.torch_side.probe.callers import calling, parts_in
from tests.torch_side.probe.functions import ALL, LENGTHS, at_last, packed_run, pooled, rnn_of
from tests.torch_side.probe.test_calls import probed
from tests.torch_side.probe.test_judging import law_batch


def of(fn: Any, lengths: Any = LENGTHS) -> list[tuple[int, bool, str, list[int]]]:
    with calling(fn, law_batch(lengths=lengths)) as caller:
        return [(*half[:3], half.rows.tolist()) for half in halves(caller, parts_in(caller), Judge(caller.plain))]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_backward_half_at_the_last_step_has_read_that_alone(kind: Any) -> None:
    rnn = rnn_of(kind, both=True)
    assert of(lambda x, n: at_last(packed_run(rnn, x, n)[0], n)) == [(0, True, "last", ALL)]
    assert of(lambda x, n: packed_run(rnn, x, n)[0][:, 0]) == [(0, False, "first", ALL)]


def test_rows_of_one_or_two_steps_tell_nothing() -> None:
    rnn = rnn_of(both=True)
    assert of(lambda x, n: at_last(packed_run(rnn, x, n)[0], n), [2, 7, 1, 4]) == [(0, True, "last", [1, 3])]
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
