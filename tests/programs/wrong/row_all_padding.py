"""A row without any data is given the length 1 so that packing accepts it."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

x = torch.rand(3, 4, 2, generator=torch.Generator().manual_seed(8)) + 0.1
x[1] = 0
x[2, 3:] = 0
lengths = torch.tensor([4, 0, 3]).clamp(min=1)
# finds below: row-all-padding in row 1
packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
print(packed.batch_sizes.tolist())
