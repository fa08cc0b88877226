"""An encoder over features with positions and a convolution, and a decoder that runs a step at a time."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(4)
conv, encoder, decoder = nn.Conv1d(6, 12, 3, padding=1), nn.GRU(12, 8, batch_first=True), nn.GRU(4, 8, batch_first=True)
positions = torch.randn(20, 6)
for rows, least in ((6, 3), (5, 9), (1, 7), (4, 10)):
    lengths = torch.randint(least, 11, (rows,))
    steps = int(lengths.max())
    x = torch.randn(rows, steps, 6) * (torch.arange(steps) < lengths[:, None])[..., None] + positions[:steps]
    seen = torch.relu(conv(x.transpose(1, 2))).transpose(1, 2)
    packed = pack_padded_sequence(seen, lengths.tolist(), batch_first=True, enforce_sorted=False)
    out, state = encoder(packed)
    memory, counts = pad_packed_sequence(out, batch_first=True, padding_value=float("-inf"))
    token, told = torch.zeros(rows, 1, 4), []
    for _ in range(5):
        token, state = decoder(token, state)
        token = token[..., :4]
        told.append(token)
    print(tuple(torch.cat(told, 1).shape), memory.max(1).values.isfinite().all().item(), counts.equal(lengths))
