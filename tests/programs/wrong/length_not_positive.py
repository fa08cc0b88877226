"""A row that is empty after filtering."""

from torch import nn, tensor
from torch.nn.utils.rnn import pack_padded_sequence

texts = [[3, 1, 4], [], [5, 9]]
longest = max(map(len, texts))
ids = tensor([text + [0] * (longest - len(text)) for text in texts])
lengths = [len(text) for text in texts]
print(lengths)
# finds below: length-not-positive in row 1
pack_padded_sequence(nn.Embedding(10, 4, padding_idx=0)(ids), lengths, batch_first=True, enforce_sorted=False)
