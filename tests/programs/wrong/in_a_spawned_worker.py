"""The worker of a DataLoader is a process of its own, which begins anew and knows nothing of the recording."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader


def collate(rows):
    lengths = torch.tensor([len(row) + (len(row) == 2) for row in rows])
    x = pad_sequence(rows, batch_first=True)
    # finds below: length-counts-padding in row 1
    return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


if __name__ == "__main__":
    torch.manual_seed(15)
    rows = [torch.rand(n, 2) + 0.1 for n in (5, 2, 3, 4)]
    for packed in DataLoader(rows, batch_size=4, collate_fn=collate, num_workers=1, multiprocessing_context="spawn"):
        print(packed.batch_sizes.tolist())
