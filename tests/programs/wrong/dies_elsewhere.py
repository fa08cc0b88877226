"""A program that dies of something else, after a batch was wrong: the exit code and the traceback are its own."""

import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

# finds below: nan-in-data in row 0
packed = pack_sequence([torch.tensor([1.0, 2.0, float("nan")]), torch.tensor([3.0])])
out, lengths = pad_packed_sequence(packed, batch_first=True)
print(out.shape)
raise SystemExit(out.shape[0] + 5)
