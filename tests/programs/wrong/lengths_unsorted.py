"""The lengths are in the order of the data, and the call says that they fall. The program catches it and goes on."""

import torch
import torch.nn.utils.rnn as rnn_utils

x = torch.arange(1.0, 13.0).reshape(3, 4, 1)
x[0, 2:] = 0
lengths = torch.tensor([2, 4, 4])
try:
    # finds below: lengths-unsorted
    packed = rnn_utils.pack_padded_sequence(x, lengths, batch_first=True)
except RuntimeError as error:
    print("again:", str(error)[:30])
    packed = rnn_utils.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
print(packed.batch_sizes.tolist())
