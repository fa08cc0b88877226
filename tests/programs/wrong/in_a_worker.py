"""A collate function that runs in a worker of a DataLoader, and packs with a length that is too small."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader


def collate(rows):
    lengths = torch.tensor([len(row) for row in rows])
    x = pad_sequence(rows, batch_first=True)
    lengths[lengths == 4] = 3
    # finds below: length-cuts-data in row 1
    return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


if __name__ == "__main__":
    torch.manual_seed(14)
    rows = [torch.rand(n, 2) + 0.1 for n in (5, 4, 3, 5, 2, 3)]
    gru = nn.GRU(2, 3)
    for packed in DataLoader(rows, batch_size=3, collate_fn=collate, num_workers=1):
        print(packed.batch_sizes.tolist(), gru(packed)[1].shape)
