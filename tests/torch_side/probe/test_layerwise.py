"""A module run layer by layer is the module itself, and what changes in a layer is seen in the right row and step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.module import Module
from packviz.torch_side.probe.layers import layers_of
from packviz.torch_side.probe.layerwise import PIECE, Subject, alike, both, compared, data_of, through

LENGTHS = [4, 2, 3]


def subject_of(both_ways: bool = False, hx: Any = None, batch_first: bool = True) -> Subject:
    torch.manual_seed(0)
    module = nn.LSTM(2, 3, 2, bidirectional=both_ways, batch_first=batch_first).eval()
    x = torch.randn(3, 5, 2)
    batch = make_batch(x.numpy() if batch_first else x.transpose(0, 1).numpy(), LENGTHS, Call(batch_first, False))
    within = torch.arange(5) < torch.tensor(LENGTHS)[:, None]
    x, within = (x, within) if batch_first else (x.transpose(0, 1), within.T)
    layers = layers_of(module, batch_first)
    return Subject(module, Module(), layers, batch, x, ~within, within, hx, torch.device("cpu"))


def packed_of(subject: Subject, x: torch.Tensor) -> Any:
    return pack_padded_sequence(x, torch.tensor(LENGTHS), subject.batch.call.batch_first, enforce_sorted=False)


@pytest.mark.parametrize("both_ways", [False, True])
def test_layer_by_layer_it_gives_what_the_module_gives(both_ways: bool) -> None:
    directions = 2 if both_ways else 1
    hx = tuple(torch.randn(2 * directions, 3, 3) for _ in range(2))
    for given in (None, hx):
        subject = subject_of(both_ways, given)
        packed = packed_of(subject, subject.x)
        with torch.no_grad():
            out, (h_n, c_n) = subject.module(packed, subject.state())
            found = list(through(subject, packed, UNWATCHED))
        assert alike(data_of(found[-1].out), data_of(out), UNWATCHED)
        torch.testing.assert_close(torch.cat([layer.final[0] for layer in found]), h_n)
        torch.testing.assert_close(torch.cat([layer.final[1] for layer in found]), c_n)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_a_change_is_seen_in_its_row_from_its_step_on(packed: bool, batch_first: bool) -> None:
    subject = subject_of(batch_first=batch_first)
    x = subject.x.clone()
    x[(0, 2) if batch_first else (2, 0)] = torch.nan

    def run(x: torch.Tensor) -> Any:
        return through(subject, packed_of(subject, x) if packed else x, UNWATCHED)

    with torch.no_grad():
        reads = compared("NaN", subject, run(x), list(run(subject.x)), UNWATCHED)
    assert reads.out.tolist() == [[[True, False, False]]] * 2
    assert reads.first.tolist() == [[[2, -1, -1]]] * 2
    assert set(reads.final) == {"h_n", "c_n"}
    assert reads.final["h_n"].tolist() == [[[True, False, False]]] * 2


def test_what_either_sign_changes_counts() -> None:
    subject = subject_of()
    found = []
    for row in (0, 2):
        x = subject.x.clone()
        x[row, 1] = 100.0
        with torch.no_grad():
            old = list(through(subject, packed_of(subject, subject.x), UNWATCHED))
            found.append(compared("±", subject, through(subject, packed_of(subject, x), UNWATCHED), old, UNWATCHED))
    assert both("±", found).out[0, 0].tolist() == [True, False, True]
    assert both("±", found[:1]) is found[0]


def test_other_shapes_are_not_alike_and_large_ones_can_be_given_up() -> None:
    assert not alike(torch.zeros(2), torch.zeros(3), UNWATCHED)
    assert not alike(torch.zeros(2), torch.ones(2), UNWATCHED)
    assert alike(torch.tensor([np.nan]), torch.tensor([np.nan]), UNWATCHED)
    asked = iter([False, True])
    large = torch.zeros(4, PIECE // 2)
    with pytest.raises(Cancelled):
        alike(large, large, Watch(cancelled=lambda: next(asked)))
