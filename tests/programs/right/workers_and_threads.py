"""Batches that are packed in the workers of a DataLoader, and in threads."""

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader


def collate(rows):
    lengths = [len(row) for row in rows]
    return pack_padded_sequence(pad_sequence(rows, batch_first=True), lengths, batch_first=True, enforce_sorted=False)


if __name__ == "__main__":
    torch.manual_seed(4)
    rows = [torch.randn(n, 3) for n in (3, 5, 2, 4, 4, 1, 6, 2)]
    gru = nn.GRU(3, 2)
    sizes = []
    for packed in DataLoader(rows, batch_size=4, collate_fn=collate, num_workers=2):
        sizes.append(packed.batch_sizes.tolist())
        gru(packed)
    print(sizes)
    with ThreadPoolExecutor(2) as pool:
        print([len(packed.data) for packed in pool.map(collate, [rows[:3], rows[3:]])])
