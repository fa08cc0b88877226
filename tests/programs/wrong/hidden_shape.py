"""The state of the batch before goes into a last batch of fewer rows."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(13)
gru, h = nn.GRU(2, 3, batch_first=True), None
for rows in (4, 4, 2):
    x = torch.rand(rows, 5, 2) + 0.1
    packed = pack_padded_sequence(x, [5] * rows, batch_first=True)
    # finds below: hidden-shape
    _, h = gru(packed, h)
    h = h.detach()
    print(rows, tuple(h.shape))
