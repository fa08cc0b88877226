"""Cells as bits, held against a plain walk over the cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packviz.core.cells import bits as core_bits
from packviz.core.cells.bits import (
    before_step,
    bits_of,
    cells_of,
    first_bit,
    first_runs,
    from_step,
    how_many,
    last_bit,
    runs,
)

CELLS = hnp.arrays(bool, st.tuples(st.integers(0, 4), st.integers(0, 200)))


@given(CELLS, st.booleans())
def test_bits_are_the_cells_in_either_order_of_memory(cells: np.ndarray, fortran: bool) -> None:
    bits = bits_of(np.asfortranarray(cells) if fortran else cells)
    assert bits.dtype == np.uint64
    assert bits.shape == (len(cells), -(-cells.shape[1] // 64))
    if cells.size:
        np.testing.assert_array_equal(cells_of(bits, cells.shape[1]), cells)
    first = [next((t for t, held in enumerate(line) if held), 999) for line in cells.tolist()]
    assert first_bit(bits, 999).tolist() == first
    assert how_many(bits).tolist() == cells.sum(axis=1).tolist()


def test_bits_are_counted_without_the_count_of_numpy_2_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.random.default_rng(0).random((5, 150)) < 0.3
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert how_many(bits_of(cells)).tolist() == cells.sum(axis=1).tolist()


@given(cells=hnp.arrays(bool, st.tuples(st.integers(0, 4), st.integers(0, 200))), fortran=st.booleans())
def test_runs_are_the_runs_of_a_plain_walk(cells: np.ndarray, fortran: bool) -> None:
    expected = []
    for row, line in enumerate(cells.tolist()):
        first = None
        for t, held in enumerate([*line, False]):
            if held and first is None:
                first = t
            elif not held and first is not None:
                expected.append([row, first, t])
                first = None
    bits = bits_of(np.asfortranarray(cells) if fortran else cells)
    assert runs(bits).tolist() == expected
    assert last_bit(bits).tolist() == [max(np.flatnonzero(line), default=-1) + 1 for line in cells]


@given(data=st.data(), cells=hnp.arrays(bool, st.tuples(st.integers(1, 4), st.integers(1, 200))))
def test_bits_from_a_step_on_leave_out_all_before(data: st.DataObject, cells: np.ndarray) -> None:
    first = np.array([data.draw(st.integers(0, 250)) for _ in cells])
    kept = cells & (np.arange(cells.shape[1]) >= first[:, None])
    np.testing.assert_array_equal(from_step(bits_of(cells), first), bits_of(kept))


@given(data=st.data(), cells=hnp.arrays(bool, st.tuples(st.integers(1, 4), st.integers(1, 200))))
def test_bits_before_a_step_leave_out_all_from_it_on(data: st.DataObject, cells: np.ndarray) -> None:
    stop = np.array([data.draw(st.integers(0, cells.shape[1])) for _ in cells])
    kept = cells & (np.arange(cells.shape[1]) < stop[:, None])
    np.testing.assert_array_equal(before_step(bits_of(cells), stop), bits_of(kept))
    np.testing.assert_array_equal(before_step(~bits_of(~cells), stop), bits_of(kept))


@given(CELLS)
def test_of_too_many_runs_the_first_are_laid_out_and_the_other_cells_are_counted(cells: np.ndarray) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core_bits, "MOST_RUNS", 5)
        found, more = first_runs(bits_of(cells))
    every = runs(bits_of(cells))
    assert len(found) >= min(len(every), 5)
    np.testing.assert_array_equal(found, every[: len(found)])
    assert more == cells.sum() - (found[:, 2] - found[:, 1]).sum()
