"""A bidirectional, stacked LSTM over packed batches of many lengths, trained for some steps."""

import torch
from torch import nn, optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(0)
lstm = nn.LSTM(4, 6, num_layers=2, bidirectional=True, batch_first=True, dropout=0.1)
head = nn.Linear(12, 3)
step = optim.Adam([*lstm.parameters(), *head.parameters()])
for number in range(5):
    rows = [torch.randn(n, 4) for n in torch.randint(1, 12, (8,)).tolist()]
    lengths = torch.tensor([len(row) for row in rows])
    x = pad_sequence(rows, batch_first=True)
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    states, (h_n, c_n) = lstm(packed)
    states, back = pad_packed_sequence(states, batch_first=True, total_length=x.shape[1])
    mask = torch.arange(x.shape[1])[None] < back[:, None]
    loss = head(states)[mask].square().mean()
    step.zero_grad()
    loss.backward()
    step.step()
    print(number, f"{loss.item():.6f}", bool((back == lengths).all()))
