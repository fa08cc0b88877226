"""The lengths of a last batch that is smaller: the rows that have none are dropped without a word."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

x = torch.rand(4, 5, 2, generator=torch.Generator().manual_seed(3)) + 0.5
lengths = torch.tensor([5, 5])
# finds below: lengths-count in rows 2, 3
packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
out, back = pad_packed_sequence(packed, batch_first=True)
print(out.shape, back.tolist())
