"""A call as all that record are told of it: looked at once, and later from a copy."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from packviz.core.noted import Site
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.fingerprints import fingerprint
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK, made_by
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.seen import NOTHING
from tests.torch_side.recording.programs import batch, sequences


def observed(kind: str, *given: Any, alone: bool = True) -> Observed:
    made = made_by(kind, given)
    return Observed(made, looks_at(made), Site("a.py", 1), alone)


def test_it_is_what_it_was_when_it_was_called_though_it_is_looked_at_later() -> None:
    x, lengths = batch()
    call, now = observed(PACK, x, lengths, True, False), observed(PACK, x, lengths, True, False)
    call.hold(Buffers())
    expected = now.seen
    x.fill_(float("nan"))
    lengths.zero_()
    assert call.seen == expected
    assert call.flags == frozenset()
    assert "finite" in observed(PACK, x, lengths, True, False).flags


def test_of_what_is_held_nothing_is_the_programs() -> None:
    module, x = nn.GRU(3, 4), torch.ones(5, 2, 3)
    hx = torch.ones(1, 2, 4)
    call = observed("GRU", module, x, hx)
    call.hold(Buffers())
    expected = fingerprint(module, {})
    held = [weakref.ref(one) for one in (module, x, hx)]
    del module, x, hx
    gc.collect()
    assert [one() for one in held] == [None] * 3
    assert call.fingerprint == expected
    assert call.module == "nn.GRU(3, 4)"
    assert call.sizes.rows == 2


def test_lengths_that_are_an_array_are_not_held_either() -> None:
    x, lengths = batch()[0], np.array([7, 6, 5, 4, 3])
    call = observed(PACK, x, lengths, True, True)
    call.hold(Buffers())
    there = weakref.ref(lengths)
    del lengths
    gc.collect()
    assert there() is None
    assert call.sizes.total == 25


def test_what_it_makes_and_is_given_is_known_by_its_call() -> None:
    packed = pack_sequence(sequences(3, 2))
    for kind, given, packs, is_packed in (
        (PACK, (*batch(), True, False), True, False),
        (SEQUENCES, (sequences(3, 2), True), True, False),
        (UNPACK, (packed, True, 0.0, None), False, True),
        ("GRU", (nn.GRU(1, 4), torch.ones(2, 2, 1), None), False, False),
    ):
        call = observed(kind, *given)
        assert (call.packs, call.packed) == (packs, is_packed)


def test_the_weights_are_those_at_the_time_of_the_call() -> None:
    module = nn.GRU(3, 4)
    call, before = observed("GRU", module, torch.ones(5, 2, 3), None), fingerprint(module, {})
    call.hold(Buffers())
    with torch.no_grad():
        module.weight_ih_l0.add_(1)
    assert call.fingerprint == before != fingerprint(module, {})


def test_a_copy_is_made_once() -> None:
    call, buffers = observed(PACK, *batch(), True, False), Buffers()
    assert call.taken(buffers) is call.taken(buffers)
    before = call.taken(buffers).raw
    call.hold(buffers)
    assert call.taken(buffers).raw is before
    assert call.nbytes > 0
    assert call.seen.flags == frozenset()
    held = observed(PACK, *batch(), True, False)
    held.hold(buffers)
    once = held.taken(buffers)
    assert held.seen.flags == frozenset()
    assert held.taken(buffers) is once


def test_memory_is_lent_only_where_one_records() -> None:
    assert observed(PACK, *batch(), True, False).taken(Buffers()).raw is not None
    assert observed(PACK, *batch(), True, False, alone=False).taken(Buffers()).raw is None


def test_what_lies_elsewhere_or_is_wanted_by_several_can_not_wait() -> None:
    given = (*batch(), True, False)
    assert observed(PACK, *given).can_wait
    assert not observed(PACK, *given, alone=False).can_wait
    assert not observed(PACK, torch.ones(2, 2, device="meta"), [2, 2], True, True).can_wait
    unread = Observed(made_by(PACK, (None, [1], True, True)), None, Site("a.py", 1), True)
    assert not unread.can_wait
    assert unread.seen is NOTHING
    assert unread.near, "it waits for nothing"
    module = nn.GRU(3, 4)
    unread = Observed(made_by("GRU", (module, None, None)), None, Site("a.py", 1), True)
    assert (unread.module, unread.fingerprint) == ("nn.GRU(3, 4)", fingerprint(module, {}))
