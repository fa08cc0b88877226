"""bfloat16 by autocast, projected and normalised padding, a GRU whose outputs are unpacked to a total length."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(3)
project = nn.Sequential(nn.Linear(10, 16), nn.LayerNorm(16), nn.GELU(), nn.Dropout(0.1))
rnn, head = nn.GRU(16, 8, batch_first=True, bidirectional=True), nn.Linear(16, 1)
optimiser = torch.optim.SGD([*project.parameters(), *rnn.parameters(), *head.parameters()], lr=0.1)
for _ in range(12):
    lengths = torch.randint(2, 12, (6,))
    mask = torch.arange(14) < lengths[:, None]
    x = torch.randn(6, 14, 10) * mask[..., None]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        packed = pack_padded_sequence(project(x), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(rnn(packed)[0], batch_first=True, total_length=14)
        scores = head(hidden).squeeze(-1).float().masked_fill(~mask, -1e9).softmax(dim=1)
        loss = (scores * x[..., 0]).sum()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
print(tuple(hidden.shape), hidden.dtype, bool(scores[~mask].sum() == 0))
