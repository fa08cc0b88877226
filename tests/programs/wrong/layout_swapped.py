"""batch_first is forgotten, and the sizes happen to allow it."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(6)


def collate(rows):
    lengths = torch.tensor([len(row) for row in rows])
    padded = torch.zeros(len(rows), 7, 2)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded, lengths


rows = [torch.rand(n, 2) + 0.1 for n in (7, 3, 5, 2, 6)]
x, lengths = collate(rows)
# finds below: layout-swapped
# finds below: length-exceeds-time in rows 0, 4
# finds below: lengths-count
packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
print(packed.batch_sizes.tolist())
