from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from packviz.files.known.lost import LOST, lost_packed
from packviz.files.objects import to_batch

LENGTHS = st.lists(st.integers(1, 6), min_size=1, max_size=5)


@given(LENGTHS, st.permutations(range(4)).filter(lambda order: order.index(2) < order.index(3)))
def test_the_fields_in_any_order_make_the_batch_that_torch_unpacks(lengths: list[int], order: list[int]) -> None:
    packed = pack_sequence([torch.randn(n, 3) + 7 for n in lengths], enforce_sorted=False)
    batch = to_batch([tuple(packed)[place] for place in order])
    padded, counted = pad_packed_sequence(packed, batch_first=True)
    assert torch.equal(torch.from_numpy(batch.x.copy()), padded)
    assert batch.lengths.tolist() == counted.tolist() == lengths
    assert batch.read_as == (LOST,)


def test_fields_without_indices_and_fields_in_a_dict_of_any_names_are_one_too() -> None:
    packed = pack_sequence([torch.randn(n, 2) for n in (4, 2, 1)])
    assert to_batch(list(packed)).lengths.tolist() == [4, 2, 1]
    shuffled = pack_sequence([torch.randn(n, 2) for n in (1, 4, 2)], enforce_sorted=False)
    named = dict(zip("abcd", shuffled, strict=True))
    assert to_batch(named).lengths.tolist() == [1, 4, 2]
    assert to_batch({"batch": list(shuffled), "labels": [1, 2, 3]}).lengths.tolist() == [1, 4, 2]


@pytest.mark.parametrize(
    "obj",
    [
        [],
        [[1, 2], [3], [4], [5, 6]],
        [torch.randn(6, 2), torch.tensor([2, 3, 1]), None, None],  # sizes that rise
        [torch.randn(7, 2), torch.tensor([3, 2, 1]), None, None],  # data has one more
        [torch.randn(6, 2), torch.tensor([3, 2, 1]), torch.tensor([1, 2, 0]), torch.tensor([1, 2, 0])],  # no inverses
        [torch.randn(6, 2), torch.tensor([3, 2, 1]), torch.tensor([0, 1]), torch.tensor([0, 1])],  # of two rows
        [torch.randn(6, 2), torch.tensor([3, 2, 1]), None, torch.tensor([0, 1, 2])],
        ["data", "batch_sizes", None, None],
    ],
)
def test_what_contradicts_itself_is_none(obj: Any) -> None:
    assert lost_packed(obj) is None
