"""The Python of what a batch brings along: the module that it goes through, and the fields of a PackedSequence that
contradicts itself."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from packviz.core.batch import PackedFields
from packviz.core.module_facts import ModuleFacts
from packviz.core.texts.values import tensor_literal

MOST_NUMBERS = 1024
"""Numbers that are written out, of data, of batch_sizes and of the indices each; more are stood in for."""

CAREFUL = "# Torch may write beyond its memory here, and end Python: run it in a process of its own."


def module_lines(facts: ModuleFacts, seed: int) -> list[str]:
    """The lines that make a module with these facts, drawn from `seed`, and its initial state, of zeros."""
    assert facts.cell is not None
    options = {
        "num_layers": (facts.layers, 1),
        "bidirectional": (facts.directions == 2, False),
        "proj_size": (facts.projection, 0),
        "bias": (facts.bias, True),
        "batch_first": (facts.batch_first, False),
    }
    said = [str(facts.inputs), str(facts.hidden)]
    said += [f"{name}={value}" for name, (value, default) in options.items() if value != default]
    if facts.cell == "RNN" and facts.nonlinearity != "tanh":
        said.append(f'nonlinearity="{facts.nonlinearity}"')
    if facts.dtype != "float32":
        said.append(f"dtype=torch.{facts.dtype}")
    moved = "" if facts.device == "cpu" else f'.to("{facts.device}")'
    lines = [f"torch.manual_seed({seed})", f"{facts.cell.lower()} = nn.{facts.cell}({', '.join(said)}){moved}"]
    return [*lines, *_state_lines(facts)]


def run_line(facts: ModuleFacts) -> str:
    """The line that runs it over `packed`."""
    assert facts.cell is not None
    results = "(h_n, c_n)" if facts.cell == "LSTM" else "h_n"
    given = "" if facts.hx is None else ", hx"
    return f"out, {results} = {facts.cell.lower()}(packed{given})"


def not_run(facts: ModuleFacts) -> str | None:
    """Why the run can't be written down: another module than torch's own, an hx that holds no tensors."""
    if facts.cell is None:
        return f"the module is your own {facts.name}"
    if facts.hx_given not in ("", "tensor", "tuple"):
        return f"hx is {facts.hx_given}, which is no tensor"
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


def _state_lines(facts: ModuleFacts) -> list[str]:
    """`hx`, as it was given: a tensor, or a tuple of them."""
    if facts.hx is None:
        return []
    moved = "" if facts.device == "cpu" else f', device="{facts.device}"'
    parts = [
        "None"
        if state is None
        else f"torch.zeros({state.shape}{'' if state.dtype == 'float32' else f', dtype=torch.{state.dtype}'}{moved})"
        for state in facts.hx
    ]
    single = facts.hx_given == "tensor" or (not facts.hx_given and facts.cell != "LSTM")
    about = "  # zeros stand for yours"
    if single and parts:
        return [f"hx = {parts[0]}{about}"]
    return [f"hx = ({', '.join(parts)}{',' if len(parts) == 1 else ''}){about}"]
