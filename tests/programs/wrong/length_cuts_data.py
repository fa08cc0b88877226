"""A length of one row that was typed wrongly, in a table of lengths."""

import torch
from torch import nn
from torch.nn.utils import rnn

torch.manual_seed(2)
table = {"first": 5, "second": 2, "third": 2, "fourth": 3}
x = rnn.pad_sequence([torch.rand(n, 1) + 0.1 for n in (5, 4, 2, 3)], batch_first=True)
# finds below: length-cuts-data in row 1
packed = rnn.pack_padded_sequence(x, list(table.values()), batch_first=True, enforce_sorted=False)
out, (h_n, c_n) = nn.LSTM(1, 4)(packed)
print(h_n.shape, packed.batch_sizes.tolist())
