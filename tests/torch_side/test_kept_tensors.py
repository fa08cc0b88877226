"""Tensors are put back bit by bit, and what has not changed is not written to."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.torch_side.kept_tensors import kept_gradient, kept_tensor, same


@given(st.lists(st.floats(width=32), max_size=4), st.lists(st.floats(width=32), max_size=4))
def test_tensors_are_the_same_where_their_bits_are(a: list[float], b: list[float]) -> None:
    one, two = torch.tensor(a), torch.tensor(b)
    assert same(one, one.clone())
    expected = one.shape == two.shape and one.numpy().tobytes() == two.numpy().tobytes()
    assert same(one, two) == expected
    assert not same(one, one.double())


def test_not_a_number_is_not_a_number_and_zero_has_a_sign() -> None:
    nan, zero = torch.tensor([float("nan")]), torch.tensor([0.0])
    assert same(nan, nan.clone())
    assert not same(zero, -zero)
    assert same(torch.tensor([1 + 2j]), torch.tensor([1 - 2j]).conj())
    assert not same(torch.tensor([1, 2]), torch.tensor([1, 3]))


def test_bits_shape_and_dtype_are_put_back_in_the_same_tensor() -> None:
    one, other, third = torch.tensor([1.0, float("nan")]), torch.ones(2), torch.ones(2)
    place = one.data_ptr()
    back = [kept_tensor(tensor) for tensor in (one, other, third)]
    one.zero_()
    other.data = torch.zeros(3)
    third.data = torch.ones(2, dtype=torch.float64)
    for put_back in back:
        put_back()
    assert one[0] == 1
    assert one[1].isnan()
    assert one.data_ptr() == place
    assert (other.tolist(), third.tolist(), third.dtype) == ([1, 1], [1, 1], torch.float32)


def test_what_has_not_changed_is_not_written_to() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    back, version = kept_tensor(parameter), parameter._version
    square = (parameter * parameter).sum()
    back()
    assert parameter._version == version
    square.backward()
    assert parameter.grad is not None
    assert parameter.grad.tolist() == [2, 2]


def test_one_whose_numbers_share_their_memory_can_not_be_written_to_and_need_not_be() -> None:
    spread = torch.ones(1).expand(3)
    with pytest.raises(RuntimeError, match="single memory location"):
        spread.copy_(torch.ones(3))
    kept_tensor(spread)()
    assert spread.tolist() == [1, 1, 1]


def test_a_gradient_is_put_back_as_the_same_object_with_its_bits() -> None:
    leaf = torch.ones(2, requires_grad=True)
    leaf.grad = gradient = torch.tensor([3.0, 4.0])
    back, without = kept_gradient(leaf), kept_gradient(leaf, inside=False)
    gradient.zero_()
    leaf.grad = None
    without()
    assert leaf.grad is gradient
    assert gradient.tolist() == [0, 0]
    back()
    assert leaf.grad is gradient
    assert gradient.tolist() == [3, 4]
    bare = torch.ones(2, requires_grad=True)
    back = kept_gradient(bare)
    bare.sum().backward()
    back()
    assert bare.grad is None


def test_whether_a_gradient_is_wanted_is_put_back() -> None:
    leaf = torch.ones(2, requires_grad=True)
    back = kept_gradient(leaf)
    leaf.requires_grad_(False)
    back()
    assert leaf.requires_grad


@pytest.mark.parametrize("first", [True, False])
def test_hooks_are_put_back(first: bool) -> None:
    called: list[str] = []
    leaf = torch.ones(2, requires_grad=True)
    if first:
        leaf.register_hook(lambda _: called.append("first"))
    hooks = leaf._backward_hooks
    back = kept_gradient(leaf)
    leaf.register_hook(lambda _: called.append("second"))
    back()
    assert leaf._backward_hooks is hooks
    leaf.sum().backward()
    assert called == (["first"] if first else [])
