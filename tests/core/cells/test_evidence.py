"""What the cells say: padding, the ends of the data, gaps, NaN; held against plain NumPy, cell by cell."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.bits import cells_of
from packviz.core.cells.evidence import Evidence, gather
from packviz.core.packing import pack

DTYPES = st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.uint8, np.bool_, np.complex64])
SHAPES = st.tuples(st.integers(0, 5), st.integers(0, 140), st.sampled_from([(), (1,), (2,), (40,), (2, 3), (0,)]))


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Batches of few different values, NaN and the padding value among them, in every layout of memory."""
    rows, steps, features = draw(SHAPES)
    dtype = np.dtype(draw(DTYPES))
    values = [0, 1, np.nan, np.inf, 0.1] if dtype.kind in "fc" else [0, 1]
    random = np.random.default_rng(draw(st.integers(0, 999)))
    weight = np.array([0.9] + [0.1 / (len(values) - 1)] * (len(values) - 1))
    grid = random.choice(np.array(values, dtype=dtype), size=(rows, steps, *features), p=weight)
    padding = draw(st.sampled_from([0, 1, 0.1, np.nan, -5, np.inf]))
    batch_first = draw(st.booleans())
    x = grid if batch_first else np.ascontiguousarray(grid.swapaxes(0, 1))
    if draw(st.booleans()):
        x = np.asfortranarray(x)
    return make_batch(x, np.ones(rows, dtype=np.int64), Call(batch_first, False, padding))


def padding_of_each_cell(batch: Batch) -> np.ndarray:
    """(B, T) bool, said the plain way."""
    value, grid = batch.call.padding_value, batch.grid
    if value != value:
        same = np.isnan(grid)
    else:
        same = grid == (grid.dtype.type(value) if grid.dtype.kind == "f" else value)
    return same.reshape(*grid.shape[:2], int(np.prod(grid.shape[2:]))).all(axis=2)


@given(batches())
def test_padding_and_ends_are_those_of_a_plain_look_at_each_cell(batch: Batch) -> None:
    expected = padding_of_each_cell(batch)
    evidence = gather(batch)
    np.testing.assert_array_equal(~cells_of(evidence.filled, batch.steps), expected)
    starts = [next((t for t in range(batch.steps) if not row[t]), batch.steps) for row in expected]
    assert evidence.data_start.tolist() == starts
    ends = [max((t + 1 for t in range(batch.steps) if not row[t]), default=0) for row in expected]
    assert evidence.data_end.tolist() == ends
    assert evidence.data_end.dtype == np.int64


@given(batches())
def test_a_nan_is_seen_only_where_it_is_not_the_padding(batch: Batch) -> None:
    nan_padding = batch.call.padding_value != batch.call.padding_value
    holds = batch.x.dtype.kind in "fc" and bool(np.isnan(batch.x).any())
    assert gather(batch).has_nan == (holds and not nan_padding)


def cells(evidence: Evidence, bits: np.ndarray) -> np.ndarray:
    """(n, T) bool; bits without columns are no cells."""
    steps = evidence.steps
    return cells_of(bits, steps) if bits.shape[1] else np.zeros((len(bits), steps), dtype=bool)


@given(batches(), st.integers(0, 99))
def test_nan_and_infinities_are_found_cell_by_cell(batch: Batch, seed: int) -> None:
    evidence = gather(batch.with_lengths(np.random.default_rng(seed).integers(-1, batch.steps + 2, batch.rows)))
    for found, test in ((evidence.nan, np.isnan), (evidence.infinite, np.isinf)):
        held = test(batch.grid).reshape(*batch.grid.shape[:2], int(np.prod(batch.features))).any(axis=2)
        np.testing.assert_array_equal(cells(evidence, found), held)
        if found.shape[1]:
            step, valid = np.arange(batch.steps), evidence.valid[:, None]
            inside = held & (step < evidence.counts[:, None]) & valid
            np.testing.assert_array_equal(cells(evidence, evidence.inside(found)), inside)
            np.testing.assert_array_equal(cells(evidence, evidence.beyond(found)), held & ~inside & valid)
    assert evidence.finite == bool(np.isfinite(batch.x).all())


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_numbers_whose_sum_outgrows_their_dtype_are_finite_all_the_same(dtype: str) -> None:
    x = np.full((3, 4), np.finfo(dtype).max, dtype=dtype)
    assert gather(make_batch(x, [4, 4, 4], Call(True, False))).finite


@given(batches(), st.integers(0, 99))
def test_gaps_are_the_padding_before_the_end_of_the_data_inside_the_length(batch: Batch, seed: int) -> None:
    evidence = gather(batch.with_lengths(np.random.default_rng(seed).integers(-1, batch.steps + 2, batch.rows)))
    expected = padding_of_each_cell(batch)
    for row, gaps in enumerate(cells(evidence, evidence.gaps)):
        stop = min(evidence.counts[row], evidence.data_end[row]) if evidence.valid[row] else 0
        lead = dict(zip(evidence.left.rows.tolist(), evidence.left.leads.tolist(), strict=True)).get(row, 0)
        assert np.flatnonzero(gaps).tolist() == [t for t in range(lead, stop) if expected[row, t]]


@pytest.mark.parametrize(
    ("x", "ids"),
    [
        (np.array([[5, 7], [3, 0]]), True),
        (np.array([[1, 0], [1, 1]]), False),  # a mask, spikes, a binary code
        (np.array([[5.0, 7], [3, 0]]), False),
        (np.array([[[5], [7]], [[3], [0]]]), False),
        (np.array([[True, False]]), False),
    ],
)
def test_ids_are_whole_numbers_of_more_than_two_kinds_without_features(x: np.ndarray, ids: bool) -> None:
    assert gather(make_batch(x, [2] * len(x), Call(True, False))).ids is ids


def test_nothing_is_said_of_cells_where_lengths_and_rows_do_not_belong_together() -> None:
    x = np.array([[0.0, np.nan, 3, 0], [np.inf, 0, 3, 4]])
    for lengths, how in (([3, 3, 3], {}), ([[3, 3]], {}), ([3], {"lengths_device": "meta"})):
        evidence = gather(make_batch(x, np.array(lengths), Call(True, False), **how))  # type: ignore[arg-type]
        assert not evidence.paired
        for bits in (evidence.gaps, evidence.stray, evidence.inside(evidence.nan), evidence.beyond(evidence.nan)):
            assert not bits.any()
        assert not len(evidence.left.rows)


def test_padding_that_was_rounded_to_the_dtype_of_x_is_still_padding() -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        x = torch.tensor([[1.0, 0.1, 0.1]], dtype=dtype)
        name = str(dtype).removeprefix("torch.")
        held = x.float().numpy() if dtype == torch.bfloat16 else x.numpy()
        batch = make_batch(held, [3], Call(True, False, 0.1), dtype=name)
        assert gather(batch).data_end.tolist() == [1], name


def test_padding_that_x_cannot_hold_is_nowhere() -> None:
    batch = make_batch(np.zeros((1, 3), dtype=np.uint8), [3], Call(True, False, 0.5))
    assert gather(batch).data_end.tolist() == [3]
    assert gather(batch.with_call(padding_value=float("nan"))).data_end.tolist() == [3]
    assert gather(batch.with_call(padding_value=-1)).data_end.tolist() == [3]


def test_the_packed_order_is_exact_up_to_16_rows_and_where_torch_was_asked() -> None:
    def evidence(rows: int, lengths: list[int], **how: object) -> bool:
        batch = make_batch(np.ones((rows, 4)), lengths, Call(True, False))
        return gather(batch, pack(batch) if how.get("asked") else None).exact

    assert evidence(16, [2] * 16)
    assert not evidence(17, [2] * 17)
    assert evidence(17, [2] * 17, asked=True)


@given(lengths=st.lists(st.integers(1, 3), min_size=1, max_size=16))
def test_torch_keeps_equal_lengths_in_order_up_to_16_rows(lengths: list[int]) -> None:
    torch = pytest.importorskip("torch")
    x = torch.ones(len(lengths), 3)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    batch = make_batch(x.numpy(), lengths, Call(True, False))
    packing = gather(batch).packing
    assert packing is not None
    assert packing.sorted_indices.tolist() == packed.sorted_indices.tolist()


def test_all_arrays_are_read_only() -> None:
    evidence = gather(make_batch(np.ones((2, 3)), [3, 2], Call(True, False)))
    for array in (evidence.filled, evidence.data_end, evidence.counts, evidence.left.rows, evidence.left.leads):
        assert not array.flags.writeable


def test_nan_in_the_padding_does_not_hide_the_layout() -> None:
    x = np.array([[1, 2, 3], [4, np.nan, 0], [5, 6, 0]])
    for batch_first in (True, False):
        found = gather(make_batch(x, [3, 1, 2], Call(batch_first, False)))
        assert found.layout.batch_first is True
        assert found.swapped is not batch_first


def test_a_mask_that_x_has_outgrown_is_no_evidence() -> None:
    batch = make_batch(np.ones((2, 3)), [3, 2], Call(True), mask=np.ones((2, 4), dtype=bool))
    assert gather(batch).mask is None
    assert gather(replace(batch, mask=batch.x == 1)).mask is not None


def test_places_in_the_lengths_are_rows_as_far_as_x_has_rows_and_the_lengths_are_a_vector() -> None:
    places = np.arange(3)
    assert gather(make_batch([[1, 2], [3, 4]], [2, 1, 1], Call(True, False))).rows_at(places) == (0, 1)
    column = make_batch(np.ones((3, 2), np.float32), [[1], [2], [2]], Call(True, False))
    assert gather(column).rows_at(places) == ()
