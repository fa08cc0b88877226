"""Small programs that pack and train, for the tests of what is seen of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FEATURES, HIDDEN = 3, 4


class Model(nn.Module):
    """Packs, runs, unpacks, and takes the last output of each row."""

    def __init__(self, kind: str = "LSTM", **options: Any) -> None:
        super().__init__()
        self.rnn = getattr(nn, kind)(FEATURES, HIDDEN, batch_first=True, **options)
        self.head = nn.Linear(HIDDEN * (2 if options.get("bidirectional") else 1), 2)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, counts = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.head(out[torch.arange(len(out)), counts - 1])


def batch(seed: int = 0, rows: int = 5, steps: int = 7) -> tuple[Tensor, Tensor]:
    """A right one: x, (B, T, F), padded with 0, and its lengths."""
    random = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, steps + 1, (rows,), generator=random)
    x = torch.rand((rows, steps, FEATURES), generator=random) + 0.5
    return x * (torch.arange(steps) < lengths[:, None])[..., None], lengths


def wrong() -> None:
    """Packs a batch of 5 rows of which row 1 counts a padding cell."""
    x, lengths = batch()
    x[1, lengths[1] - 1] = 0
    pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


def trained(steps: int = 3, **options: Any) -> tuple[list[Tensor], list[Tensor]]:
    """What some steps of training return, and the gradients of the last one."""
    torch.manual_seed(0)
    model = Model(dropout=0.3, num_layers=2, **options)
    optimiser = torch.optim.Adam(model.parameters())
    outputs = []
    for step in range(steps):
        optimiser.zero_grad()
        output = model(*batch(step))
        output.square().sum().backward()
        optimiser.step()
        outputs.append(output.detach().clone())
    return outputs, [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]


def sequences(*lengths: int) -> list[Tensor]:
    """1-D sequences of these lengths."""
    return [torch.arange(1.0, n + 1) for n in lengths]
