"""A batch that is packed in a thread, in a function of a class, through names that were bound before."""

import threading

import torch
from torch.nn.utils.rnn import pack_padded_sequence as pack

found = []


class Loader(threading.Thread):
    def run(self):
        x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).unsqueeze(-1)
        x[1, 1:] = 0
        # finds below: length-counts-padding in row 1
        found.append(pack(x, [3, 2], batch_first=True))


loader = Loader()
loader.start()
loader.join()
print(found[0].batch_sizes.tolist())
