"""Correct batches of many sizes, types and options, with odd but right ones among them."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(5)
chance = torch.Generator().manual_seed(5)
for number in range(60):
    rows, steps, features = (int(n) for n in torch.randint(1, 9, (3,), generator=chance))
    lengths = torch.randint(1, steps + 1, (rows,), generator=chance)
    lengths[int(torch.randint(0, rows, (1,), generator=chance))] = steps
    fill = (0.0, -1.0, 7.0)[number % 3]
    x = torch.randn(rows, steps, features, dtype=(torch.float32, torch.float64)[number % 2])
    x[torch.arange(steps)[None] >= lengths[:, None]] = fill
    first = number % 4 > 1
    lengths = lengths.tolist() if number % 5 else lengths.to(torch.int32)
    packed = pack_padded_sequence(x if first else x.transpose(0, 1), lengths, first, enforce_sorted=False)
    module = (nn.LSTM, nn.GRU, nn.RNN)[number % 3](features, 3, dtype=x.dtype, bidirectional=number % 7 == 0)
    out, _ = module(packed)
    padded, _ = pad_packed_sequence(out, batch_first=first, padding_value=fill)
    print(number, tuple(padded.shape))
