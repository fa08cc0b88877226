import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import BatchError, Call, frozen, make_batch
from packviz.core.carrier import Packed
from packviz.core.packing import Packing, Refusal, has_one_order, pack
from packviz.torch_side.order import pack_in_torch_order, packed_or_refused, sorted_indices

DTYPES = st.sampled_from([np.int64, np.int32, np.uint8, np.float64])


@given(DTYPES.flatmap(lambda dtype: npst.arrays(dtype, st.integers(1, 300), elements=st.integers(1, 5))))
def test_it_is_the_order_of_pack_padded_sequence(lengths: np.ndarray) -> None:
    x = torch.zeros(len(lengths), 5)
    packed = pack_padded_sequence(x, torch.from_numpy(lengths.copy()), batch_first=True, enforce_sorted=False)
    assert sorted_indices(frozen(lengths)).tolist() == packed.sorted_indices.tolist()


def test_fractions_are_cut_off_before_sorting() -> None:
    lengths = np.array([2.1, 2.9, 3.0])
    x = torch.zeros(3, 3)
    packed = pack_padded_sequence(x, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False)
    assert sorted_indices(lengths).tolist() == packed.sorted_indices.tolist()


def test_the_same_lengths_always_give_the_same_order() -> None:
    lengths = np.random.default_rng(0).integers(1, 4, 300)
    first = sorted_indices(lengths)
    assert all((sorted_indices(lengths.copy()) == first).all() for _ in range(50))
    assert not first.flags.writeable


@given(npst.arrays(np.int64, st.integers(1, 60), elements=st.integers(1, 60)))
def test_where_there_is_one_order_only_torch_need_not_be_asked(lengths: np.ndarray) -> None:
    batch = make_batch(np.zeros((len(lengths), 60)), lengths, Call(True, False))
    asked, known = pack_in_torch_order(batch), pack(batch)
    assert isinstance(asked, Packing)
    assert isinstance(known, Packing)
    if has_one_order(batch):
        assert asked.sorted_indices.tolist() == known.sorted_indices.tolist()


@pytest.mark.parametrize("lengths", [[], [0, 1, 1], [1, 1, 1, 1], [-1, 2, 2]])
def test_lengths_that_torch_refuses_are_refused(lengths: list[int]) -> None:
    batch = make_batch(np.zeros((3, 2)), lengths, Call(True, False))
    assert isinstance(pack_in_torch_order(batch), Refusal)


def test_a_packed_sequence_keeps_the_order_that_it_brought_along() -> None:
    batch = make_batch(np.zeros((3, 2)), [2, 2, 1], Call(True, False), carrier=Packed(np.array([1, 0, 2])))
    packing = pack_in_torch_order(batch)
    assert isinstance(packing, Packing)
    assert packing.sorted_indices.tolist() == [1, 0, 2]


def test_what_torch_packs_is_packed_and_what_it_refuses_is_refused_with_its_reason() -> None:
    packing = packed_or_refused(make_batch(np.zeros((2, 3)), [2, 3], Call(True, False)))
    assert packing.batch_sizes.tolist() == [2, 2, 1]
    unsorted = make_batch(np.zeros((2, 3)), [2, 3], Call(True, True))
    refusal = pack_in_torch_order(unsorted)
    assert isinstance(refusal, Refusal)
    with pytest.raises(BatchError) as raised:
        packed_or_refused(unsorted)
    assert str(raised.value) == refusal.reason
