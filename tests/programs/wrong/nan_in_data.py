"""A division by a deviation of 0 makes a row NaN in the middle of training."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(9)
lstm = nn.LSTM(2, 4, batch_first=True)
for number in range(4):
    x = torch.rand(3, 5, 2)
    if number == 2:
        x[1] = 0.25
    lengths = torch.tensor([5, 4, 3])
    x = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)
    for row, n in enumerate(lengths):
        x[row, n:] = 0
    # finds below: nan-in-data in row 1
    packed = pack_padded_sequence(x, lengths, batch_first=True)
    _, (h_n, _) = lstm(packed)
    print(number, bool(h_n.isnan().any()))
