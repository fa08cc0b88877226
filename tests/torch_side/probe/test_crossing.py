"""Which rows of a result move with which rows of x."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from packviz.torch_side.probe.crossing import Crossed, changed, crossed
from packviz.torch_side.probe.rows import Judge
from tests.torch_side.probe.callers import calling, parts_in
from tests.torch_side.probe.functions import LENGTHS, pooled
from tests.torch_side.probe.test_calls import batch_of
from tests.torch_side.probe.test_judging import law_batch


def of(fn: Any, lengths: Any = LENGTHS) -> Crossed:
    with calling(fn, law_batch(lengths=lengths)) as caller:
        return crossed(caller, parts_in(caller), Judge(caller.plain))


def with_the_row_before(x: Tensor, n: Tensor) -> Tensor:
    state = pooled(x, n)
    return state + torch.cat([torch.zeros(1, state.shape[1]), state[:-1]])


def test_of_few_rows_each_that_is_read_is_known() -> None:
    right, wrong = of(pooled), of(with_the_row_before)
    assert right.reads is not None
    assert right.reads[0].tolist() == np.eye(4, dtype=bool).tolist()
    assert not right.moved[0].any()
    assert wrong.reads is not None
    assert wrong.reads[0].tolist() == (np.eye(4) + np.eye(4, k=-1)).astype(bool).tolist()
    assert wrong.moved[0].tolist() == [False, True, True, True]


def test_of_many_rows_those_that_read_another_half_are_known_and_it_is_said_how() -> None:
    lengths = [7, *([1, 2, 3, 4, 5, 6] * 5)]
    right, wrong = of(pooled, lengths), of(with_the_row_before, lengths)
    assert right.reads is None
    assert not right.moved[0].any()
    assert "half of the rows changed at once, 2 times" in right.said[0]
    assert wrong.moved[0].tolist() == [False, *[True] * 30]
    assert "4 times" in wrong.said[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.bool_, np.complex64])
def test_data_are_changed_in_all_chosen_cells_and_nowhere_else(dtype: Any) -> None:
    x = np.random.default_rng(0).integers(0, 2 if dtype is np.bool_ else 9, (3, 5, 2)).astype(dtype)
    for batch_first in (True, False):
        with calling(lambda x, n: x, batch_of(x, (5, 5, 5), batch_first)) as caller:
            cells = np.zeros((3, 5), dtype=bool)
            cells[1, 2:4] = True
            new = changed(caller, cells)
            assert new is not None
            moved = (new != caller.plain).any(dim=2)
            assert (moved if batch_first else moved.T).tolist() == cells.tolist()
            assert new.dtype == caller.plain.dtype


def test_ids_are_changed_into_others_that_occur_and_one_id_alone_can_not_be() -> None:
    x = np.array([[3, 5, 9, 0], [5, 3, 0, 0]])
    with calling(lambda x, n: x, batch_of(x, (3, 2))) as caller:
        new = changed(caller, ~caller.padding.cells)
        assert new is not None
        assert set(new.flatten().tolist()) == {0, 3, 5, 9}
    with calling(lambda x, n: x, batch_of(np.full((2, 3), 4), (3, 3))) as caller:
        assert changed(caller, ~caller.padding.cells) is None
        found = crossed(caller, parts_in(caller), Judge(caller.plain))
        assert "one number only" in found.said[0]
