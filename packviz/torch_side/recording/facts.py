"""What is known of the modules of a program, worked out once for each."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NamedTuple

from packviz.core.module import Module
from packviz.torch_side.facts import device_of, facts_of, with_hx
from packviz.torch_side.module import described

if TYPE_CHECKING:
    import torch


class Known(NamedTuple):
    """`words`: the module in a few. `kind`: what would make it another one: where its weights lie, and as what, and
    whether it has hooks."""

    kind: tuple[object, ...]
    facts: Module
    words: str


_known: weakref.WeakKeyDictionary[torch.nn.Module, Known] = weakref.WeakKeyDictionary()


def words_of(module: torch.nn.RNNBase) -> str:
    """The module in a few words: "nn.LSTM(32, 256, num_layers=2)"."""
    return _of(module).words


def known_of(module: torch.nn.RNNBase, hx: object = None) -> Module:
    """As `facts_of`."""
    facts = _of(module).facts
    return facts if hx is None else with_hx(facts, hx, device_of(module))


def _of(module: torch.nn.RNNBase) -> Known:
    weight = module._flat_weights[0]
    hooked = bool(module._forward_hooks), bool(module._forward_pre_hooks)
    kind = None if weight is None else (weight.dtype, weight.device), hooked
    found = _known.get(module)
    if found is None or found.kind != kind:
        found = Known(kind, facts_of(module), described(module))
        _known[module] = found
    return found
