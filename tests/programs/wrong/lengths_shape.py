"""Lengths as a column, as a data frame gives them."""

import sys

import torch
from torch.nn.utils.rnn import pack_padded_sequence

x = torch.ones(3, 4, 2)
lengths = torch.tensor([[4], [4], [4]])
try:
    # finds below: lengths-shape
    pack_padded_sequence(x, lengths, batch_first=True)
except RuntimeError as error:
    sys.exit(f"packing failed: {str(error)[:20]}")
