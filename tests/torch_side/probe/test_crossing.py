"""Which rows of a result move with which rows of x."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from packviz.core.rows_read import NO, UNTOLD, YES, Crossing
from packviz.torch_side.probe.crossing import Crossed, changed, crossed, crossings
from packviz.torch_side.probe.rows import Judge
from tests.torch_side.probe.callers import calling, parts_in
from tests.torch_side.probe.functions import LENGTHS, pooled
from tests.torch_side.probe.test_calls import batch_of
from tests.torch_side.probe.test_judging import law_batch


def of(fn: Any, lengths: Any = LENGTHS, wrong: bool = False) -> tuple[Crossed, list[Crossing]]:
    with calling(fn, law_batch(lengths=lengths)) as caller:
        parts = parts_in(caller)
        found = crossed(caller, parts, Judge(caller.plain), wrong)
        return found, crossings(found, parts, [], caller.batch.rows)[0]


def with_the_row_before(x: Tensor, n: Tensor) -> Tensor:
    state = pooled(x, n)
    return state + torch.cat([torch.zeros(1, state.shape[1]), state[:-1]])


def test_of_few_rows_each_that_is_read_is_known() -> None:
    _, [right] = of(pooled)
    assert right.identity
    assert right.how == "The data of each row of x were changed by themselves."
    found, [wrong] = of(with_the_row_before)
    assert (wrong.cells == YES).tolist() == (np.eye(4) + np.eye(4, k=-1)).astype(bool).tolist()
    assert not wrong.untold
    assert found.moved[0].tolist() == wrong.foreign.tolist() == [False, True, True, True]


def test_of_many_rows_those_that_read_another_one_are_known_and_it_is_said_how() -> None:
    lengths = [7, *([1, 2, 3, 4, 5, 6] * 5)]
    found, [right] = of(pooled, lengths)
    assert not found.moved[0].any()
    assert not right.foreign.any()
    assert right.untold  # rows that were changed together
    assert "in 4 runs, each with half of the rows of x changed at once." in right.how
    assert f"{right.untold} of 961 pairs of rows were not told apart" in right.how
    found, [wrong] = of(with_the_row_before, lengths)
    assert found.moved[0].tolist() == wrong.foreign.tolist() == [False, *[True] * 30]
    assert "in 8 runs" in wrong.how
    truth = (np.eye(31) + np.eye(31, k=-1)).astype(bool)
    assert truth[wrong.cells == YES].all()
    assert not truth[wrong.cells == NO].any()


def test_passes_that_right_ones_would_need_are_taken_where_rows_are_known_to_be_wrong() -> None:
    lengths = [7, *([1, 2, 3, 4, 5, 6] * 5)]
    few, more = (of(pooled, lengths, wrong)[0].runs[0] for wrong in (False, True))
    assert (len(few), len(more)) == (4, 8)


def chosen(order: Any) -> Any:
    """The state of another row in the place of each: that of row order[r] in the place of row r."""
    return lambda x, n: pooled(x, n)[list(order) if len(n) == len(order) else list(range(len(n)))]


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_the_matrix_of_a_permutation_is_it_and_of_a_right_function_the_identity(data: st.DataObject) -> None:
    rows = data.draw(st.integers(2, 6))
    lengths = data.draw(st.lists(st.integers(1, 7), min_size=rows, max_size=rows))
    order = data.draw(st.permutations(range(rows)))
    _, [found] = of(chosen(order), lengths)
    assert found.cells.tolist() == np.eye(rows, dtype=int)[order].tolist()
    assert found.sources == ({r: s for r, s in enumerate(order) if r != s} or None)
    _, [right] = of(chosen(range(rows)), lengths)
    assert right.identity


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_what_mixes_rows_is_seen_to_read_them_all_and_nothing_else(data: st.DataObject) -> None:
    rows = data.draw(st.integers(2, 30))
    lengths = data.draw(st.lists(st.integers(1, 7), min_size=rows, max_size=rows))
    bits = data.draw(st.lists(st.booleans(), min_size=rows * rows, max_size=rows * rows))
    truth = np.array(bits).reshape(rows, rows)
    weights = torch.tensor(truth, dtype=torch.float32)
    found, [crossing] = of(lambda x, n: weights @ pooled(x, n), lengths)
    assert truth[crossing.cells == YES].all()
    assert not truth[crossing.cells == NO].any()
    assert (truth & ~np.eye(rows, dtype=bool))[found.moved[0]].any(axis=1).all()
    if rows <= 6:
        np.testing.assert_array_equal(crossing.cells == YES, truth)


def test_parts_that_are_alike_are_told_together_and_whole_numbers_are_left_out() -> None:
    def fn(x: Tensor, n: Tensor) -> Any:
        state = pooled(x, n)
        return state, state * 2, state.flip(0), n

    found = of(fn)[1]
    assert [crossing.of for crossing in found] == ["the result[0] and the result[1]", "the result[2]"]
    assert found[1].sources == {0: 3, 1: 2, 2: 1, 3: 0}


def test_a_faint_trace_of_another_row_is_neither_read_nor_unread() -> None:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        state = pooled(x, n)
        return state + 1e-7 * state.mean(0)

    found, [crossing] = of(fn)
    assert not found.moved[0].any()
    assert (np.diagonal(crossing.cells) == YES).all()
    assert (crossing.cells == UNTOLD).any()


def test_of_more_rows_than_can_be_drawn_no_matrix_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packviz.torch_side.probe.crossing.MOST_ROWS", 3)
    with calling(pooled, law_batch()) as caller:
        parts = parts_in(caller)
        found = crossed(caller, parts, Judge(caller.plain))
        assert crossings(found, parts, [], 4) == ([], ["Of more than 3 rows it is not kept which reads which."])


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
