"""Ids are unpacked with a padding value that their type can't hold."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

ids = torch.tensor([[5, 7, 2], [3, 9, 0]], dtype=torch.uint8)
packed = pack_padded_sequence(ids, [3, 2], batch_first=True)
print(packed.data.tolist())
# finds below: padding-value-too-large
pad_packed_sequence(packed, batch_first=True, padding_value=70000)
