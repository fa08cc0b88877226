"""The batch: what it takes, what it refuses and in which words, and that nobody can change it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import OPTIONS, Batch, BatchError, Call, make_batch
from packviz.core.budget import MEMORY
from packviz.core.carrier import Carrier, Packed, Padded, Sequences


@given(st.integers(0, 4), st.integers(0, 4), st.sampled_from([(), (1,), (2, 3)]), st.booleans())
def test_sizes_are_rows_steps_and_features_in_either_layout(
    rows: int, steps: int, features: tuple[int, ...], batch_first: bool
) -> None:
    shape = (rows, steps) if batch_first else (steps, rows)
    batch = make_batch(np.zeros((*shape, *features)), [1] * rows, Call(batch_first))
    assert (batch.rows, batch.steps, batch.features) == (rows, steps, features)
    assert batch.grid.shape == (rows, steps, *features)
    assert batch.feature_count == int(np.prod(features, dtype=int))


@pytest.mark.parametrize("shape", [(3, 2**40, 0), (2**40, 3, 0)])
def test_cells_without_features_are_only_as_many_as_can_be_afforded(shape: tuple[int, ...]) -> None:
    with pytest.raises(BatchError, match=r"^x of shape \(.*\) would take 24 TiB of memory, more than"):
        make_batch(np.zeros(shape, dtype=np.float32), [1, 1, 1])


def test_neither_x_nor_lengths_can_be_written_to_and_what_was_given_still_can() -> None:
    x, lengths = np.ones((2, 3)), np.array([3, 2])
    batch = make_batch(x, lengths)
    for array in (batch.x, batch.lengths, batch.grid, batch.counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
    x[0, 0] = 7
    assert np.shares_memory(batch.x, x)


@pytest.mark.parametrize("carrier", [Sequences(), Packed()])
def test_an_x_that_was_made_of_sequences_follows_batch_first(carrier: Carrier) -> None:
    batch = make_batch(np.arange(6).reshape(2, 3), [3, 2], Call(True, False), carrier=carrier)
    turned = batch.with_call(batch_first=False)
    assert (turned.rows, turned.steps, turned.x.shape) == (2, 3, (3, 2))
    np.testing.assert_array_equal(turned.grid, batch.grid)
    np.testing.assert_array_equal(turned.with_call(batch_first=True, enforce_sorted=True).x, batch.x)


def test_a_padded_x_is_read_in_the_other_layout_when_batch_first_changes() -> None:
    batch: Batch = make_batch(np.arange(6).reshape(2, 3), [3, 2], Call(True, False)).with_call(batch_first=False)
    assert (batch.rows, batch.steps, batch.x.shape) == (3, 2, (2, 3))


def test_options_have_the_defaults_of_torch() -> None:
    inspect = pytest.importorskip("inspect")
    rnn = pytest.importorskip("torch").nn.utils.rnn
    pack = inspect.signature(rnn.pack_padded_sequence).parameters
    pad = inspect.signature(rnn.pad_packed_sequence).parameters
    call = Call()
    assert call.batch_first == pack["batch_first"].default
    assert call.enforce_sorted == pack["enforce_sorted"].default
    assert call.padding_value == pad["padding_value"].default
    assert call.total_length == pad["total_length"].default
    assert set(OPTIONS) == {"batch_first", "enforce_sorted", "padding_value", "total_length"}


@pytest.mark.parametrize("given_lengths", [[3.0, 2.5, 4.9], [True, False, True], [3, 2, 4]])
def test_lengths_are_read_as_torch_reads_them(given_lengths: list[float]) -> None:
    torch = pytest.importorskip("torch")
    batch = make_batch(np.ones((5, 3)), given_lengths)
    assert batch.counts.tolist() == torch.as_tensor(given_lengths, dtype=torch.int64).tolist()
    assert batch.lengths.tolist() == given_lengths


@pytest.mark.parametrize(
    ("x", "lengths", "words"),
    [
        (np.array([["a", "b"]]), [1], "x holds <U1.*numbers"),
        (np.ones((1, 3)), ["a"], "lengths holds <U1.*whole numbers"),
    ],
)
def test_what_is_no_batch_is_refused_in_one_sentence(x: np.ndarray, lengths: object, words: str) -> None:
    with pytest.raises(BatchError, match=words):
        make_batch(x, lengths)  # type: ignore[arg-type]


def test_no_lengths_at_all_are_lengths_of_shape_0() -> None:
    assert make_batch(np.ones((2, 3)), []).counts.dtype == np.int64


def test_other_lengths_count_as_given_and_forget_the_order_of_the_packed_ones() -> None:
    batch = make_batch(np.ones((2, 3)), [1, 2], origin="packed", carrier=Packed(np.array([1, 0])))
    other = batch.with_lengths([2, 2])
    assert (other.given.origin, other.order, other.carrier) == ("given", None, Padded())
    assert other.x is batch.x
    assert batch.lengths.tolist() == [1, 2]


def test_swapping_the_layout_keeps_the_rows() -> None:
    batch = make_batch(np.arange(6).reshape(2, 3), [3, 2], Call(batch_first=True))
    swapped = batch.with_swapped_layout()
    assert swapped.x.shape == (3, 2)
    assert not swapped.call.batch_first
    np.testing.assert_array_equal(swapped.grid, batch.grid)


def test_a_batch_is_equal_to_itself_only() -> None:
    one, other = (make_batch(np.ones((1, 1)), [1]) for _ in range(2))
    assert one == one
    assert one != other


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_length_that_is_no_number_is_kept_and_read_as_torch_reads_it(odd: float) -> None:
    torch = pytest.importorskip("torch")
    batch = make_batch([[1, 2], [3, 4]], [2.0, odd])
    np.testing.assert_array_equal(batch.lengths, [2.0, odd])
    assert batch.counts.tolist() == torch.tensor([2.0, odd]).to(torch.int64).tolist()


@pytest.mark.parametrize("lengths", [3, [[3], [2]], [[[1]]]])
def test_lengths_of_another_rank_are_kept_and_read_as_a_vector(lengths: object) -> None:
    batch = make_batch(np.ones((2, 3)), lengths)  # type: ignore[arg-type]
    assert batch.given.array.tolist() == lengths
    assert batch.lengths.tolist() == np.ravel(lengths).tolist()
    assert batch.with_lengths([1, 1]).given.is_vector
    with pytest.raises(ValueError, match="read-only"):
        batch.given.array[...] = 5


def test_lengths_on_a_device_and_in_a_list_are_known_to_be_there() -> None:
    away, listed = (
        make_batch(np.ones((2, 3)), [3, 2], lengths_device="cuda:0"),
        make_batch([[1.0]], [1.0], lengths_listed=True),
    )
    assert (away.given.device, away.given.known) == ("cuda:0", True)
    assert listed.given.listed
    assert not make_batch(np.ones((2, 3)), [0, 0], lengths_device="meta").given.known
    assert not make_batch(np.ones((2, 3)), [3, 2], lengths_listed=True).given.listed  # a tensor does the same


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("x", [np.float32(3), np.arange(4), np.empty(0)])
def test_an_x_without_rows_and_steps_is_seen_as_one_row_and_can_be_made_one(x: np.ndarray, batch_first: bool) -> None:
    batch = make_batch(x, [1], Call(batch_first))
    assert (batch.rows, batch.steps, batch.features) == (1, batch.x.size, ())
    assert batch.with_swapped_layout().x.shape == batch.with_call(batch_first=True).x.shape == np.shape(x)
    row = batch.with_rows_of_steps()
    assert row.x.shape == ((1, batch.x.size) if batch_first else (batch.x.size, 1))
    assert row.source.shown == "x (as one row)"
    assert row.with_rows_of_steps() is row


@pytest.mark.parametrize("batch_first", [True, False])
def test_rows_are_shifted_to_t0_with_their_mask_and_the_batch_before_stays(batch_first: bool) -> None:
    grid = np.array([[0, 0, 1], [2, 3, 4], [0, 5, 6]])
    x = grid if batch_first else grid.T
    batch = make_batch(x, [1, 3, 2], Call(batch_first), source="b.npy", mask=x != 0)
    after = batch.with_rows_shifted(np.array([2, 0, 1]))
    assert after.grid.tolist() == [[1, 0, 0], [2, 3, 4], [5, 6, 0]]
    assert after.mask is not None
    np.testing.assert_array_equal(after.mask, after.x != 0)
    assert batch.grid.tolist() == grid.tolist()
    assert not after.x.flags.writeable
    assert after.source == after.with_rows_shifted(np.array([0, 1, 0])).source
    assert str(after.source) == "b.npy (shifted)"


@given(st.data())
def test_one_number_of_x_is_changed_in_a_copy(data: st.DataObject) -> None:
    batch_first = data.draw(st.booleans())
    features = data.draw(st.sampled_from([(), (3,), (2, 2)]))
    x = np.arange(6 * max(1, int(np.prod(features))), dtype=np.float32).reshape(2, 3, *features)
    batch = make_batch(x, [2, 3] if batch_first else [2, 1, 2], Call(batch_first, False))
    row, step = data.draw(st.integers(0, batch.rows - 1)), data.draw(st.integers(0, batch.steps - 1))
    feature = data.draw(st.integers(0, batch.feature_count - 1))
    changed = batch.with_value(row, step, feature, np.float32(99))
    expected = x.copy()
    lead = (row, step) if batch_first else (step, row)
    expected[lead].reshape(-1)[feature] = 99
    if not features:
        expected[lead] = 99
    np.testing.assert_array_equal(changed.x, expected)
    np.testing.assert_array_equal(batch.x, x)
    assert not changed.x.flags.writeable
    assert changed.source.shown == "x (edited)"
    for place in ((2, 9, 0), (-1, 0, 0), (0, 0, batch.feature_count)):
        with pytest.raises(BatchError, match="has no row"):
            batch.with_value(*place, 1)


def test_what_lies_in_memory_number_by_number_may_be_as_large_as_it_is() -> None:
    x = np.ones((64, 64), np.float32)
    with MEMORY.within(2 * x.nbytes):
        assert make_batch(x, [64] * 64).x.nbytes == x.nbytes
        assert make_batch(x.T, [64] * 64).rows == 64
        with pytest.raises(BatchError, match="a view that repeats its numbers"):
            make_batch(np.broadcast_to(x[:1], x.shape), [64] * 64)
