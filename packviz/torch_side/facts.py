"""A recurrent module and its initial state as ModuleFacts: what the checks look at; and hx as a module takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.model import CellKind
from packviz.core.module_facts import ModuleFacts, StateFacts
from packviz.torch_side.module import call_name, cell_of

if TYPE_CHECKING:
    import torch


def facts_of(module: torch.nn.Module, hx: object | None = None) -> ModuleFacts:
    """The facts of a module, and of the initial state that it is given, which may be wrong in any way.

    `cell` is None for whatever does not run as torch's own nn.LSTM, nn.GRU or nn.RNN does: another class, a forward of
    its own, a hook. Nothing more is known of such a module. Raises BatchError where it is no torch.nn.Module.
    """
    if not runs_as_torchs(module):
        return ModuleFacts(name=call_name(module), cell=None)
    weight, cell = module.all_weights[0][0], cell_of(module)
    given = "" if hx is None else _form(hx := states_of(hx, weight.device, cell), cell)
    return ModuleFacts(
        name=call_name(module),
        cell=cell,
        inputs=module.input_size,
        hidden=module.hidden_size,
        layers=module.num_layers,
        directions=2 if module.bidirectional else 1,
        projection=module.proj_size,
        dtype=_name(weight.dtype),
        bias=module.bias,
        batch_first=module.batch_first,
        nonlinearity=getattr(module, "nonlinearity", "tanh"),
        hx=None if hx is None else _states(hx),
        hx_given=given,
        device=str(weight.device),
    )


def runs_as_torchs(module: torch.nn.Module) -> TypeGuard[torch.nn.RNNBase]:
    """Whether a module runs just as one of torch's own three does."""
    from torch import nn

    if not isinstance(module, nn.Module):
        raise BatchError(f"module is {type(module).__name__}, but a torch.nn.Module is expected.")
    kinds = (nn.LSTM, nn.GRU, nn.RNN)
    own = any(isinstance(module, kind) and type(module).forward is kind.forward for kind in kinds)
    return bool(own) and not module._forward_pre_hooks and not module._forward_hooks


def states_of(hx: object, device: torch.device, cell: CellKind | None = None) -> Any:
    """hx as a module takes it: a tensor, or a pair of them for an LSTM; arrays and lists of numbers become tensors on
    this device. What can't become tensors stays as it is: torch has its own words for it."""
    import torch

    def tensor(part: object) -> object:
        try:
            held = isinstance(part, torch.Tensor | np.ndarray | list | tuple)
            return torch.as_tensor(part, device=device) if held else part
        except (TypeError, ValueError, RuntimeError):
            return part

    if isinstance(hx, tuple | list):
        held = any(part is None or isinstance(part, torch.Tensor | np.ndarray) for part in hx)
        flat = bool(hx) and all(isinstance(part, int | float) for part in hx)
        numbers = not held and (flat or (isinstance(hx, list) and cell in ("GRU", "RNN")))
        return tensor(hx) if numbers else tuple(tensor(part) for part in hx)
    return tensor(hx)


def device_of(module: torch.nn.Module) -> torch.device:
    """Where the first parameter of a module lies; the processor where it has none."""
    import torch

    parameter = next(module.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _form(hx: object, cell: CellKind) -> str:
    """What hx is where it is not what the module takes: "tensor", "tuple", or the name of its type; else ""."""
    import torch

    if isinstance(hx, torch.Tensor):
        return "tensor" if cell == "LSTM" else ""
    if not isinstance(hx, tuple):
        return type(hx).__name__
    pair = len(hx) == 2 and all(isinstance(part, torch.Tensor) for part in hx)
    return "" if pair and cell == "LSTM" else "tuple"


def _states(hx: object) -> tuple[StateFacts | None, ...]:
    parts = hx if isinstance(hx, tuple) else (hx,)
    return tuple(StateFacts(tuple(p.shape), _name(p.dtype)) if hasattr(p, "shape") else None for p in parts)


def _name(dtype: object) -> str:
    return str(dtype).removeprefix("torch.")
