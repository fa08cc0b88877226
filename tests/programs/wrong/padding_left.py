"""Rows that are padded on the left, as for generation, and packed from the start."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(7)
ids = torch.tensor([[0, 0, 5, 7, 2], [3, 8, 1, 9, 4], [0, 0, 0, 6, 6]])
lengths = (ids != 0).sum(1)
embedded = nn.Embedding(10, 3, padding_idx=0)(ids)
# finds below: padding-left in rows 0, 2
packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
print(nn.RNN(3, 2)(packed)[1].shape)
