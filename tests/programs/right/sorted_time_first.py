"""Sorted rows, time first, a GRU with an initial state, and unpacking to a fixed number of steps."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(1)
lengths = torch.tensor([9, 7, 7, 3, 1])
x = torch.rand(12, 5, 3) + 0.1
for row, n in enumerate(lengths):
    x[n:, row] = 0
gru = nn.GRU(3, 4, num_layers=2)
out, h_n = gru(pack_padded_sequence(x, lengths), torch.zeros(2, 5, 4))
padded, back = pad_packed_sequence(out, total_length=12)
print(padded.shape, back.tolist(), h_n.shape)
