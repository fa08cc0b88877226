"""What the cells say: padding, the ends of the data, runs of bits; held against plain NumPy, cell by cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.evidence import bits_of, from_step, gather, last_bit, runs
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
    filled = np.unpackbits(evidence.filled.view(np.uint8), axis=1, bitorder="little", count=batch.steps)
    np.testing.assert_array_equal(filled == 0, expected)
    ends = [max((t + 1 for t in range(batch.steps) if not row[t]), default=0) for row in expected]
    assert evidence.data_end.tolist() == ends
    assert evidence.data_end.dtype == np.int64


@given(batches())
def test_a_nan_is_seen_only_where_it_is_not_the_padding(batch: Batch) -> None:
    nan_padding = batch.call.padding_value != batch.call.padding_value
    holds = batch.x.dtype.kind in "fc" and bool(np.isnan(batch.x).any())
    assert gather(batch).has_nan == (holds and not nan_padding)


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
    for array in (evidence.filled, evidence.data_end, evidence.counts):
        assert not array.flags.writeable
