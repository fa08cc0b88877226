"""Recurrent modules without any packing: batches of one length, a sequence without a batch, cells, attention."""

import torch
from torch import nn

torch.manual_seed(2)
x = torch.randn(6, 10, 3)
out, _ = nn.LSTM(3, 5, batch_first=True)(x)
print(out.shape, nn.RNN(3, 5)(torch.randn(7, 3))[0].shape)
cell, h = nn.GRUCell(3, 5), None
for t in range(10):
    h = cell(x[:, t], h)
print(h.shape, nn.MultiheadAttention(3, 1, batch_first=True)(x, x, x)[0].shape)
