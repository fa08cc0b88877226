"""What is known of the modules of a program, worked out once for each."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NamedTuple

from packviz.core.module import Module
from packviz.torch_side.facts import facts_of
from packviz.torch_side.module import described
from packviz.torch_side.recording.fingerprints import Read

if TYPE_CHECKING:
    import torch


class Fit(NamedTuple):
    """What a module takes: the size of the last dimension of x, and its dtype; of its initial state, the size of the
    first dimension and those of the last one, for each of its tensors."""

    inputs: int
    dtype: str
    layers: int
    widths: tuple[int, ...]


class Known(NamedTuple):
    """`facts`: as `facts_of`. `words`: the module in a few: "nn.LSTM(32, 256, num_layers=2)". `fit`: None where its
    weights were taken away, as for a parametrisation that has yet to make them. `kind`: what would make it another one:
    where its weights lie, and as what, and whether it has hooks. `read`: for `fingerprint`. `module`: whose it is,
    while that is there."""

    facts: Module
    words: str
    fit: Fit | None
    kind: tuple[object, ...]
    read: Read
    module: weakref.ref[torch.nn.RNNBase]


_known: dict[int, Known] = {}
"""By the number of the module: to look one up in a WeakKeyDictionary takes longer."""


def known_of(module: torch.nn.RNNBase) -> Known:
    """What is known of a module."""
    weight = module._flat_weights[0]
    hooked = bool(module._forward_hooks), bool(module._forward_pre_hooks)
    kind = None if weight is None else (weight.dtype, weight.device), hooked
    number = id(module)
    found = _known.get(number)
    if found is None or found.module() is not module or found.kind != kind:
        forget = _known.pop
        there = weakref.ref(module, lambda _: forget(number, None))
        found = _known[number] = Known(facts_of(module), described(module), _fit(module), kind, {}, there)
    return found


def _fit(module: torch.nn.RNNBase) -> Fit | None:
    weight = module._flat_weights[0]
    if weight is None:
        return None
    widths = (module.proj_size or module.hidden_size, module.hidden_size)[: 2 if module.mode == "LSTM" else 1]
    layers = module.num_layers * (2 if module.bidirectional else 1)
    return Fit(module.input_size, str(weight.dtype).removeprefix("torch."), layers, widths)
