"""Models that are wrapped to run on several devices or processes compute the same, and their calls are noted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DataParallel, DistributedDataParallel

from tests.torch_side.recording.programs import Model, batch
from tests.torch_side.recording.test_untouched import both, same


@pytest.fixture
def group(tmp_path: Path) -> Iterator[None]:
    """A group of one process."""
    if not distributed.is_available():
        pytest.skip("this torch has no torch.distributed")
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/group", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def steps(wrap: type[nn.Module]) -> list[Tensor]:
    """Losses and gradients of three steps of a wrapped model."""
    torch.manual_seed(0)
    model = Model()
    wrapped = wrap(model)
    optimiser = torch.optim.SGD(wrapped.parameters(), lr=0.1)
    found = []
    for _ in range(3):
        loss = wrapped(*batch()).square().mean()
        optimiser.zero_grad()
        loss.backward()
        found += [loss.detach(), *(part.grad.clone() for part in model.parameters() if part.grad is not None)]
        optimiser.step()
    return found


def test_a_model_in_data_parallel_computes_the_same(tmp_path: Path) -> None:
    plain, recorded, found = both(tmp_path, lambda: steps(DataParallel))
    assert same(plain, recorded)
    assert {call.call for call in found.calls} >= {"pack_padded_sequence", "nn.LSTM"}
    assert not found.unseen


@pytest.mark.usefixtures("group")
def test_a_model_in_distributed_data_parallel_computes_the_same(tmp_path: Path) -> None:
    plain, recorded, found = both(tmp_path, lambda: steps(DistributedDataParallel))
    assert same(plain, recorded)
    assert {call.call for call in found.calls} >= {"pack_padded_sequence", "nn.LSTM"}
    assert not found.unseen
