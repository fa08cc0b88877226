"""A PackedSequence that is made by hand, from lengths in the place of batch_sizes."""

import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

data = torch.arange(6.0).reshape(6, 1)
packed = PackedSequence(data, torch.tensor([2, 3, 1]))
print(packed.batch_sizes.tolist())
# finds below: packed-inconsistent
pad_packed_sequence(packed)
