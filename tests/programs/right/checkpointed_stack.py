"""Time first and sorted by hand, packed twice, with activation checkpointing, in several threads."""

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence
from torch.utils.checkpoint import checkpoint

torch.manual_seed(11)
lower, upper = nn.LSTM(5, 6), nn.RNN(6, 4)


def encode(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    order = lengths.argsort(descending=True)
    packed = pack_padded_sequence(x[:, order], lengths[order])
    hidden, counts = pad_packed_sequence(lower(packed)[0])
    hidden = torch.tanh(nn.functional.layer_norm(hidden, (6,)))
    again = pack_padded_sequence(hidden, counts)
    return upper(again)[1][0][order.argsort()]


def step(seed: int) -> float:
    random = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 10, (8,), generator=random)
    x = torch.randn(10, 8, 5, generator=random) * (torch.arange(10)[:, None] < lengths)[..., None]
    ends = checkpoint(encode, x.requires_grad_(), lengths, use_reentrant=False)
    ends.square().sum().backward()
    return float(x.grad.abs().sum())


with ThreadPoolExecutor(3) as pool:
    print(all(total > 0 for total in pool.map(step, range(12))))
rows = pack_sequence([torch.randn(n, 5) for n in (4, 2, 2)])
noisy = PackedSequence(rows.data + torch.randn_like(rows.data), *rows[1:])
print(lower(noisy)[0].data.shape)
