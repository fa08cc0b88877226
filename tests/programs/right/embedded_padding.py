"""Padding is embedded like any id, without padding_idx, and packed away; sorting and dropout on the way."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(7)
texts = [[3, 1, 4, 1, 5], [1], [5, 9], [2, 6, 5, 3, 5, 8], [9, 7, 9], [3, 2, 3, 8, 4, 6, 2]]
longest = max(map(len, texts))
ids = torch.tensor([text + [0] * (longest - len(text)) for text in texts])
lengths = torch.tensor([len(text) for text in texts])
embedded = nn.Dropout(0.2)(nn.Embedding(10, 4)(ids))
out, _ = nn.GRU(4, 3, batch_first=True)(pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False))
print(pad_packed_sequence(out, batch_first=True)[0].shape)
lengths, order = lengths.sort(descending=True)
projected = nn.Linear(4, 2)(nn.Embedding(10, 4)(ids[order]))
out, _ = nn.LSTM(2, 3, batch_first=True)(pack_padded_sequence(projected, lengths, batch_first=True))
print(pad_packed_sequence(out, batch_first=True)[0][order.argsort()].shape)
