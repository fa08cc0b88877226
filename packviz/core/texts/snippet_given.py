"""The Python of what a batch brings along: the module that it goes through, and the fields of a PackedSequence that
contradicts itself."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from packviz.core.carrier import PackedFields
from packviz.core.module import Module
from packviz.core.texts.values import tensor_literal

MOST_NUMBERS = 1024
"""Numbers that are written out, of data, of batch_sizes and of the indices each; more are stood in for."""

CAREFUL = "# Torch may write beyond its memory here, and end Python: run it in a process of its own."


def module_lines(module: Module) -> list[str]:
    """The lines that make a module of these sizes, drawn after its seed, and its initial state, of zeros."""
    return [f"torch.manual_seed({module.seed})", made_line(module), *_state_lines(module)]


def made_line(module: Module) -> str:
    """The line that makes a module of these sizes, of torch's own kind."""
    assert module.cell is not None
    options = {
        "num_layers": (module.layers, 1),
        "bidirectional": (module.directions == 2, False),
        "proj_size": (module.projection, 0),
        "bias": (module.bias, True),
        "batch_first": (module.batch_first, False),
    }
    said = [str(module.input_size), str(module.hidden)]
    said += [f"{name}={value}" for name, (value, default) in options.items() if value != default]
    if module.cell == "RNN" and module.nonlinearity != "tanh":
        said.append(f'nonlinearity="{module.nonlinearity}"')
    if module.dtype not in (None, "float32"):
        said.append(f"dtype=torch.{module.dtype}")
    moved = "" if module.device == "cpu" else f'.to("{module.device}")'
    return f"{module.cell.lower()} = nn.{module.cell}({', '.join(said)}){moved}"


def run_line(module: Module) -> str:
    """The line that runs it over `packed`."""
    assert module.cell is not None
    results = "(h_n, c_n)" if module.cell == "LSTM" else "h_n"
    given = "" if module.hx is None else ", hx"
    return f"out, {results} = {module.cell.lower()}(packed{given})"


def not_run(module: Module) -> str | None:
    """Why the run can't be written down: another module than torch's own, an hx that holds no tensors."""
    if module.cell is None:
        return f"the module is your own {module.name}"
    if module.hx_given not in ("", "tensor", "tuple"):
        return f"hx is {module.hx_given}, which is no tensor"
    return None


def packed_lines(fields: PackedFields, dtype: str, expression: str = "data") -> list[str]:
    """The lines that make the PackedSequence of these fields; `expression`: what becomes of data before."""
    lines = [f"data = {_numbers(fields.data, dtype, 'data')}"]
    arrays: dict[str, NDArray[Any] | None] = {"batch_sizes": fields.batch_sizes}
    if fields.sorted_indices is not None or fields.unsorted_indices is not None:
        arrays |= {"sorted_indices": fields.sorted_indices, "unsorted_indices": fields.unsorted_indices}
    for name, array in arrays.items():
        lines.append(f"{name} = {None if array is None else _numbers(array, array.dtype.name, name)}")
    if expression != "data":
        lines.append(f"data = {expression}")
    return [*lines, f"packed = PackedSequence({', '.join(('data', *arrays))})"]


def _numbers(array: NDArray[Any], dtype: str, name: str) -> str:
    if array.size <= MOST_NUMBERS:
        return tensor_literal(array, dtype, len(f"{name} = "))
    return f"torch.zeros({tuple(array.shape)}, dtype=torch.{dtype})  # stands for your {name}"


def _state_lines(module: Module) -> list[str]:
    """`hx`, as it was given: a tensor, or a tuple of them."""
    if module.hx is None:
        return []
    moved = "" if module.device == "cpu" else f', device="{module.device}"'
    parts = [
        "None"
        if state is None
        else f"torch.zeros({state.shape}{'' if state.dtype == 'float32' else f', dtype=torch.{state.dtype}'}{moved})"
        for state in module.hx
    ]
    single = module.hx_given == "tensor" or (not module.hx_given and module.cell != "LSTM")
    about = "  # zeros stand for yours"
    if single and parts:
        return [f"hx = {parts[0]}{about}"]
    return [f"hx = ({', '.join(parts)}{',' if len(parts) == 1 else ''}){about}"]
