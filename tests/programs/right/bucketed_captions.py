"""Batches sorted by length, an embedding without padding_idx, dropout, teacher forcing, a loss over packed targets."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.manual_seed(5)
texts = [torch.randint(4, 40, (int(n),)) for n in torch.randint(4, 12, (60,))]
texts.sort(key=len)
words, drop, rnn, out = nn.Embedding(40, 24), nn.Dropout(0.5), nn.LSTM(24, 16, batch_first=True), nn.Linear(16, 40)
optimiser = torch.optim.Adam([*words.parameters(), *rnn.parameters(), *out.parameters()])
for pad in (0, 1, 3):  # the number that stands for no word, of one tokeniser and another
    losses = []
    for first in range(0, len(texts), 7):
        bucket = sorted(texts[first : first + 7], key=len, reverse=True)
        ids = pad_sequence(bucket, batch_first=True, padding_value=pad)
        lengths = [len(text) - 1 for text in bucket]
        given, wanted = ids[:, :-1], ids[:, 1:]
        packed = pack_padded_sequence(drop(words(given)), lengths, batch_first=True)
        targets = pack_padded_sequence(wanted, lengths, batch_first=True)
        loss = nn.functional.cross_entropy(out(rnn(packed)[0].data), targets.data)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    print(pad, len(losses), losses[-1] > 0)
