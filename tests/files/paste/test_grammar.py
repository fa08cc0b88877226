"""Values read from Python's syntax tree."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
import torch

from packviz.core.batch import BatchError
from packviz.files.arrays import Values
from packviz.files.paste.grammar import NotData, Reader
from packviz.files.paste.literals import extract


def value(code: str, **names: object) -> Any:
    rest, lists = extract(code, "[_packviz_{}]")
    return Reader(lists, names=dict(names)).value(ast.parse(rest, mode="eval").body)


TORCH_CODE = [
    "torch.tensor([[1., 2.], [3., 4.]])",
    "torch.tensor([[1, 2], [3, 4]])",
    "torch.tensor([[True, False]])",
    "torch.tensor([[1.1, 2.2]], dtype=torch.bfloat16)",
    "torch.tensor([[1.1, 2.2]], dtype=torch.float16)",
    "torch.tensor([[1, 2]], dtype=torch.float64)",
    "torch.tensor([[1, 2]], dtype=torch.long, device='cpu', requires_grad=False)",
    "torch.tensor([[1, 2]], dtype=float)",
    "torch.tensor(data=[[1, 2]])",
    "torch.tensor([[1.5]]).long()",
    "torch.tensor([[1, 2]]).float().to(torch.float64).cpu().detach().clone()",
    "torch.tensor([[-1, +2], [-(3), 4]])",
    "torch.tensor([[float_, 2.5]])",
    "torch.FloatTensor([[1, 2]])",
    "torch.LongTensor([[1, 2]])",
    "torch.Tensor([[1, 2]])",
    "torch.as_tensor(np.array([[1., 2.]], dtype=np.float32))",
    "torch.from_numpy(np.array([[1., 2.]]))",
    "torch.tensor([[1+2j, 3.5-1j]])",
    "torch.tensor([[[[[[1.]]]]]])",
    "torch.tensor([float('nan'), 1.0])",
]


@pytest.mark.parametrize("code", TORCH_CODE)
def test_a_call_makes_what_torch_makes_of_it(code):
    expected = eval(code, {"torch": torch, "np": np, "float_": 7.0})
    try:
        found = value(code, float_=7.0)
    except NotData:
        assert "float('nan')" in code
        return
    assert isinstance(found, Values)
    assert found.dtype == str(expected.dtype).removeprefix("torch.")
    held = expected.float() if expected.dtype is torch.bfloat16 else expected
    np.testing.assert_array_equal(found.array, held.numpy())


@pytest.mark.parametrize("code", ["np.array([[1, 2]])", "np.array([[1., 2.]])", "np.array([[1, 2]], dtype='f4')"])
def test_an_array_keeps_the_dtype_that_numpy_gives_it(code):
    expected = eval(code, {"np": np})
    assert value(code).array.dtype == expected.dtype


@pytest.mark.parametrize(
    "code",
    [
        "open('x')",
        "__import__('os').system('true')",
        "torch.randn(3, 4)",
        "x.mean()",
        "().__class__",
        "[i for i in range(9)]",
        "lambda: 1",
        "1 + 1",
        "2 ** 9999999",
        "x[0]",
        "f'{x}'",
        "[i, n]",
        "torch.tensor()",
        "torch.tensor(x for x in y)",
        "{**a}",
        "not 1",
    ],
)
def test_nothing_else_is_read_let_alone_run(code):
    with pytest.raises(NotData):
        value(code)


def test_lengths_counted_of_bound_sequences():
    rows = [Values(np.ones(3), "float64"), Values(np.ones(2), "float64")]
    for code in ("[len(s) for s in rows]", "[s.size(0) for s in rows]", "[s.shape[0] for s in rows]"):
        assert value(code, rows=rows) == [3, 2]
    assert value("list(map(len, rows))", rows=rows) == [3, 2]


def test_dicts_pairs_and_constants_of_json_and_python():
    found = value("{'a': (1, null), \"b\": [true, -inf]}")
    assert found["a"] == (1, None)
    assert found["b"].array.tolist() == [1, float("-inf")]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("torch.tensor([[1, 2], [3]])", "different lengths"),
        ("torch.tensor([[1]], dtype=torch.nonsense)", "nonsense"),
        ("torch.tensor([[300]], dtype=torch.uint8)", "300"),
        ("[tensor([1]), ...]", "summarised"),
    ],
)
def test_what_is_data_but_wrong_is_refused(code, said):
    with pytest.raises(BatchError, match=said):
        value(code)


@pytest.mark.parametrize(
    ("code", "device"),
    [
        ("tensor([1, 2], device='cuda:1')", "cuda:1"),
        ("tensor([1, 2]).cuda()", "cuda:0"),
        ("tensor([1, 2]).to('cuda').long()", "cuda:0"),
        ("tensor([1, 2], device='cuda:0').cpu()", "cpu"),
        ("tensor([1, 2], device='cuda:0').to(torch.int32)", "cuda:0"),
        ("tensor([1, 2])", "cpu"),
        ("[1, 2]", "cpu"),
    ],
)
def test_a_tensor_says_on_which_device_it_is(code, device):
    read = value(code)
    assert read.device == device
    assert read.listed is (code == "[1, 2]")


def test_a_list_is_a_list_until_it_is_made_a_tensor():
    assert value("tensor([1, 2]).tolist()").listed
    assert not value("tensor([1, 2].copy())").listed
