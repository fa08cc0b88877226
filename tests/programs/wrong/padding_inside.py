"""Ids with a hole in a row, which was masked out with the padding's own id."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

ids = torch.tensor([[5, 7, 2, 9, 4], [3, 0, 0, 9, 4], [6, 6, 1, 0, 0]])
# finds below: padding-inside in row 1
packed = pack_padded_sequence(ids, torch.tensor([5, 5, 3]), batch_first=True)
print(packed.data.tolist())
