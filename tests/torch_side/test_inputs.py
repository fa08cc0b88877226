from dataclasses import replace

import numpy as np
import pytest
import torch

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.module import Module, Stored
from packviz.core.texts.python.snippet import input_lines
from packviz.torch_side.inputs import prepare
from packviz.torch_side.module import build

IDS = make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, False))
DOUBLES = make_batch(np.ones((2, 3, 4)), [3, 2], Call(True, False))


def test_whole_numbers_without_features_are_cast_and_get_one() -> None:
    ready = prepare(IDS, Module())
    assert ready.x.dtype == torch.float32
    assert ready.x.tolist() == [[[1], [2], [3]], [[4], [5], [0]]]
    assert ready.said == "whole numbers cast to float32, F = 1"
    assert ready.plan.expression("x", leading=2) == "x.to(torch.float32).unsqueeze(-1)"


def test_booleans_are_cast() -> None:
    ready = prepare(make_batch([[True, False]], [2], Call(True, False)), Module())
    assert ready.x.tolist() == [[[1.0], [0.0]]]
    assert ready.said == "booleans cast to float32, F = 1"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_floats_keep_their_dtype(dtype: str) -> None:
    array = np.ones((2, 3, 4), dtype="float32" if dtype == "bfloat16" else dtype)
    ready = prepare(make_batch(array, [3, 2], dtype=dtype), Module())
    assert ready.dtype == getattr(torch, dtype)
    assert ready.said == f"{dtype} as given, F = 4"
    assert ready.plan.expression("x", leading=2) == "x"


def test_a_cast_that_was_asked_for_makes_float32_of_any_float() -> None:
    ready = prepare(DOUBLES, Module(inputs="cast"))
    assert ready.dtype == torch.float32
    assert ready.said == "float64 cast to float32, F = 4"


def test_whole_numbers_are_cast_to_the_dtype_of_the_weights() -> None:
    arrays = {"weight_ih_l0": np.zeros((4, 1)), "weight_hh_l0": np.zeros((4, 1))}
    assert prepare(IDS, Module(weights=Stored("w.pt", arrays, "float64"))).dtype == torch.float64


@pytest.mark.parametrize("batch_first", [True, False])
def test_feature_dimensions_are_flattened_into_one_in_either_layout(batch_first: bool) -> None:
    x = np.arange(48.0).reshape(2, 3, 4, 2)
    ready = prepare(make_batch(x, [3, 2], Call(batch_first, False)), Module())
    assert ready.input_size == 8
    np.testing.assert_array_equal(ready.x.numpy(), x.reshape(2, 3, 8))
    assert ready.said == "float64 as given, features (4, 2) flattened to F = 8"


def test_the_embedding_is_drawn_after_the_seed_and_the_module_after_the_embedding() -> None:
    spec = Module(inputs="embedding", embedding_size=5, seed=3, hidden=4)
    ready = prepare(IDS, spec)
    module = build(spec, ready.input_size, ready.dtype, drawn=ready.drawn)
    torch.manual_seed(3)
    embedding, lstm = torch.nn.Embedding(6, 5), torch.nn.LSTM(5, 4)
    assert ready.x.equal(embedding(torch.from_numpy(IDS.x.copy())).detach())
    assert all(ours.equal(theirs) for ours, theirs in zip(module.parameters(), lstm.parameters(), strict=True))
    assert ready.said == "ids 0 to 5 through nn.Embedding(6, 5), F = 5"
    lines = input_lines(IDS, spec, ready.plan)
    assert lines == ("torch.manual_seed(3)", "embedding = nn.Embedding(6, 5)", "x = embedding(x.long())")


def test_ids_with_features_are_embedded_and_flattened() -> None:
    batch = make_batch(np.ones((2, 3, 4), dtype=np.int32), [3, 2], Call(True, False))
    ready = prepare(batch, Module(inputs="embedding", embedding_size=5))
    assert tuple(ready.x.shape) == (2, 3, 20)


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    spec = Module(inputs="embedding")
    build(spec, prepare(IDS, spec).input_size, torch.float32)
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        (make_batch([[1, -2]], [2], Call(True)), r"x\[0, 1\] is -2, but an embedding takes ids from 0 on"),
        (DOUBLES, "x holds float64, but an embedding takes whole numbers"),
        (make_batch([[1, 10**12]], [2], Call(True)), "the largest id of x is 1000000000000: an embedding of"),
    ],
)
def test_what_can_not_be_embedded_is_refused_in_a_sentence(batch: object, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        prepare(batch, Module(inputs="embedding"))


def test_complex_numbers_and_no_features_are_refused_in_a_sentence() -> None:
    with pytest.raises(BatchError, match="x holds complex128, but a recurrent module takes real numbers"):
        prepare(make_batch([[1j, 2]], [2]), Module())
    with pytest.raises(BatchError, match=r"x has no features, its shape is \(2, 3, 0\)"):
        prepare(make_batch(np.zeros((2, 3, 0)), [3, 2]), Module())
    with pytest.raises(BatchError, match="the embedding size is 0"):
        prepare(IDS, replace(Module(inputs="embedding"), embedding_size=0))
