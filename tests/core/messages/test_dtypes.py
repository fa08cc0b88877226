"""Numbers of another dtype, and numbers that do not fit: really raised, and led to what was done."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence

from packviz.core.messages.explain import explain
from tests.core.messages.raising import X, bare, causes, first, pack, raised

CELLS = (nn.LSTM, nn.GRU, nn.RNN)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [torch.int64, torch.float64, torch.float16, torch.bool])
@pytest.mark.parametrize("is_packed", [True, False])
def test_another_dtype_is_the_first_cause_and_both_are_named(cell: Any, dtype: torch.dtype, is_packed: bool) -> None:
    x = X.to(dtype)
    error = raised(lambda: cell(2, 4)(pack([3, 2, 5], x) if is_packed else x))
    assert first(error) == first(bare(error)) == "module-dtype"
    assert ("nn.Embedding" in explain(error).causes[0].why) == (dtype == torch.int64)


@pytest.mark.parametrize(
    "words",
    [
        "expected scalar type Float but found Double",
        "Expected object of scalar type Double but got scalar type Float for argument #3 'mat1'",
        "expected m1 and m2 to have the same dtype, but got: double != float",
        "Input and hidden tensors are not the same dtype, found input tensor with Double and hidden tensor with Float",
        "mat1 and mat2 must have the same dtype",
        "expected m1 and m2 to have the same dtype, but got: c10::complex<float> != c10::BFloat16",
        "expected m1 and m2 to have the same dtype, but got: long int != c10::Half",
        "RuntimeError: could not create a primitive descriptor for the LSTM forward propagation primitive.",
        "RuntimeError: itensor_view_from_dense expects float, bfloat16 or half tensor input",
    ],
)
def test_other_words_for_it_are_known(words: str) -> None:
    assert first(words) == "module-dtype"


def test_ids_are_told_to_need_an_embedding_whatever_torch_calls_them() -> None:
    told = explain("expected m1 and m2 to have the same dtype, but got: long int != c10::Half").causes[0].why
    assert "is long int, and the weights of the module are Half" in told
    assert "nn.Embedding" in told


def test_a_number_that_does_not_fit_is_told_apart_by_its_traceback() -> None:
    packed = pack([3, 2, 1], torch.ones(3, 5, 1, dtype=torch.float16))
    unpacking = raised(lambda: pad_packed_sequence(packed, padding_value=-1e9))
    assert causes(unpacking) == ["padding-value-too-large"]
    assert first(bare(unpacking)) == "padding-value-too-large"
    whole = raised(lambda: pad_packed_sequence(pack([3, 2, 1], X.long()), padding_value=float("nan")))
    assert first(whole) == first(bare(whole)) == "padding-value-too-large"
    packing = raised(lambda: pack([3, float("inf"), 1]))
    assert causes(packing) == ["length-not-finite"]
    assert first(bare(packing)) == "length-not-finite"
