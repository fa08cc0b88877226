"""Relative lengths with a division by zero in them."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

part, whole = torch.tensor([4.0, 0.0, 2.0]), torch.tensor([1.0, 0.0, 1.0])
x = torch.ones(3, 4, 2)
x[2, 2:] = 0
print((part / whole).tolist())
# finds below: length-not-finite in row 1
pack_padded_sequence(x, part / whole, batch_first=True, enforce_sorted=False)
