"""What layers raise about masks, really raised where the installed torch has them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import packviz
from tests.core.messages.raising import bare, causes, first, raised

X = torch.rand(3, 5, 8)
ATTENTION = nn.MultiheadAttention(8, 2, batch_first=True)
TIME_FIRST = nn.MultiheadAttention(8, 2)
ENCODER = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 1)


def off(*sizes: int) -> torch.Tensor:
    return torch.zeros(sizes, dtype=torch.bool)


def attend(mask: torch.Tensor, x: torch.Tensor = X) -> Any:
    return ATTENTION(x, x, x, key_padding_mask=mask)


def encode(mask: torch.Tensor, *, training: bool) -> Any:
    return ENCODER.train(training)(X, src_key_padding_mask=mask)


T = X.transpose(0, 1)
CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "a mask of max(lengths) steps": (lambda: attend(off(3, 4)), "mask-narrow"),
    "a mask of T steps on an unpacked output": (lambda: attend(off(3, 5), X[:, :4]), "time-shrinks"),
    "a mask that is (T, B)": (lambda: attend(off(5, 3)), "mask-layout"),
    "the same, time first": (lambda: TIME_FIRST(T, T, T, key_padding_mask=off(5, 3)), "mask-layout"),
    "whole numbers": (lambda: attend(torch.zeros(3, 5).long()), "mask-kind"),
    "lengths": (lambda: attend(torch.tensor([3, 2, 5])), "mask-kind"),
    "a vector": (lambda: attend(off(3)), "mask-kind"),
    "a mask with a feature": (lambda: attend(off(3, 5, 1)), "mask-kind"),
    "no batch": (lambda: attend(off(3, 5), X[0]), "batch-rank"),
    "given as attn_mask": (lambda: ATTENTION(X, X, X, attn_mask=off(3, 5)), "mask-kind"),
    "another attn_mask": (lambda: ATTENTION(X, X, X, attn_mask=off(4, 4)), "mask-kind"),
    "an encoder in training": (lambda: encode(off(3, 4), training=True), "mask-narrow"),
    "an encoder in eval": (lambda: encode(off(3, 4), training=False), "mask-narrow"),
    "an encoder, whole numbers": (lambda: encode(torch.zeros(3, 5).long(), training=True), "mask-kind"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_what_attention_raises_about_a_mask_leads_to_it(name: str) -> None:
    call, code = CALLS[name]
    error = raised(call)
    assert first(error) == code, error
    assert code in causes(bare(error))


@pytest.mark.filterwarnings("ignore")
def test_with_the_batch_and_its_mask_the_narrow_one_is_confirmed() -> None:
    error = raised(lambda: attend(off(3, 4)))
    x, lengths = X.clone(), [3, 2, 4]
    mask = torch.arange(4) < torch.tensor(lengths)[:, None]
    x[torch.arange(5) >= torch.tensor(lengths)[:, None]] = 0
    told = packviz.explain(error, x, lengths, batch_first=True, enforce_sorted=False, mask=mask)
    assert (told.causes[0].code, told.causes[0].confirmed) == ("mask-narrow", True)
    assert "torch.nn.functional.pad(mask, (0, 1), value=0)" in str(told.causes[0].fix)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ValueError: mask of the first timestep must all be on", "mask-not-right"),
        ("ValueError: the first two dimensions of emissions and mask must match, got (3, 5) and (3, 4)", "mask-narrow"),
        ("ValueError: the first two dimensions of emissions and mask must match, got (3, 4) and (3, 5)",
         "time-shrinks"),
        ("ValueError: the first two dimensions of emissions and mask must match, got (3, 5) and (5, 3)", "mask-layout"),
        ("ValueError: the first two dimensions of emissions and tags must match, got (3, 4) and (3, 5)",
         "time-shrinks"),
    ],
)  # fmt: skip
def test_what_crf_layers_raise_is_known_by_its_words(words: str, code: str) -> None:
    assert first(words) == code


def test_a_row_of_padding_on_the_left_is_what_a_crf_refuses() -> None:
    x = torch.tensor([[1, 2, 3], [0, 4, 5]])
    told = packviz.explain("mask of the first timestep must all be on", x, batch_first=True, mask=x != 0)
    assert (told.causes[0].code, told.causes[0].rows) == ("mask-not-right", (1,))
