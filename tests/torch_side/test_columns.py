"""A tensor that lies elsewhere is read as the array of its numbers is, and only what is asked for is brought."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from packviz.torch_side.columns import OnDevice, values_of


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_it_is_read_as_its_numbers(dtype: torch.dtype) -> None:
    tensor = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).to(dtype)
    array = tensor.double().numpy() if dtype == torch.float64 else tensor.float().numpy()
    column = OnDevice(tensor)
    assert (column.shape, column.dtype, column.nbytes) == ((6, 4), array.dtype, tensor.nbytes)
    k, units = np.array([5, 0, 5]), np.array([3, 1])
    np.testing.assert_array_equal(column.take(k), array[k])
    np.testing.assert_array_equal(column.take(k, units), array[k][:, units])
    np.testing.assert_array_equal(column.take(k, slice(1, 3)), array[k][:, 1:3])
    np.testing.assert_array_equal(column.slab(2, 5), array[2:5])
    np.testing.assert_array_equal(np.asarray(column), array)


def test_no_more_is_brought_than_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    brought: list[int] = []
    tensor = torch.zeros(1000, 8)

    def counted(part: torch.Tensor) -> Any:
        brought.append(part.numel())
        return part.numpy()

    monkeypatch.setattr("packviz.torch_side.columns.to_array", counted)
    OnDevice(tensor).take(np.array([1, 2, 3]), np.array([0, 1]))
    OnDevice(tensor).slab(10, 20)
    assert brought == [6, 80]


def test_a_tensor_of_the_processor_is_an_array_without_a_copy() -> None:
    tensor = torch.zeros(3, 2)
    found = values_of(tensor)
    assert isinstance(found, np.ndarray)
    assert found.__array_interface__["data"][0] == tensor.data_ptr()
    assert isinstance(values_of(torch.empty(3, 2, device="meta")), OnDevice)
