"""The first submodule at which the law breaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.torch_side.probe.functions import WIDTH, mask_of, packed_run, pooled
from tests.torch_side.probe.test_calls import batch_of, probed
from tests.torch_side.probe.test_judging import law_batch


class Convolution(nn.Module):
    def __init__(self, masked: bool = True) -> None:
        super().__init__()
        self.conv, self.pool, self.masked = nn.Conv1d(WIDTH, 5, 3, padding=1), nn.AdaptiveAvgPool1d(1), masked

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        x = x.masked_fill(~mask_of(x, n)[..., None], 0) if self.masked else x
        return self.pool(self.conv(x.transpose(1, 2)))[..., 0]


class Recurrent(nn.Module):
    def __init__(self, take: Any, sort: bool = False) -> None:
        super().__init__()
        self.rnn = nn.LSTM(WIDTH, 5, batch_first=True, bidirectional=True)
        self.take, self.sort = take, sort

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        if not self.sort:
            return self.take(self.rnn, x, n)
        n, order = n.sort(descending=True)
        return self.take(self.rnn, x[order], n)[order.argsort()]


class Whole(nn.Module):
    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.encoder, self.head = nn.Linear(WIDTH, WIDTH), encoder, nn.Linear(width, 3)

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        return self.head(self.encoder(self.embed(x), n))


def last_of_all(rnn: Any, x: Tensor, n: Tensor) -> Tensor:
    return packed_run(rnn, x, n)[0][:, -1]


CASES: dict[str, tuple[Any, int, str]] = {
    "a pool": (
        Convolution,
        5,
        "broken first by `encoder.pool` (AdaptiveAvgPool1d), input right, output wrong",
    ),
    "a convolution": (
        lambda: Convolution(masked=False),
        5,
        "broken first by `encoder.conv` (Conv1d), input right, output wrong",
    ),
    "an unpacked run": (
        lambda: Recurrent(lambda rnn, x, n: rnn(x)[1][0][0]),
        5,
        "broken first by `encoder.rnn` (LSTM), input right, output wrong",
    ),
    "the lines after a module": (
        lambda: Recurrent(last_of_all),
        10,
        "broken first by `encoder` (Recurrent), input right, output wrong",
    ),
    "the same, sorted": (
        lambda: Recurrent(last_of_all, sort=True),
        10,
        "broken first by `encoder` (Recurrent), input right, output wrong",
    ),
    "a view": (
        lambda: Recurrent(lambda rnn, x, n: packed_run(rnn, x, n)[1][0].view(len(n), -1)),
        10,
        "broken first by `encoder` (Recurrent), input right, output wrong",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("way", ["itself", "lambda"])
def test_it_is_named_as_it_is_in_the_model(case: str, way: str) -> None:
    make, width, expected = CASES[case]
    torch.manual_seed(0)
    model = Whole(make(), width)
    report = probed(model if way == "itself" else lambda x, n: model(x, n), law_batch())
    assert not report.ok
    assert report.broken == expected
    assert report.to_dict()["broken"] == expected
    assert expected in " ".join(str(report).split())


def test_lines_between_two_modules_are_told_by_both() -> None:
    class Between(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.head = nn.GRU(WIDTH, 5, batch_first=True), nn.Linear(5, 2)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            return self.head(packed_run(self.rnn, x, n)[0].mean(1))

    assert probed(Between(), law_batch()).broken == (
        "broken first before `head` (Linear): what it is given is wrong, though what `rnn` (GRU) returned was right"
    )


def test_lines_after_the_last_and_before_the_first_module_are_told_so() -> None:
    linear = nn.Linear(WIDTH, 3)
    assert probed(lambda x, n: linear(x).mean(1), law_batch()).broken.startswith(
        "broken first after the Linear, the last"
    )
    assert probed(lambda x, n: linear(x.mean(1)), law_batch()).broken.startswith("broken first before the Linear:")


def test_nothing_is_said_of_what_is_right_or_has_no_module() -> None:
    assert probed(lambda x, n: x.mean(1), law_batch()).broken == ""
    assert probed(Whole(Recurrent(lambda rnn, x, n: pooled(packed_run(rnn, x, n)[0], n)), 10), law_batch()).broken == ""


def test_hooks_are_gone() -> None:
    model = Whole(Convolution(), 5)
    probed(model, law_batch())
    assert not any(part._forward_hooks for part in model.modules())


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.conv, self.head = nn.Embedding(20, WIDTH), nn.Conv1d(WIDTH, 5, 3, padding=1), nn.Linear(5, 2)

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        return self.head(self.conv(self.embed(x).transpose(1, 2)).amax(2))


def test_padding_that_ids_read_is_looked_for_with_another_id_in_it() -> None:
    x = np.random.default_rng(0).integers(1, 20, (3, 6))
    x[np.arange(6) >= np.array([6, 3, 4])[:, None]] = 0
    report = probed(Words(), batch_of(x, (6, 3, 4)))
    assert [f.code for f in report.findings] == ["reads-padding"]
    assert report.broken == "broken first by `conv` (Conv1d), input right, output wrong"


def test_an_encoder_that_makes_nested_tensors_meanwhile_is_looked_through() -> None:
    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(WIDTH, 2, 8, batch_first=True), 2)
            self.head = nn.Linear(WIDTH, 2)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            return self.head(self.enc(x, src_key_padding_mask=~mask_of(x, n)).mean(1))

    report = probed(Encoder(), law_batch())
    assert [f.code for f in report.findings] == ["depends-on-company"]
    assert report.broken.startswith("broken first before `head` (Linear)")
