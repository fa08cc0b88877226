"""How far the halves of a result have looked."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from packviz.torch_side.probe.extent import halves
from packviz.torch_side.probe.rows import Judge
from tests.torch_side.probe.callers import calling, parts_in
from tests.torch_side.probe.functions import ALL, HIDDEN, LENGTHS, at_last, packed_run, pooled, rnn_of
from tests.torch_side.probe.test_calls import probed
from tests.torch_side.probe.test_judging import law_batch

THE = "the result"


def of(fn: Any, lengths: Any = LENGTHS, module: Any = None) -> list[tuple[str, bool, str, list[int]]]:
    with calling(fn, law_batch(lengths=lengths)) as caller:
        found = halves(caller, parts_in(caller), Judge(caller.plain), module)
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
