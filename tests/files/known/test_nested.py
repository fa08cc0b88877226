from __future__ import annotations

import pytest
import torch

from packviz.core.carrier import Sequences
from packviz.files.known.nested import unbound
from packviz.files.objects import to_batch


@pytest.mark.parametrize("layout", [torch.jagged, torch.strided])
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_nested_tensor_is_its_sequences(layout: torch.layout) -> None:
    rows = [torch.randn(n, 2) for n in (3, 1, 4)]
    nested = torch.nested.nested_tensor(rows, layout=layout)
    for obj in (nested, {"x": nested, "y": 3}):
        batch = to_batch(obj)
        assert isinstance(batch.carrier, Sequences)
        assert batch.lengths.tolist() == [3, 1, 4]
        assert all(torch.equal(torch.from_numpy(batch.x[i, : len(row)].copy()), row) for i, row in enumerate(rows))
        assert "3 sequences of a nested tensor" in batch.read_as[0]


def test_any_other_tensor_is_none() -> None:
    assert unbound(torch.zeros(2, 3)) is None
    assert unbound([[1, 2]]) is None
