"""Lengths that were pooled by a factor, and not rounded."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

frames = torch.tensor([10, 7, 5])
x = torch.rand(3, 5, 2, generator=torch.Generator().manual_seed(4)) + 0.1
lengths = frames / 2
for row, n in enumerate(lengths.ceil().int()):
    x[row, n:] = 0
# finds below: lengths-fractional in rows 1, 2
# finds below: length-cuts-data in rows 1, 2
packed = pack_padded_sequence(x, lengths, batch_first=True)
print(packed.batch_sizes.tolist())
