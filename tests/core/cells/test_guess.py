"""Lengths guessed from padding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.cells.guess import guess_lengths, guessed, last_ends


def plain(grid: np.ndarray, padding: float) -> list[int]:
    """The same, cell by cell."""
    same = np.isnan(grid) if padding != padding else grid == padding
    cells = same.reshape(*grid.shape[:2], -1).all(axis=2)
    return [max([1] + [t + 1 for t in range(grid.shape[1]) if not cells[b, t]]) for b in range(grid.shape[0])]


@given(
    st.integers(1, 6), st.integers(1, 200), st.integers(0, 3), st.sampled_from([0.0, -1.0, float("nan")]), st.randoms()
)
def test_a_guessed_length_ends_at_the_last_cell_that_is_not_padding(rows, steps, features, padding, random):
    rng = np.random.default_rng(random.getrandbits(32))
    grid = np.full((rows, steps, features) if features else (rows, steps), padding, dtype=np.float32)
    ends = rng.integers(0, steps + 1, rows)
    for row, end in enumerate(ends):
        grid[row, :end] = rng.choice([padding, 1.0, 2.0], size=grid[row, :end].shape)
    assert guess_lengths(grid, padding).tolist() == plain(grid, padding)
    turned = np.ascontiguousarray(grid.swapaxes(0, 1)).swapaxes(0, 1)
    assert guess_lengths(turned, padding).tolist() == plain(grid, padding)


def test_a_row_of_nothing_but_padding_gets_length_one():
    assert guess_lengths(np.zeros((2, 4)), 0).tolist() == [1, 1]


def test_a_cell_with_one_feature_that_is_not_padding_is_no_padding():
    grid = np.zeros((1, 3, 2))
    grid[0, 1, 1] = 5
    assert guess_lengths(grid, 0).tolist() == [2]


@pytest.mark.parametrize("dtype", ["int64", "bool", "float16", "uint8"])
def test_a_padding_value_that_the_dtype_can_not_hold_pads_nothing(dtype):
    grid = np.zeros((2, 3), dtype=dtype)
    assert guess_lengths(grid, 1e30).tolist() == [3, 3]
    assert guess_lengths(grid, float("nan")).tolist() == [3, 3]


def test_no_rows_and_no_steps_are_no_error():
    assert guess_lengths(np.zeros((0, 4))).tolist() == []
    assert guess_lengths(np.zeros((2, 0))).tolist() == [0, 0]


def test_every_length_is_found_across_all_blocks():
    steps = 700
    grid = np.tri(steps, dtype=np.float32)
    assert guess_lengths(grid).tolist() == list(range(1, steps + 1))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("batch_first", [True, False])
def test_padding_is_found_in_the_dtype_of_x(dtype: str, batch_first: bool) -> None:
    torch = pytest.importorskip("torch")
    rows = torch.tensor([[1.0, 2.0, 0.1], [3.0, 0.1, 0.1]], dtype=getattr(torch, dtype))
    x = (rows.float() if dtype == "bfloat16" else rows).numpy()
    given_batch = make_batch(x if batch_first else x.T, [3, 3], Call(batch_first, padding_value=0.1), dtype=dtype)
    batch = guessed(given_batch)
    assert batch.lengths.tolist() == [2, 1]
    assert batch.given.origin == "guessed"


@given(st.integers(0, 5), st.integers(0, 300), st.integers(0, 9), st.booleans(), st.integers(0, 9999))
def test_the_end_of_flags_is_found_in_any_order_of_memory(rows, steps, share, turned, seed):
    flags = np.random.default_rng(seed).integers(0, 10, (rows, steps)) < share
    flags[:, steps // 2 :] &= np.random.default_rng(seed).random((rows, 1)) < 0.5
    flags = np.asfortranarray(flags) if turned else flags
    want = [max([t + 1 for t in range(steps) if row[t]], default=0) for row in flags]
    assert last_ends(flags).tolist() == want
    assert last_ends(flags[:, ::-1]).tolist() == [
        max([steps - t for t in range(steps) if r[t]], default=0) for r in flags
    ]
