"""Running statistics over all cells and over valid cells."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from packviz.core.probing import ProbeReport
from tests.torch_side.probe.functions import SHORT, made, mask_of
from tests.torch_side.probe.test_calls import probed
from tests.torch_side.probe.test_judging import law_batch


def codes(report: ProbeReport) -> list[str]:
    return [finding.code for finding in report.findings]


def cells_of(norm: Any, x: Tensor, n: Tensor) -> Tensor:
    inside, out = mask_of(x, n), x.clone()
    out[inside] = norm(x[inside])
    return out


WRONG: dict[str, Any] = {
    "channels first": lambda norm: lambda x, n: norm(x.transpose(1, 2)).transpose(1, 2),
    "flattened": lambda norm: lambda x, n: norm(x.reshape(-1, 4)).reshape(x.shape),
    "time first, flattened": lambda norm: lambda x, n: norm(x.transpose(0, 1).reshape(-1, 4)).reshape(-1, len(x), 4),
    "twice": lambda norm: lambda x, n: norm(norm(x.transpose(1, 2))).transpose(1, 2),
}
NORMS: dict[str, Any] = {
    "usual": lambda: nn.BatchNorm1d(4),
    "without weights": lambda: nn.BatchNorm1d(4, affine=False),
    "cumulative": lambda: nn.BatchNorm1d(4, momentum=None),
}


@pytest.mark.parametrize("way", WRONG)
@pytest.mark.parametrize("kind", NORMS)
def test_padding_in_statistics_is_found_in_any_layout(kind: str, way: str) -> None:
    norm = NORMS[kind]()
    report = probed(WRONG[way](norm), law_batch())
    assert codes(report) == ["statistics-over-padding"]
    assert list(report.findings[0].rows) == SHORT
    assert "running_mean" in report.findings[0].detail
    assert not report.ok
    assert norm.training
    assert not norm.running_mean.any()
    assert norm.num_batches_tracked == 0


@pytest.mark.parametrize("kind", NORMS)
def test_statistics_over_valid_cells_or_states_and_none_at_all_are_right(kind: str) -> None:
    norm = NORMS[kind]()
    assert codes(probed(lambda x, n: cells_of(norm, x, n), law_batch())) == []
    assert codes(probed(lambda x, n: norm(x[:, 0]), law_batch())) == []
    untracked = nn.BatchNorm1d(4, track_running_stats=False)
    assert untracked.running_mean is None


def test_a_module_that_is_named_in_the_model_is_named() -> None:
    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norms = nn.ModuleList([made(nn.BatchNorm1d, 4)])

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            return self.norms[0](x.transpose(1, 2))

    [finding] = probed(Encoder(), law_batch()).findings
    assert finding.detail.startswith("In training mode `norms.0` (BatchNorm1d) takes padding")


def test_a_masked_norm_with_the_mask_beside_it_is_right() -> None:
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.zeros(4))

        def forward(self, x: Tensor, inside: Tensor) -> Tensor:
            if self.training:
                self.mean.lerp_(x[inside].mean(0), 0.1)
            return x - self.mean

    norm = Masked()
    assert codes(probed(lambda x, n: norm(x, mask_of(x, n)), law_batch())) == []


def test_what_is_given_other_things_alone_is_said_not_to_be_tested() -> None:
    norm = nn.BatchNorm1d(4)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        for _ in range(len(x)):
            out = norm(x.transpose(1, 2))
        return out

    report = probed(fn, law_batch())
    assert codes(report) == []
    assert any("the running statistics of the BatchNorm1d" in note for note in report.notes)


def test_a_norm_that_raises_in_training_mode_is_said_not_to_be_tested() -> None:
    class Synchronised(nn.BatchNorm1d):
        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                raise RuntimeError("no process group")
            return super().forward(x)

    norm = Synchronised(4)
    report = probed(lambda x, n: norm(x.transpose(1, 2)), law_batch())
    assert codes(report) == []
    assert any("the Synchronised" in note and "no process group" in note for note in report.notes)
    assert norm.training
