"""What modules really raise about an initial state that does not fit."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from packviz.core.messages.explain import explain
from tests.core.messages.raising import X, bare, causes, first, pack, raised

CELLS = (nn.LSTM, nn.GRU, nn.RNN)
SHAPES = {
    "too few rows": (1, 2, 4),
    "another H": (1, 3, 5),
    "too many layers": (2, 3, 4),
    "batch first": (3, 1, 4),
    "no layers": (3, 4),
}


def state(cell: Any, shape: tuple[int, ...]) -> Any:
    return (torch.zeros(shape), torch.zeros(shape)) if cell is nn.LSTM else torch.zeros(shape)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_a_state_of_another_shape_is_the_first_cause(cell: Any, name: str, enforce_sorted: bool) -> None:
    lengths = [5, 3, 2] if enforce_sorted else [3, 2, 5]
    hx = state(cell, SHAPES[name])
    error = raised(lambda: cell(2, 4)(pack(lengths, enforce_sorted=enforce_sorted), hx))
    assert first(error) == "hidden-shape"
    assert "hidden-shape" in causes(bare(error))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("x", [X, X[0]])
def test_a_state_of_another_rank_is_among_the_causes_where_x_is_not_packed(cell: Any, x: torch.Tensor) -> None:
    hx = state(cell, (1, 4) if x.ndim == 3 else (1, 3, 4))
    assert "hidden-shape" in causes(raised(lambda: cell(2, 4)(x, hx)))


def test_a_pair_is_told_from_one_tensor() -> None:
    def why(call: Callable[[], Any]) -> str:
        cause = explain(raised(call)).causes[0]
        assert cause.code == "hidden-shape"
        return cause.why

    assert "apart" in why(lambda: nn.LSTM(2, 4)(pack([3, 2, 5]), torch.zeros(1, 3, 4)))
    pair = (torch.zeros(1, 3, 4), torch.zeros(1, 3, 4))
    assert "a tuple" in why(lambda: nn.GRU(2, 4)(pack([3, 2, 5]), pair))
    assert "None" in why(lambda: nn.LSTM(2, 4)(pack([3, 2, 5]), (None, pair[0])))


def test_the_shape_says_what_is_wrong_with_it() -> None:
    def why(shape: tuple[int, ...]) -> str:
        error = raised(lambda: nn.GRU(2, 4)(pack([5, 3, 2], enforce_sorted=True), torch.zeros(shape)))
        return explain(error).causes[0].why

    assert "the batch has 3 rows, and hx has 2" in why((1, 2, 4))
    assert "the batch comes second" in why((3, 1, 4))
    assert "layers × directions, which are 1" in why((2, 3, 4))
    assert "H is 4, and hx has 5" in why((1, 3, 5))
    assert "three dimensions" in why((3, 4))


@pytest.mark.parametrize(
    "words",
    [
        "Expected hidden[0] size (1, 64, 100), got [1, 32, 100]",
        "RuntimeError: Expected hidden[0] size (416, 82, 50), got (416, 100, 50)",
        "Expected hidden size (1, 64, 256), got (64, 256)",
    ],
)
def test_other_words_for_it_are_known(words: str) -> None:
    assert first(words) == "hidden-shape"


def test_a_cell_with_a_state_of_another_batch_is_known() -> None:
    hx = (torch.zeros(2, 4), torch.zeros(2, 4))
    assert first(raised(lambda: nn.LSTMCell(2, 4)(torch.ones(3, 2), hx))) == "hidden-shape"
