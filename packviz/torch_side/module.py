"""The recurrent module that is stepped, made as a user would make it: seeded, or with weights from a file."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from packviz.core.batch import BatchError
from packviz.core.model import CellKind, ModelSpec, Weights
from packviz.core.module_facts import ModuleFacts
from packviz.torch_side.seed import generator_at
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def build(
    spec: ModelSpec, input_size: int, dtype: torch.dtype, *, drawn: torch.Tensor | None = None
) -> torch.nn.RNNBase:
    """nn.LSTM, nn.GRU or nn.RNN of one layer and one direction, on the CPU, in `dtype`.

    Its weights are those that follow torch.manual_seed(spec.seed), or the generator state `drawn` (an embedding
    was made first); the global generator stays as it is. With `spec.weights` the sizes and the dtype are theirs,
    whatever x is: `check_fit` says whether x goes through. Raises BatchError where the weights contradict themselves.
    """
    import torch

    kind = getattr(torch.nn, spec.cell)
    if spec.weights is not None:
        return _loaded(spec, spec.weights)
    if spec.hidden < 1:
        raise BatchError(f"the hidden size is {spec.hidden}, but it must be at least 1.")
    try:
        with generator_at(spec.seed if drawn is None else drawn):
            module: torch.nn.RNNBase = kind(input_size, spec.hidden, dtype=dtype, device="cpu")
    except RuntimeError as error:  # no memory, or sizes that are too large to be multiplied
        raise BatchError(f"an nn.{spec.cell}({input_size}, {spec.hidden}) can't be made: {error}") from error
    return module


def check_fit(module: torch.nn.RNNBase, input_size: int, dtype: torch.dtype, source: str = "the module") -> None:
    """Raise BatchError where x with F = `input_size` and this dtype does not go through the module."""
    if module.input_size != input_size:
        raise BatchError(
            f"{source} takes F = {module.input_size} features a cell, but x has F = {input_size}: "
            "give x that many features, or choose another module."
        )
    ours = layer_of(module).w_ih.dtype
    if ours != dtype:
        raise BatchError(
            f"{source} is in {_name(ours)}, but x is in {_name(dtype)}: choose inputs 'cast', or convert x first."
        )


class Layer(NamedTuple):
    """The parameters of the one layer of a module: (gates × H, F), (gates × H, H), and (gates × H,) each or None."""

    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor | None
    b_hh: Tensor | None


def layer_of(module: torch.nn.RNNBase) -> Layer:
    """The parameters of the first layer of a recurrent module."""
    w_ih, w_hh, *biases = module.all_weights[0]
    b_ih, b_hh = biases if module.bias else (None, None)
    return Layer(w_ih, w_hh, b_ih, b_hh)


def described(module: torch.nn.Module) -> str:
    """The module in a few words: "nn.LSTM(1, 6)"."""
    name = call_name(module)
    sizes = [getattr(module, key, None) for key in ("input_size", "hidden_size")]
    return f"{name}({sizes[0]}, {sizes[1]})" if None not in sizes else name


def cell_of(module: torch.nn.RNNBase) -> CellKind:
    """Which of the three cells a recurrent module has."""
    kinds: dict[str, CellKind] = {"LSTM": "LSTM", "GRU": "GRU"}
    return kinds.get(module.mode, "RNN")


def call_name(module: torch.nn.Module) -> str:
    """ "nn.LSTM" for torch's own modules, the name of the class for others."""
    kind = type(module)
    return f"nn.{kind.__name__}" if kind.__module__.startswith("torch.nn") else kind.__name__


def _loaded(spec: ModelSpec, weights: Weights) -> torch.nn.RNNBase:
    import torch

    try:
        cell = weights.cell
    except (KeyError, IndexError) as error:
        raise BatchError(
            f"{weights.source} holds no weights of one nn.LSTM, nn.GRU or nn.RNN layer: weight_ih_l0 of shape "
            "(gates × H, F) and weight_hh_l0 of shape (gates × H, H) are expected."
        ) from error
    if cell != spec.cell:
        raise BatchError(f"{weights.source} holds the weights of an nn.{cell}, but an nn.{spec.cell} is to be stepped.")
    dtype = getattr(torch, weights.dtype)
    bias = "bias_ih_l0" in weights.arrays
    with generator_at(spec.seed):
        kind = getattr(torch.nn, cell)
        module: torch.nn.RNNBase = kind(weights.inputs, weights.hidden, bias=bias, dtype=dtype, device="cpu")
    try:
        module.load_state_dict({name: to_tensor(array, weights.dtype) for name, array in weights.arrays.items()})
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise BatchError(f"the weights of {weights.source} do not fit one nn.{cell} layer: {reason}") from error
    return module


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


MOST_WEIGHTS = 2**28
"""Numbers that a module and its initial state may hold at most where they are made of facts: 1 GiB as float32."""


def build_facts(facts: ModuleFacts, seed: int = 0) -> torch.nn.RNNBase:
    """A module of these sizes, with weights drawn after `seed`, on its device.

    Raises BatchError where nothing is known of it, where it would be too large, or where torch makes no such module.
    """
    import torch

    if facts.cell is None:
        raise BatchError(f"{facts.name} is not at hand, and of its kind packviz makes none: pass the module itself.")
    per_layer = facts.hidden * (max(facts.inputs, facts.hidden * facts.directions) + facts.hidden) * 4
    states = sum(prod(state.shape) for state in facts.hx or () if state is not None)
    if per_layer * facts.layers * facts.directions + states > MOST_WEIGHTS:
        raise BatchError(f"an {facts.name} of these sizes, or its initial state, is too large to be made here.")
    more: dict[str, Any] = {"num_layers": facts.layers, "bias": facts.bias, "bidirectional": facts.directions == 2}
    if facts.cell == "LSTM":
        more["proj_size"] = facts.projection
    elif facts.cell == "RNN":
        more["nonlinearity"] = facts.nonlinearity
    try:
        with generator_at(seed):
            module: torch.nn.RNNBase = getattr(torch.nn, facts.cell)(
                facts.inputs, facts.hidden, **more, batch_first=facts.batch_first, dtype=torch.float32, device="cpu"
            )
        return module.to(torch.device(facts.device), getattr(torch, facts.dtype))
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise BatchError(f"torch makes no such {facts.name}: {error}") from error


def hx_of(facts: ModuleFacts) -> Any:
    """An initial state of these shapes and dtypes, all zeros, in the form in which it was given; None without."""
    import torch

    if facts.hx is None:
        return None
    parts = tuple(
        None if state is None else torch.zeros(state.shape, dtype=getattr(torch, state.dtype), device=facts.device)
        for state in facts.hx
    )
    single = facts.hx_given == "tensor" or (not facts.hx_given and facts.cell != "LSTM")
    if single and parts:
        return parts[0]
    return parts if facts.hx_given in ("", "tuple") else object()
