"""What packing really raises is explained by what was really done."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from packviz.core.messages.explain import explain
from tests.core.messages.raising import bare, causes, first, pack, raised

FLAT = torch.ones(3)
CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "unsorted": (lambda: pack([2, 3, 1], enforce_sorted=True), "lengths-unsorted"),
    "unsorted sequences": (lambda: pack_sequence([torch.ones(2), torch.ones(3)]), "lengths-unsorted"),
    "a zero": (lambda: pack([3, 0, 1]), "length-not-positive"),
    "a negative one": (lambda: pack([3, -2, 1]), "length-not-positive"),
    "an empty sequence": (
        lambda: pack_sequence([torch.ones(0), torch.ones(3)], enforce_sorted=False),
        "length-not-positive",
    ),
    "too few, sorted": (lambda: pack([3, 2], enforce_sorted=True), "lengths-count"),
    "too many, sorted": (lambda: pack([3, 2, 1, 1], enforce_sorted=True), "lengths-count"),
    "too many, batch first": (lambda: pack([3, 2, 1, 1]), "lengths-count"),
    "too many, time first": (lambda: pack([1] * 6, batch_first=False), "lengths-count"),
    "a number, sorted": (lambda: pack(torch.tensor(3), enforce_sorted=True), "lengths-shape"),
    "a matrix, sorted": (lambda: pack([[3], [2], [1]], enforce_sorted=True), "lengths-shape"),
    "a matrix": (lambda: pack([[3], [2], [1]]), "lengths-shape"),
    "another device": (lambda: pack(torch.ones(3, device="meta"), enforce_sorted=True), "lengths-device"),
    "no numbers at all": (lambda: pack(torch.ones(3, device="meta")), "lengths-device"),
    "no rows": (lambda: pack([3, 2, 1], torch.ones(0, 5)), "batch-empty"),
    "no steps": (lambda: pack([3, 2, 1], torch.ones(3, 0)), "batch-empty"),
    "no sequences": (lambda: pack_sequence([]), "batch-empty"),
    "one dimension": (lambda: pack([3, 2, 1], FLAT), "batch-rank"),
    "no dimension": (lambda: pack([1, 1, 1], torch.tensor(1.0)), "batch-rank"),
    "no dimension, sorted": (
        lambda: pack([1], torch.tensor(1.0), batch_first=False, enforce_sorted=True),
        "batch-rank",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_packing_raises_leads_to_what_was_done(name: str) -> None:
    call, code = CALLS[name]
    error = raised(call)
    assert first(error) == code
    assert code in causes(bare(error))


def test_the_message_about_lengths_says_whether_it_is_the_shape_or_the_device() -> None:
    told = "'lengths' argument should be a 1D CPU int64 tensor"
    assert causes(f"{told}, but got 1D cuda:0 Long tensor") == ["lengths-device"]
    assert causes(f"{told}, but got 2D cpu Long tensor") == ["lengths-shape", "lengths-are-mask"]
    assert first(told) == "lengths-device"  # torch 1.5 said no more
    assert "cuda:1" in explain(f"{told}, but got 1D cuda:1 Long tensor").causes[0].why


def test_a_mask_as_lengths_is_among_the_causes() -> None:
    mask = torch.ones(3, 5, dtype=torch.bool)
    assert "lengths-are-mask" in causes(raised(lambda: pack(mask)))
    assert "lengths-are-mask" in causes(raised(lambda: pack(mask, enforce_sorted=True)))
    assert "lengths-are-mask" in causes(raised(lambda: pack(torch.tensor([True, False, True]))))


def test_a_nan_among_the_lengths_is_among_the_causes() -> None:
    lengths = torch.tensor([3.0, float("nan"), 1.0])
    assert "length-not-finite" in causes(raised(lambda: pack(lengths)))
    assert "length-not-finite" in causes(raised(lambda: pack(lengths, enforce_sorted=True)))


def test_the_numbers_of_the_message_are_told() -> None:
    cause = explain(raised(lambda: pack([3, 2], enforce_sorted=True))).causes[0]
    assert cause.why.startswith("There are 2 lengths for 3 rows.")
    parallel = explain("Expected `len(lengths)` to be equal to batch_size, but got 64 (batch_size=32)")
    assert "64 is 2 × 32: nn.DataParallel" in parallel.causes[0].why


@pytest.mark.parametrize(
    "words",
    [
        "'lengths' array has to be sorted in decreasing order",
        "ValueError: lengths array has to be sorted in decreasing order",
        "RuntimeError: sequences must be sorted in the order of decreasing length",
        "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True",
    ],
)
def test_old_words_for_unsorted_lengths_are_known(words: str) -> None:
    assert first(words) == "lengths-unsorted"


def test_old_words_for_the_number_of_lengths_are_known() -> None:
    assert first("ValueError: lengths array has incorrect size") == "lengths-count"


def test_an_index_out_of_range_is_told_apart_by_its_traceback() -> None:
    lookup = raised(lambda: torch.nn.Embedding(3, 2)(torch.tensor([7])))
    assert causes(lookup) == ["embedding-index"]
    assert "embedding-index" not in causes(raised(lambda: pack([1, 1, 1, 1])))
    assert {"lengths-count", "embedding-index"} <= set(causes(bare(lookup)))
