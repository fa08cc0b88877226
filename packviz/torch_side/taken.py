"""What is taken of a module that somebody holds, to be stepped elsewhere: its sizes and its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.module import FLOAT_DTYPES, Module, Stored
from packviz.core.texts.quoting import cut
from packviz.torch_side.facts import device_of, facts_of, runs_as_torchs, states_of
from packviz.torch_side.module import check_numbers, described
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    import torch


def taken(module: torch.nn.Module, hx: object | None = None) -> Module:
    """The module as another process can step it.

    One that runs as torch's own nn.LSTM, nn.GRU or nn.RNN brings its weights and the numbers of hx, whatever device
    they lie on; it is then stepped on the CPU. Of any other, and of one without numbers, on the meta device or inside
    torch.vmap, there are the sizes alone. The module stays as it is; numbers on the CPU are not copied. Raises
    BatchError where it is no torch.nn.Module, and where its numbers can't be read, as from a GPU that has failed.
    """
    import torch

    facts = facts_of(module, hx)
    if not runs_as_torchs(module) or facts.dtype not in FLOAT_DTYPES:
        return facts
    try:
        check_numbers(module)
    except BatchError:
        return facts
    names = [name for names in module._all_weights for name in names]
    # Those that it runs with, also where they are parametrized.
    values = [value for values in module.all_weights for value in values]
    try:
        arrays = {name: to_array(value) for name, value in zip(names, values, strict=True)}
        states = _numbers(hx, facts, module)
    except RuntimeError as error:
        if torch._C._functorch.peek_interpreter_stack() is not None:  # wrapped by a transform
            return facts
        said = cut(" ".join(str(error).split()))
        raise BatchError(f"the numbers of the module, {described(module)}, can't be read ({said}).") from None
    weights = Stored(described(module), arrays, facts.dtype or "float32", yours=True, states=states)
    return replace(facts, weights=weights, device="cpu")


def _numbers(hx: object | None, facts: Module, module: torch.nn.Module) -> tuple[NDArray[Any] | None, ...]:
    """Those of each part of hx, None in the place of what is no tensor."""
    import torch

    if hx is None:
        return ()
    given = states_of(hx, device_of(module), facts.cell)
    parts = given if isinstance(given, tuple) else (given,)
    held = [part if isinstance(part, torch.Tensor) and not part.is_meta else None for part in parts]
    return tuple(None if part is None else to_array(part) for part in held)
