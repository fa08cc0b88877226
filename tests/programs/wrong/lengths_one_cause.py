"""Lengths by counting what is not 0, where 0 is a value that the data has."""

import torch
from torch import nn
from torch.nn.utils import rnn

torch.manual_seed(2)
x = torch.tensor([[1.0, 5.0, 0.0, 4.0, 2.0], [3.0, 2.0, 7.0, 0.0, 0.0], [6.0, 1.0, 0.0, 0.0, 0.0]])
lengths = (x != 0).sum(1)
# finds below: lengths-one-cause in row 0
packed = rnn.pack_padded_sequence(x.unsqueeze(-1), lengths, batch_first=True)
out, (h_n, c_n) = nn.LSTM(1, 4)(packed)
print(h_n.shape, packed.batch_sizes.tolist())
