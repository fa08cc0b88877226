"""A call as all that record are told of it: looked at once, and later from a copy."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import torch
from torch import nn

from packviz.core.noted import Site
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.fingerprints import fingerprint
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, made_by
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.seen import NOTHING
from tests.torch_side.recording.programs import batch


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
    expected = fingerprint(module)
    held = [weakref.ref(one) for one in (module, x, hx)]
    del module, x, hx
    gc.collect()
    assert [one() for one in held] == [None] * 3
    assert call.fingerprint == expected
    assert call.module == "nn.GRU(3, 4)"
    assert call.sizes.rows == 2


def test_the_weights_are_those_at_the_time_of_the_call() -> None:
    module = nn.GRU(3, 4)
    call, before = observed("GRU", module, torch.ones(5, 2, 3), None), fingerprint(module)
    call.hold(Buffers())
    with torch.no_grad():
        module.weight_ih_l0.add_(1)
    assert call.fingerprint == before != fingerprint(module)


def test_a_copy_is_made_once() -> None:
    call, buffers = observed(PACK, *batch(), True, False), Buffers()
    assert call.taken(buffers) is call.taken(buffers)
    assert not call.held
    call.hold(buffers)
    assert call.held
    assert call.nbytes >= call.taken(buffers).nbytes > 0
    assert call.seen.flags == frozenset()


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
