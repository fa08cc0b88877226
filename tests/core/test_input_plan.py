import numpy as np
import pytest

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.input_plan import input_size, plan_inputs
from packviz.core.module import Module, Stored, held_module

IDS = make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, False))


@pytest.mark.parametrize(
    ("x", "inputs", "said", "expression"),
    [
        (np.ones((2, 3), "i8"), "auto", "whole numbers cast to float32, F = 1", "x.to(torch.float32).unsqueeze(-1)"),
        (np.ones((2, 3), "f4"), "auto", "float32 as given, F = 1", "x.unsqueeze(-1)"),
        (np.ones((2, 3, 4), "f4"), "auto", "float32 as given, F = 4", "x"),
        (np.ones((2, 3, 4), "f4"), "cast", "float32 as given, F = 4", "x"),
        (np.ones((2, 3, 4), "f8"), "cast", "float64 cast to float32, F = 4", "x.to(torch.float32)"),
        (np.ones((2, 3, 4, 5), "f4"), "auto", "float32 as given, features (4, 5) flattened to F = 20", "x.flatten(2)"),
        (np.ones((2, 3), "i8"), "embedding", "ids 0 to 1 through nn.Embedding(2, 8), F = 8", "embedding(x.long())"),
    ],
)
def test_what_is_said_and_what_is_done(x: np.ndarray, inputs: str, said: str, expression: str) -> None:
    plan = plan_inputs(make_batch(x, [3, 2], Call(True)), Module(inputs=inputs))
    assert plan.said == said
    assert plan.expression("x", leading=2) == expression


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 1), (2, 3, 4), (2, 3, 4, 5)])
@pytest.mark.parametrize("inputs", ["auto", "cast", "embedding"])
def test_the_input_size_is_that_of_the_plan(shape: tuple[int, ...], inputs: str) -> None:
    batch, spec = make_batch(np.ones(shape, "i8"), [3, 2], Call(True)), Module(inputs=inputs)
    assert input_size(batch, spec) == plan_inputs(batch, spec).input_size


def test_only_an_embedding_is_made_and_in_the_wanted_dtype() -> None:
    assert plan_inputs(IDS, Module()).embedding() is None
    assert plan_inputs(IDS, Module(inputs="embedding")).embedding() == "nn.Embedding(6, 8)"
    plan = plan_inputs(IDS, Module(inputs="embedding", dtype="float64"))
    assert plan.embedding() == "nn.Embedding(6, 8, dtype=torch.float64)"


def test_a_negative_id_is_named_by_its_index_in_x_as_it_was_given() -> None:
    batch = make_batch(np.array([[1, 2], [3, -4], [5, 6]]), [3, 3], Call(False, False))
    with pytest.raises(BatchError, match=r"x\[1, 1\] is -4, but an embedding takes ids from 0 on"):
        plan_inputs(batch, Module(inputs="embedding"))


def test_x_goes_as_it_is_into_a_module_that_somebody_holds() -> None:
    for x in (np.ones((2, 3), "i8"), np.ones((2, 3, 4, 5), "c8"), np.ones((2, 3, 0), "f2")):
        batch = make_batch(x, [3, 2], Call(True))
        plan = plan_inputs(batch, held_module(input_size=7))
        assert plan.as_given
        assert (plan.dtype, plan.features) == (batch.dtype, batch.features)
        assert (plan.expression("x", leading=2), plan.embedding()) == ("x", None)


def test_whole_numbers_become_the_dtype_of_the_weights() -> None:
    arrays = {"weight_ih_l0": np.zeros((12, 1)), "weight_hh_l0": np.zeros((12, 4))}
    module = Module().with_weights(Stored("w.pt", arrays, "float64"))
    assert plan_inputs(IDS, module).cast == "float64"
    assert plan_inputs(IDS, Module()).cast == "float32"
    assert not plan_inputs(IDS, module).as_given
