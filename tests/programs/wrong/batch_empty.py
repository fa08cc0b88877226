"""The last batch of a filter that has let nothing through."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

rows = torch.ones(5, 4, 2)
kept = rows[rows.sum((1, 2)) > 100]
print(kept.shape)
# finds below: batch-empty
pack_padded_sequence(kept, torch.full((len(kept),), 4), batch_first=True)
