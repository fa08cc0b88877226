"""Which module of a program ran on what one of its calls packed: a call that packs says of none."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, get_args

from packviz.core.module import LARGEST_HIDDEN, MOST_LAYERS, CellKind, Module

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall

PACKING = ("pack_padded_sequence", "pack_sequence")
FAR = 256
"""Calls before and after one that packs, among which the module is looked for."""
_SAID = re.compile(
    r"nn\.(?P<cell>LSTM|GRU|RNN)\(\d{1,9}, (?P<hidden>\d{1,9})(?:, num_layers=(?P<layers>\d{1,9}))?"
    r"(?P<both>, bidirectional=True)?(?:, proj_size=(?P<projection>\d{1,9}))?\)"
)


def module_said(words: str) -> Module | None:
    """The module of `nn.LSTM(8, 16, num_layers=2)`, made to fit x; None of other words, and of sizes that can't be
    chosen."""
    said = _SAID.fullmatch(words)
    if said is None:
        return None
    cell = next(kind for kind in get_args(CellKind) if kind == said["cell"])
    hidden, layers, projection = int(said["hidden"]), int(said["layers"] or 1), int(said["projection"] or 0)
    fits = 1 <= hidden <= LARGEST_HIDDEN and 1 <= layers <= MOST_LAYERS
    if not fits or (projection and (cell != "LSTM" or projection >= hidden)):
        return None
    return Module(cell, hidden, layers=layers, directions=2 if said["both"] else 1, projection=projection)


def ran_on(calls: Sequence[NotedCall], call: NotedCall) -> Module | None:
    """The module that ran on what a call packed, with weights of its own; of one after which none did, since it raised,
    the one that ran before in the same thread on as many features. None where there is none, or the call is another.
    `calls`: in the order of their numbers."""
    if call.call not in PACKING:
        return None
    at = bisect_left(calls, call.number, key=lambda one: one.number)
    for other in _of_thread(call, islice(calls, at + 1, at + 1 + FAR)):
        if other.call in PACKING:
            break
        if other.module and (other.rows, other.features) == (call.rows, call.features):
            return module_said(other.module)
    before = (calls[place] for place in range(at - 1, max(-1, at - 1 - FAR), -1))
    found = (one.module for one in _of_thread(call, before) if one.module and one.features == call.features)
    return module_said(next(found, ""))


def _of_thread(call: NotedCall, others: Iterator[NotedCall]) -> Iterator[NotedCall]:
    here = (call.process, call.worker, call.thread)
    return (one for one in others if (one.process, one.worker, one.thread) == here)
