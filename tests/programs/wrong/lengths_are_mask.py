"""The mask is passed where the lengths belong: a row of ones is read as lengths of 1."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

x = torch.rand(4, 4, 2, generator=torch.Generator().manual_seed(5)) + 0.1
mask = torch.tensor([True, True, True, True])
# finds below: lengths-are-mask
packed = pack_padded_sequence(x, mask, batch_first=True)
print(packed.batch_sizes.tolist())
