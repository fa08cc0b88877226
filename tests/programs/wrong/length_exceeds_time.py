"""A tagger whose lengths count the end mark that x does not have: it dies in the LSTM, which names no length."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(0)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, 16, batch_first=True)
        self.out = nn.Linear(16, 5)

    def forward(self, ids, lengths):
        # finds below: length-exceeds-time in row 1
        packed = pack_padded_sequence(self.embed(ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = self.lstm(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)
        return self.out(states)


ids = torch.tensor([[4, 9, 2, 0, 0], [3, 8, 8, 1, 5], [7, 1, 0, 0, 0]])
lengths = torch.tensor([3, 6, 2])
print("tagging", tuple(ids.shape))
print(Tagger()(ids, lengths).shape)
