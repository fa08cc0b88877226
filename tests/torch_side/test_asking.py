"""One call that is made: what it returned or raised, in words."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.findings import Outcome
from packviz.torch_side.asking import asked, raised, shape


def test_what_returns_is_told_in_its_words_and_kept() -> None:
    made = asked("add", lambda: torch.ones(2) + 1, lambda tensor: f"returns {shape(tensor)}")
    assert made.outcome == Outcome("add", True, "returns (2,)")
    assert made.result.tolist() == [2, 2]


def test_what_raises_is_told_in_its_own_words_and_leaves_nothing() -> None:
    made = asked("add", lambda: torch.ones(2) + torch.ones(3), shape)
    with pytest.raises(RuntimeError) as theirs:
        torch.ones(2) + torch.ones(3)
    assert made == (Outcome("add", False, f"RuntimeError: {theirs.value}"), None)


def test_an_exception_without_words_is_its_name() -> None:
    assert raised(KeyError()) == "KeyError:"
    assert raised(ValueError("no ")) == "ValueError: no"


def test_a_shape_or_else_the_name_of_the_type() -> None:
    assert [shape(torch.ones(2, 3)), shape("x")] == ["(2, 3)", "str"]


@pytest.mark.parametrize("keeps", [True, False])
def test_the_order_of_a_packed_batch_is_known_where_torch_sorts(keeps: bool) -> None:
    lengths = [4, 3, 1] if keeps else [3, 1, 4]
    made = asked("pack", lambda: pack_padded_sequence(torch.ones(3, 4), lengths, True, keeps), shape)
    order = made.sorted_indices
    assert (None if order is None else order.tolist()) == (None if keeps else [2, 0, 1])
    assert asked("pack", lambda: 1 / 0, shape).sorted_indices is None
