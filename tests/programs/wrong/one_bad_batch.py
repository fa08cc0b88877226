"""Trains on 200 batches of which in one a row ends too early: the program of the recording in the README."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

BATCHES, BAD = 200, 141


def loaded(number: int) -> tuple[Tensor, Tensor]:
    """x (4, T, 8) and its lengths; of the bad one row 2 ends too early. Rows grow longer with the time."""
    lengths = torch.randint(3, 8 + number // 40, (4,)).sort(descending=True).values
    x = pad_sequence([torch.randn(int(length), 8) for length in lengths], batch_first=True)
    if number == BAD:
        lengths[2] = 3
    return x, lengths


def train() -> None:
    """One epoch."""
    torch.manual_seed(0)
    model = nn.GRU(8, 3, batch_first=True)
    optimiser = torch.optim.SGD(model.parameters(), 0.01)
    for number in range(BATCHES):
        x, lengths = loaded(number)
        # finds below: length-cuts-data in row 2
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(model(packed)[0], batch_first=True)
        optimiser.zero_grad()
        out.square().mean().backward()
        optimiser.step()


if __name__ == "__main__":
    train()
