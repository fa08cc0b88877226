"""What a trace of a program's own module has beside its states: what torch returns for the same call."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import BatchError, Call, make_batch
from packviz.torch_side.stepping.trace import trace_module

X_LONGEST = {True: 0, False: 2}  # the row that is longest, with and without enforce_sorted
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


class Own(torch.nn.LSTM):
    """A subclass that a program has made."""


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "module",
    [
        torch.nn.LSTM(1, 3, 2, bidirectional=True, dropout=0.5, batch_first=True),
        torch.nn.LSTM(1, 4, 3, proj_size=2, bias=False),
        torch.nn.GRU(1, 3, 2, bidirectional=True, dtype=torch.float64),
        torch.nn.RNN(1, 3, 2, nonlinearity="relu", dtype=torch.bfloat16),
        Own(1, 3, 2),
    ],
    ids=lambda module: type(module).__name__,
)
@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_a_trace_of_a_module_has_what_torch_returns(
    module: torch.nn.RNNBase, training: bool, enforce_sorted: bool
) -> None:
    lengths = [4, 3, 2] if enforce_sorted else [3, 2, 4]
    batch = make_batch(X, lengths, Call(True, enforce_sorted))
    before = torch.get_rng_state()
    found = trace_module(module.train(training), batch)
    assert module.training == training
    assert torch.get_rng_state().equal(before)
    assert found.agrees, found
    x = torch.tensor(X)[..., None].to(module.weight_ih_l0.dtype)
    packed = pack_padded_sequence(x, torch.tensor(lengths), True, enforce_sorted)
    with torch.inference_mode():
        out, final = module.eval()(packed)
    assert (found.layers, found.directions) == (module.num_layers, 2 if module.bidirectional else 1)
    torch.testing.assert_close(found.output.data, out.data)
    for ours, theirs in zip(found.output[1:], out[1:], strict=True):
        assert (ours is None) == (theirs is None)
        assert ours is None or ours.equal(theirs)
    h_n, *c_n = final if isinstance(final, tuple) else (final,)
    torch.testing.assert_close(found.h_n, h_n)
    assert (found.c_n is None) == (not c_n)
    if c_n:
        torch.testing.assert_close(found.c_n, c_n[0])
    assert found.first("isnan(h)") is None
    assert found.first("isfinite(h)") == (0, 0, 0, 0)
    if found.directions == 2:
        assert found.first("direction == backward and isfinite(h)") == (3, X_LONGEST[enforce_sorted], 0, 1)
    with pytest.raises(BatchError, match=r"at character 4: here stands '>', but"):
        found.first("h >> 3")
    found.h_n.zero_()
    assert found.final["h_n"].any(), "what is handed out is a copy"
