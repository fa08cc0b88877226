"""Features were added to the data, and not to the module."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

x = torch.rand(3, 4, 5, generator=torch.Generator().manual_seed(11)) + 0.1
packed = pack_padded_sequence(x, [4, 4, 4], batch_first=True)
print(packed.data.shape)
# finds below: module-input-size
nn.GRU(4, 8)(packed)
