"""Data that comes from NumPy is float64, the module is not."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

x = torch.from_numpy(np.random.default_rng(12).random((3, 4, 2)) + 0.1)
x[1:, 3:] = 0
packed = pack_padded_sequence(x, [4, 3, 3], batch_first=True)
print(packed.data.dtype)
# finds below: module-dtype
nn.RNN(2, 3, batch_first=True)(pack_padded_sequence(x, [4, 3, 3], batch_first=True))
