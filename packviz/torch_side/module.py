"""A recurrent module of torch's, made as a user would: seeded, with weights from a file, or like the user's own."""

from __future__ import annotations

from itertools import zip_longest
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.module import CellKind, Module, Stored
from packviz.core.texts.quoting import elided
from packviz.torch_side.seed import generator_at
from packviz.torch_side.tensors import to_tensor
from packviz.torch_side.threads import GATES

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def build(
    module: Module,
    input_size: int | None = None,
    dtype: torch.dtype | None = None,
    *,
    drawn: torch.Tensor | None = None,
) -> torch.nn.RNNBase:
    """nn.LSTM, nn.GRU or nn.RNN, on the CPU; one like a module that somebody holds lies on its device.

    `input_size`, `dtype`: of x, for a module that is made to fit; with stored weights the sizes and the dtype are
    theirs, whatever x is: `check_fit` says whether x goes through. Weights that are drawn are those that follow
    torch.manual_seed(module.seed), or the generator state `drawn` (an embedding was made first); the global generator
    stays as it is. Raises BatchError where nothing is known of the module, its weights contradict themselves, it would
    be too large, or torch makes no such module.
    """
    if module.stored is not None:
        return _loaded(module, module.stored)
    if module.held:
        return _like(module)
    if input_size is not None and dtype is not None:
        module = module.fitted(input_size, _name(dtype))
    return _fresh(module, drawn)


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


def check_numbers(module: torch.nn.Module) -> None:
    """Raise BatchError where the parameters have no numbers: on the meta device, or not settled yet."""
    from torch.nn.parameter import is_lazy

    for parameter in module.parameters():
        if is_lazy(parameter) or parameter.is_meta:
            where = "its sizes are not settled yet" if is_lazy(parameter) else "its parameters are on the meta device"
            raise BatchError(f"the {call_name(module)} has no numbers to run with: {where}.")


class Layer(NamedTuple):
    """The parameters of one layer in one direction: (gates × H, F), (gates × H, outputs), the biases (gates × H,) each,
    and (proj_size, H) of an LSTM with a projection; None for those that there are not."""

    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor | None
    b_hh: Tensor | None
    w_hr: Tensor | None

    @property
    def hidden(self) -> int:
        """H."""
        return int(self.w_hh.shape[1] if self.w_hr is None else self.w_hr.shape[1])

    @property
    def outputs(self) -> int:
        """The size of h: H, or proj_size."""
        return int(self.w_hh.shape[1])


def layer_of(module: torch.nn.RNNBase, layer: int = 0, direction: int = 0) -> Layer:
    """The parameters of a layer of a recurrent module, in direction 0 (forward) or 1 (backward)."""
    w_ih, w_hh, *more = module.all_weights[layer * (2 if module.bidirectional else 1) + direction]
    b_ih, b_hh = more[:2] if module.bias else (None, None)
    return Layer(w_ih, w_hh, b_ih, b_hh, more[-1] if module.proj_size else None)


def described(module: torch.nn.Module) -> str:
    """The module in a few words: "nn.LSTM(1, 6)", "nn.LSTM(1, 6, num_layers=2, bidirectional=True)"."""
    name = call_name(module)
    sizes = [getattr(module, key, None) for key in ("input_size", "hidden_size")]
    if None in sizes:
        return name
    defaults = {"num_layers": 1, "bidirectional": False, "proj_size": 0}
    told = {option: getattr(module, option, default) for option, default in defaults.items()}
    options = [f", {option}={value}" for option, value in told.items() if value != defaults[option]]
    return f"{name}({sizes[0]}, {sizes[1]}{''.join(options)})"


def cell_of(module: torch.nn.RNNBase) -> CellKind:
    """Which of the three cells a recurrent module has."""
    kinds: dict[str, CellKind] = {"LSTM": "LSTM", "GRU": "GRU"}
    return kinds.get(module.mode, "RNN")


def call_name(module: torch.nn.Module) -> str:
    """ "nn.LSTM" for torch's own modules, the name of the class for others."""
    kind = type(module)
    return f"nn.{kind.__name__}" if kind.__module__.startswith("torch.nn") else kind.__name__


def _fresh(module: Module, drawn: torch.Tensor | None) -> torch.nn.RNNBase:
    """A module that is made to fit x."""
    import torch

    if module.hidden < 1:
        raise BatchError(f"the hidden size is {module.hidden}, but it must be at least 1.")
    own = getattr(torch, module.dtype or "float32")
    _afford_weights(module, own)
    try:
        with generator_at(module.seed if drawn is None else drawn):
            return _made(module, own)
    except RuntimeError as error:  # no memory, or sizes that are too large to be multiplied
        raise BatchError(f"an {module.name}({module.input_size}, {module.hidden}) can't be made: {error}") from error


def _afford_weights(module: Module, dtype: torch.dtype) -> None:
    """Raise BatchError where the weights would take more than may be taken."""
    inputs, outputs = module.input_size or 0, module.outputs
    rows = GATES[module.cell or "RNN"] * module.hidden
    first, others = inputs + outputs + 2, outputs * module.directions + outputs + 2
    numbers = rows * module.directions * (first + (module.layers - 1) * others)
    afford(f"the weights of an {module.name}({inputs}, {module.hidden})", numbers * dtype.itemsize)


def _loaded(module: Module, weights: Stored) -> torch.nn.RNNBase:
    """A module with weights from a file."""
    import torch

    cell = weights.cell
    if cell is None:
        raise BatchError(
            f"{elided(weights.source)} holds no weights of an nn.LSTM, nn.GRU or nn.RNN: weight_ih_l0 of shape "
            "(gates × H, F) and weight_hh_l0 of shape (gates × H, H) are expected."
        )
    if module.contradicted:
        raise BatchError(
            f"{elided(weights.source)} holds the weights of an nn.{cell}, but an {module.name} is to be stepped."
        )
    with generator_at(module.seed):
        made = _made(module, getattr(torch, weights.dtype))
    try:
        made.load_state_dict({name: to_tensor(array, weights.dtype) for name, array in weights.arrays.items()})
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise BatchError(f"the weights of {elided(weights.source)} do not fit an nn.{cell}: {reason}") from error
    return made


def _like(module: Module) -> torch.nn.RNNBase:
    """A module like the one that somebody holds, with weights of its own, on its device."""
    import torch

    if module.cell is None:
        raise BatchError(f"{module.name} is not at hand, and of its kind packviz makes none: pass the module itself.")
    inputs, hidden = module.input_size or 0, module.hidden
    per_layer = hidden * (max(inputs, hidden * module.directions) + hidden) * 4
    states = sum(prod(state.shape) for state in module.hx or () if state is not None)
    if per_layer * module.layers * module.directions + states > MOST_WEIGHTS:
        raise BatchError(f"an {module.name} of these sizes, or its initial state, is too large to be made here.")
    try:
        with generator_at(module.seed):
            made = _made(module, torch.float32)  # torch draws in some dtypes only, and converts to more
        return made.to(torch.device(module.device), getattr(torch, module.dtype or "float32"))
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise BatchError(f"torch makes no such {module.name}: {error}") from error


def _made(module: Module, dtype: torch.dtype) -> torch.nn.RNNBase:
    """torch's module of these sizes, on the CPU, drawn with the generator as it is."""
    import torch

    more: dict[str, Any] = {
        "num_layers": module.layers,
        "bias": module.bias,
        "batch_first": module.batch_first,
        "bidirectional": module.directions == 2,
    }
    if module.cell == "LSTM":
        more["proj_size"] = module.projection
    elif module.cell == "RNN":
        more["nonlinearity"] = module.nonlinearity
    made: torch.nn.RNNBase = getattr(torch.nn, f"{module.cell}")(
        module.input_size, module.hidden, **more, dtype=dtype, device="cpu"
    )
    return made


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


MOST_WEIGHTS = 2**28
"""Numbers that a module like somebody's, and its initial state, may hold at most: 1 GiB as float32."""


def initial_of(module: Module, rows: int, dtype: torch.dtype) -> Any:
    """The initial state of so many rows, in the order of the batch, as the module takes it, or None: the one that
    somebody gives theirs, or zeros like it; else zeros or drawn, as `module` says."""
    given = module.held or module.hx is not None
    return hx_of(module) if given else drawn_states(module, rows, dtype)


def drawn_states(module: Module, rows: int, dtype: torch.dtype) -> Any:
    """h_0, and c_0 for an LSTM, (L · D, n, H) each, drawn after torch.manual_seed(module.seed), as the module takes
    them; None of a module that begins with zeros."""
    import torch

    if module.initial != "drawn":
        return None
    with generator_at(module.seed):
        states = tuple(torch.randn(shape, dtype=dtype) for shape in module.state_shapes(rows))
    return states if module.cell == "LSTM" else states[0]


def hx_of(module: Module) -> Any:
    """An initial state of these shapes and dtypes, in the form in which it was given; None without. It is all zeros
    where its numbers are not here."""
    import torch

    if module.hx is None:
        return None
    numbers = () if module.stored is None else module.stored.states
    numbers = numbers if module.numbers is None else module.numbers.arrays
    parts = tuple(
        None
        if state is None
        else torch.zeros(state.shape, dtype=getattr(torch, state.dtype), device=module.device)
        if array is None or array.shape != state.shape
        else to_tensor(array).to(module.device, getattr(torch, state.dtype), copy=True)
        for state, array in zip_longest(module.hx, numbers[: len(module.hx)])
    )
    single = module.hx_given == "tensor" or (not module.hx_given and module.cell != "LSTM")
    if single and parts:
        return parts[0]
    return parts if module.hx_given in ("", "tuple") else object()
