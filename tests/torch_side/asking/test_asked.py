"""One call that is made: what it returned, what it raised, or how it ended its process, in words."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.verdict import CRASHES, Outcome
from packviz.torch_side.asking.asked import asked, ending, raised, shape


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


class Wordless(Exception):
    def __str__(self) -> str:
        raise ValueError("none")


class Numbered(Exception):
    def __str__(self) -> str:
        return 3  # type: ignore[return-value]


@pytest.mark.parametrize("error", [Wordless(), Numbered()], ids=["raises", "no text"])
def test_an_exception_whose_words_can_not_be_had_is_told_by_its_name(error: Exception) -> None:
    assert raised(error).startswith(f"{type(error).__name__}: (its words can't be had")


def test_a_message_of_any_length_is_kept_short() -> None:
    assert len(raised(RuntimeError("x" * 10**6))) < 10**5


def test_a_result_that_can_not_be_described_is_told_by_its_type() -> None:
    assert asked("f", object, lambda result: result.shape).outcome.text == "returns a value of type object"


def test_an_end_is_told_in_words() -> None:
    assert ending(-11) == f"{CRASHES}: SIGSEGV (segmentation fault)"
    assert ending(0xC0000005) == f"{CRASHES}: exit code 0xc0000005"
    assert ending(-500) == f"{CRASHES}: signal 500"
