"""Half of x and more is padding, as many rows as steps, and NaN beyond the lengths: worth a note, and not wrong."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(6)
x = torch.randn(4, 16, 2)
lengths = torch.tensor([9, 2, 1, 1])
x[torch.arange(16)[None] >= lengths[:, None]] = float("nan")
out, h_n = nn.GRU(2, 3, bidirectional=True, batch_first=True)(pack_padded_sequence(x, lengths, batch_first=True))
print(pad_packed_sequence(out, batch_first=True)[0].shape, bool(h_n.isfinite().all()))
