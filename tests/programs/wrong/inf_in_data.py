"""log(0) in a spectrogram that is packed."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

power = torch.rand(2, 4, 3, generator=torch.Generator().manual_seed(10)) + 0.1
power[0, 2, 1] = 0
mel = power.log()
mel[1, 3:] = 0
# finds below: inf-in-data in row 0
packed = pack_padded_sequence(mel, torch.tensor([4, 3]), batch_first=True)
print(bool(packed.data.isfinite().all()))
