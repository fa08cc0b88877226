"""The layers of a recurrent module as modules of their own, and a module at rest while it is probed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from packviz.core.module import CellKind
from packviz.torch_side.put_back import Guard, as_it_was

if TYPE_CHECKING:
    import torch

    from packviz.torch_side.contents import Contents

KINDS: dict[str, CellKind] = {"LSTM": "LSTM", "GRU": "GRU", "RNN_TANH": "RNN", "RNN_RELU": "RNN"}


def is_recurrent(module: object) -> bool:
    """Whether this is torch's own nn.LSTM, nn.GRU or nn.RNN, or a subclass that leaves its forward alone."""
    import torch

    if not isinstance(module, torch.nn.RNNBase) or module.mode not in KINDS:
        return False
    return type(module).forward is getattr(torch.nn, KINDS[module.mode]).forward


def layers_of(module: torch.nn.RNNBase, batch_first: bool) -> list[torch.nn.RNNBase]:
    """One module of one layer for each layer, with copies of its weights, at rest, on its device.

    Their outputs and states, one after another, are those of the module at rest: between layers there is only dropout.
    `batch_first`: the layout that they take.
    """
    import torch

    directions = 2 if module.bidirectional else 1
    kind = getattr(torch.nn, KINDS[module.mode])
    options = {"nonlinearity": module.nonlinearity} if isinstance(module, torch.nn.RNN) else {}
    if isinstance(module, torch.nn.LSTM):
        options["proj_size"] = module.proj_size
    weight = module.weight_ih_l0
    layers: list[torch.nn.RNNBase] = []
    for layer in range(module.num_layers):
        inputs = (module.proj_size or module.hidden_size) * directions if layer else module.input_size
        alone = kind(
            inputs,
            module.hidden_size,
            bias=module.bias,
            batch_first=batch_first,
            bidirectional=module.bidirectional,
            device="meta",  # no weights are drawn, and the generator stays as it is
            dtype=weight.dtype,
            **options,
        ).to_empty(device=weight.device)
        with torch.no_grad():
            for name, parameter in alone.named_parameters():
                parameter.copy_(getattr(module, name.replace("_l0", f"_l{layer}")))
        alone.flatten_parameters()
        layers.append(alone.eval())
    return layers


@contextmanager
def at_rest(*modules: torch.nn.Module, also: Callable[[Contents], None] | None = None) -> Iterator[Guard]:
    """Evaluation mode; at the end the modules, what else `also` keeps, and the process, are as they were
    (`put_back.as_it_was`). `back` of the guard puts all of it back meanwhile, and the modules at rest again."""
    with as_it_was(*modules, also=also) as guard:

        def back() -> None:
            guard.back()
            rest()

        def rest() -> None:
            for module in modules:
                module.eval()

        rest()
        yield replace(guard, back=back)
