import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import frozen
from packviz.torch_side.order import sorted_indices

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
