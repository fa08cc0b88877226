"""Scores in half precision are unpacked with the -1e9 that a softmax wants, which half precision can't hold."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

scores = torch.tensor([[5.0, 7.0, 2.0], [3.0, 9.0, 0.0]])
packed = pack_padded_sequence(scores, [3, 2], batch_first=True).half()
print(packed.data.tolist())
# finds below: padding-value-too-large
pad_packed_sequence(packed, batch_first=True, padding_value=-1e9)
