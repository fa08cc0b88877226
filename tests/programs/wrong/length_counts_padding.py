"""A training loop in which one batch of several has a length that is too large by two."""

import torch
from torch import nn, optim
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(1)
net, head = nn.GRU(3, 8, batch_first=True), nn.Linear(8, 1)
step = optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)


def batch(number):
    lengths = torch.randint(2, 7, (4,))
    lengths[0] = 6
    x = torch.randn(4, 6, 3) * (torch.arange(6)[:, None] < lengths[:, None, None])
    if number == 3:
        x[2, 3:] = 0
        lengths[2] = 5
    return x, lengths


for number in range(6):
    x, lengths = batch(number)
    # finds below: length-counts-padding in row 2
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, h_n = net(packed)
    loss = head(h_n[-1]).square().mean()
    step.zero_grad()
    loss.backward()
    step.step()
    print(number, f"{loss.item():.5f}")
