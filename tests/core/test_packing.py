"""Packing against torch's own: every map, on thousands of random batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed
from packviz.core.packing import MOST_STEPS, Packing, Refusal, has_ties, pack, pack_in_order, stable_order
from packviz.torch_side.order import sorted_indices


def numbered(rows: int, steps: int, lengths: Any, *, batch_first: bool, enforce_sorted: bool) -> Batch:
    """A batch in which every cell holds row * T + step, so that data tells where each cell went."""
    grid = np.arange(rows * steps).reshape(rows, steps)
    return make_batch(grid if batch_first else grid.T, lengths, Call(batch_first, enforce_sorted))


def torch_pack(batch: Batch) -> PackedSequence:
    x = torch.from_numpy(batch.x.copy())
    call = batch.call
    return pack_padded_sequence(x, torch.from_numpy(batch.lengths.copy()), call.batch_first, call.enforce_sorted)


def packed_like_torch(batch: Batch) -> Packing:
    order = None if batch.call.enforce_sorted else sorted_indices(batch.lengths)
    packing = pack(batch, order)
    assert isinstance(packing, Packing)
    return packing


def assert_same(batch: Batch) -> None:
    """Everything that Packing says is what torch's pack_padded_sequence did."""
    theirs, ours = torch_pack(batch), packed_like_torch(batch)
    data = theirs.data.numpy()
    rows, steps = ours.rows, batch.steps
    assert ours.size == len(data)
    assert ours.batch_sizes.tolist() == theirs.batch_sizes.tolist()
    if theirs.sorted_indices is None:
        assert ours.sorted_indices.tolist() == ours.unsorted_indices.tolist() == list(range(rows))
    else:
        assert ours.sorted_indices.tolist() == theirs.sorted_indices.tolist()
        assert ours.unsorted_indices.tolist() == theirs.unsorted_indices.tolist()
    np.testing.assert_array_equal(ours.data(batch.grid), data)
    # Each value of data names its cell: every (row, step) -> k and every k -> (row, step) is in it.
    expected = np.full(rows * steps, -1)
    expected[data] = np.arange(len(data))
    np.testing.assert_array_equal(ours.grid, expected.reshape(rows, steps))
    np.testing.assert_array_equal(ours.index(np.arange(rows)[:, None], np.arange(steps)), expected.reshape(rows, steps))
    row, step = ours.cell(np.arange(len(data)))
    np.testing.assert_array_equal(row * steps + step, data)
    np.testing.assert_array_equal(ours.flat, data)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("enforce_sorted", [True, False])
@pytest.mark.parametrize("most_rows", [4, 16, 17, 40, 300])
def test_every_map_is_torchs_own_on_many_random_batches(
    batch_first: bool, enforce_sorted: bool, most_rows: int
) -> None:
    random = np.random.default_rng([most_rows, batch_first, enforce_sorted])
    for _ in range(200 if most_rows < 300 else 60):
        rows, steps = int(random.integers(1, most_rows + 1)), int(random.integers(1, 30))
        # Few different lengths make many ties; some lengths exceed T.
        longest = max(1, int(steps * random.choice([0.3, 1.0, 1.0, 1.5])))
        lengths = random.integers(1, longest + 1, rows)
        if enforce_sorted:
            lengths = np.sort(lengths)[::-1]
        assert_same(numbered(rows, steps, lengths, batch_first=batch_first, enforce_sorted=enforce_sorted))


def test_the_order_of_equal_lengths_is_torchs_own_where_its_sort_is_not_stable() -> None:
    random = np.random.default_rng(0)
    for rows in (16, 17, 64, 257, 300):
        for _ in range(20):
            lengths = random.integers(1, 4, rows)
            assert_same(numbered(rows, 5, lengths, batch_first=True, enforce_sorted=False))


def test_fewer_lengths_than_rows_drop_the_last_rows_as_torch_does() -> None:
    batch = numbered(3, 5, [3, 2], batch_first=True, enforce_sorted=False)
    assert_same(batch)
    assert packed_like_torch(batch).index(2, 0) == -1


@pytest.mark.parametrize(
    "lengths", [np.array([3.0, 2.5, 4.9]), np.array([True, True, True]), np.array([3, 2, 4], "i4")]
)
def test_lengths_of_other_dtypes_are_read_as_torch_reads_them(lengths: np.ndarray) -> None:
    assert_same(numbered(3, 5, lengths, batch_first=True, enforce_sorted=False))


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    rows, steps = draw(st.integers(0, 20)), draw(st.integers(0, 7))
    exact = st.just(rows)
    count = draw(st.one_of(exact, exact, exact, st.integers(0, 22)))
    positive = st.integers(1, max(1, steps + 1))
    lengths = draw(st.lists(st.one_of(positive, positive, st.integers(-1, 9)), min_size=count, max_size=count))
    if draw(st.booleans()):
        lengths.sort(reverse=True)
    return numbered(rows, steps, lengths, batch_first=draw(st.booleans()), enforce_sorted=draw(st.booleans()))


@given(batches())
def test_it_refuses_exactly_what_torch_refuses(batch: Batch) -> None:
    try:
        torch_pack(batch)
        raised = None
    except (RuntimeError, IndexError) as error:
        raised = error
    ours = pack(batch)
    assert isinstance(ours, Refusal) == (raised is not None), (ours, raised)
    if raised is None:
        assert_same(batch)


@given(
    npst.arrays(np.int64, st.integers(1, 40), elements=st.integers(1, 12)),
    st.integers(1, 12),
    st.lists(st.integers(-3, 500), min_size=1, max_size=30),
)
def test_index_and_cell_are_inverse_and_minus_one_elsewhere(lengths: np.ndarray, steps: int, k: list[int]) -> None:
    packing = pack_in_order(lengths, stable_order(lengths), steps)
    row, step = packing.cell(k)
    inside = (np.array(k) >= 0) & (np.array(k) < packing.size)
    np.testing.assert_array_equal(packing.index(row, step), np.where(inside, k, -1))
    assert (row[~inside] == -1).all()
    assert (step[~inside] == -1).all()
    rows, at = np.arange(-1, len(lengths) + 1)[:, None], np.arange(-1, steps + 2)[None, :]
    index = packing.index(rows, at)
    valid = np.zeros(index.shape, dtype=bool)
    valid[1:-1, 1:] = (at[:, 1:] < lengths[:, None]) & (at[:, 1:] < steps)
    np.testing.assert_array_equal(index >= 0, valid)
    assert sorted(index[valid].tolist()) == list(range(packing.size))


@given(npst.arrays(np.int64, st.integers(1, 40), elements=st.integers(1, 12)), st.integers(1, 12))
def test_grid_flat_and_data_say_the_same(lengths: np.ndarray, steps: int) -> None:
    packing = pack_in_order(lengths, stable_order(lengths), steps)
    rows = len(lengths)
    x = np.random.default_rng(0).normal(size=(rows, steps, 2))
    data = packing.data(x)
    np.testing.assert_array_equal(data, x.reshape(rows * steps, 2)[packing.flat])
    filled = packing.grid >= 0
    np.testing.assert_array_equal(x[filled], data[packing.grid[filled]])
    assert filled.sum() == packing.size
    assert packing.offsets[-1] == lengths.sum()


@given(npst.arrays(np.int64, st.integers(1, 40), elements=st.integers(1, 12)))
def test_no_array_of_a_packing_can_be_written_to(lengths: np.ndarray) -> None:
    packing = pack_in_order(lengths, stable_order(lengths), 12)
    for array in (packing.lengths, packing.sorted_indices, packing.batch_sizes, packing.grid, packing.flat):
        assert not array.flags.writeable


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_ties_are_seen(lengths: list[int]) -> None:
    assert has_ties(lengths) == (len(set(lengths)) < len(lengths))


def test_a_refusal_names_the_row_and_the_length() -> None:
    refused = pack(numbered(3, 5, [3, 0, 4], batch_first=True, enforce_sorted=False))
    assert isinstance(refused, Refusal)
    assert refused.code == "length-not-positive"
    assert refused.reason == "lengths[1] is 0, but a length must be at least 1."


def test_the_order_of_a_packed_sequence_is_kept() -> None:
    batch = make_batch([[1, 2], [3, 4]], [2, 2], Call(True, False), carrier=Packed(np.array([1, 0])))
    packing = pack(batch)
    assert isinstance(packing, Packing)
    assert packing.data(batch.grid).tolist() == [3, 1, 4, 2]


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (3, 5, 0), (3, 5, 2, 0)])
def test_a_batch_without_numbers_is_refused_as_torch_does(shape: tuple[int, ...]) -> None:
    batch = make_batch(np.ones(shape), [1] * shape[0], Call(True))
    with pytest.raises(RuntimeError, match="Cannot pack empty tensors"):
        pack_padded_sequence(torch.ones(shape), torch.ones(shape[0], dtype=torch.int64), batch_first=True)
    refusal = pack(batch)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "batch-empty"


@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_a_length_far_beyond_the_end_is_refused_before_it_takes_memory(enforce_sorted: bool) -> None:
    refusal = pack(make_batch(np.ones((2, 5)), [10**15, 3], Call(True, enforce_sorted)), order=[0, 1])
    assert isinstance(refusal, Refusal)
    assert refusal.code == "length-exceeds-time"
    assert refusal.reason.startswith("lengths[0] is 1000000000000000, but x has 5 steps")
    assert isinstance(pack(make_batch(np.ones((2, 5)), [MOST_STEPS, 3], Call(True))), Packing)


def test_a_refusal_names_a_length_as_it_was_given() -> None:
    refusal = pack(make_batch(np.ones((2, 5)), np.array([3, 1e300]), Call(True, False)))
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith("lengths[1] is 1e+300, which torch reads as -9223372036854775808")
