"""Embedded ids of texts, padded with 0 behind their lengths."""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

torch.manual_seed(3)
texts = [[4, 2, 9], [7], [1, 1, 5, 3, 8], [6, 6]]
longest = max(map(len, texts))
ids = torch.tensor([text + [0] * (longest - len(text)) for text in texts])
packed = pack_padded_sequence(ids, [len(text) for text in texts], batch_first=True, enforce_sorted=False)
embed = nn.Embedding(10, 6, padding_idx=0)
embedded = PackedSequence(embed(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
out, _ = nn.LSTM(6, 4)(embedded)
padded, lengths = pad_packed_sequence(out, batch_first=True)
print(padded.shape, lengths.tolist())
again = pack_sequence([torch.tensor(text) for text in texts], enforce_sorted=False)
print(torch.equal(again.data, packed.data))
