"""What is known of a user's module and of its initial state, as a Module; and hx as a module takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.module import CellKind, Held, Module, StateFacts, held_module
from packviz.torch_side.module import call_name, cell_of

if TYPE_CHECKING:
    import torch


def facts_of(module: torch.nn.Module, hx: object | None = None) -> Module:
    """What is known of a user's module, and of the initial state that it is given, which may be wrong in any way.

    `cell` is None for whatever does not run as torch's own nn.LSTM, nn.GRU or nn.RNN does: another class, a forward of
    its own, a hook. Nothing more is known of such a module. Raises BatchError where it is no torch.nn.Module.
    """
    if not runs_as_torchs(module):
        return held_module(None, class_name=call_name(module))
    weight, cell = module.all_weights[0][0], cell_of(module)
    name = call_name(module)
    facts = Module(
        cell=cell,
        class_name="" if name == f"nn.{cell}" else name,
        inputs="given",
        weights=Held(),
        input_size=module.input_size,
        hidden=module.hidden_size,
        layers=module.num_layers,
        directions=2 if module.bidirectional else 1,
        projection=module.proj_size,
        dtype=_name(weight.dtype),
        bias=module.bias,
        batch_first=module.batch_first,
        nonlinearity=getattr(module, "nonlinearity", "tanh"),
        device=str(weight.device),
    )
    return facts if hx is None else with_hx(facts, hx, weight.device)


def with_hx(module: Module, hx: object, device: torch.device) -> Module:
    """What is known of a module, with the initial state that it is given, which may be wrong in any way."""
    if module.cell is None:
        return module
    hx = states_of(hx, device, module.cell)
    return replace(module, hx=_states(hx), hx_given=_form(hx, module.cell))


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
