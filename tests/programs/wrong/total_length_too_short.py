"""total_length is the longest of another batch."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

x = torch.ones(2, 6, 1)
packed = pack_padded_sequence(x, [6, 6], batch_first=True)
print(packed.data.shape)
# finds below: total-length-too-short
out, lengths = pad_packed_sequence(packed, batch_first=True, total_length=4)
