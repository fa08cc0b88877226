"""Lists, strings, ragged rows and PackedSequences where torch takes something else: explained by what was done."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from tests.core.messages.raising import X, bare, causes, first, pack, raised

CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "packed twice": (lambda: pack([3, 2, 1], pack([3, 2, 1]), enforce_sorted=True), "packed-as-tensor"),
    "a layer on a PackedSequence": (lambda: torch.nn.Linear(2, 3)(pack([3, 2, 1])), "packed-as-tensor"),
    "an embedding of one": (lambda: torch.nn.Embedding(9, 2)(pack([3, 2, 1])), "packed-as-tensor"),
    "its size": (lambda: pack([3, 2, 1]).size(), "packed-as-tensor"),
    "its shape": (lambda: pack([3, 2, 1]).shape, "packed-as-tensor"),
    "a tensor unpacked": (lambda: pad_packed_sequence(X), "tensor-as-packed"),
    "a pair unpacked": (lambda: pad_packed_sequence(torch.nn.GRU(2, 4)(pack([3, 2, 1]))), "tensor-as-packed"),
    "a list packed": (lambda: pack([3, 2, 1], [[1, 2, 3]]), "not-a-tensor"),
    "a list packed, sorted": (lambda: pack([3, 2, 1], [[1, 2, 3]], enforce_sorted=True), "not-a-tensor"),
    "lists packed as sequences": (lambda: pack_sequence([[1, 2], [3]]), "not-a-tensor"),
    "strings as lengths": (lambda: pack([3, "a", 1]), "lengths-not-numbers"),
    "None as lengths": (lambda: pack(None), "lengths-not-numbers"),
    "tensors of several numbers": (lambda: pack([torch.ones(2)] * 3), "lengths-not-numbers"),
    "ragged lengths": (lambda: pack([[3, 2], [1]]), "lengths-shape"),
    "ragged lists": (lambda: torch.tensor([[1, 2, 3], [1, 2]]), "ragged-rows"),
    "ragged tensors stacked": (lambda: torch.stack([torch.ones(3), torch.ones(2)]), "ragged-rows"),
    "a length of years": (lambda: pack([10**15, 1, 1]), "length-exceeds-time"),
}
OF_ITS_OWN = {"strings as lengths", "None as lengths", "tensors of several numbers", "ragged lengths"} | {
    "a list packed",
    "lists packed as sequences",
}
"""Messages that say nothing of packing: only their traceback does."""


@pytest.mark.parametrize("name", CALLS)
def test_what_is_raised_leads_to_what_was_done(name: str) -> None:
    call, code = CALLS[name]
    error = raised(call)
    assert first(error) == code
    assert (code in causes(bare(error))) == (name not in OF_ITS_OWN)


@pytest.mark.parametrize(
    "call",
    [
        lambda: range(None),  # type: ignore[call-overload]
        lambda: [].shape,  # type: ignore[attr-defined]
        lambda: (1,).dim(),  # type: ignore[attr-defined]
        lambda: [1, 2][torch.ones(2)],  # type: ignore[call-overload]
        lambda: torch.nn.functional.relu([1]),  # type: ignore[arg-type]
    ],
)
def test_pythons_own_errors_elsewhere_have_no_cause_here(call: Callable[[], Any]) -> None:
    assert causes(raised(call)) == []
