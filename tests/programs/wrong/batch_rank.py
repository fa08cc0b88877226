"""One sequence without a batch around it."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

sequence = torch.arange(5.0)
print(sequence.shape)
# finds below: batch-rank
pack_padded_sequence(sequence, torch.tensor([5]), batch_first=True)
