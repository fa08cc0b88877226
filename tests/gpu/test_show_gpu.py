"""What is shown of a batch and a module that lie on a GPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from packviz.core.batch import Call
from packviz.core.noted import Site
from packviz.files.handed import batch_of
from packviz.showing.shown import entry_of, shown_bytes
from packviz.torch_side.taken import taken

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"),
]


def test_a_batch_and_a_module_on_a_gpu_are_copied_bit_for_bit() -> None:
    torch.manual_seed(0)
    x, lstm = torch.randn(2, 4, 3, device="cuda", requires_grad=True), torch.nn.LSTM(3, 5, 2).cuda()
    hx = (torch.randn(2, 2, 5, device="cuda"), torch.randn(2, 2, 5, device="cuda"))
    batch = batch_of(x, torch.tensor([4, 2]), Call(True, False))
    entry = entry_of(shown_bytes(batch, Site("train.py", 3), taken(lstm, hx)))
    assert entry.batch.x.tobytes() == x.detach().cpu().numpy().tobytes()
    assert entry.module is not None
    assert entry.module.stored is not None
    assert entry.module.device == "cpu"
    for name, value in lstm.state_dict().items():
        np.testing.assert_array_equal(entry.module.stored.arrays[name], value.cpu().numpy())
    for ours, theirs in zip(entry.module.stored.states, hx, strict=True):
        np.testing.assert_array_equal(ours, theirs.cpu().numpy())
