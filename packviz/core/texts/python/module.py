"""The Python of the module that a batch brings along."""

from __future__ import annotations

from packviz.core.module import GivenStates, Module, StateFacts
from packviz.core.texts.python.batch import one_line, quoted
from packviz.core.texts.values import tensor_literal

MOST_NUMBERS = 64
"""Numbers of an initial state that are written out."""

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


def yours_lines(module: Module, source: str) -> list[str]:
    """The lines that ask for a module of these sizes, and its initial state, by name; `source`: where they are from."""
    assert module.cell is not None
    name = module.cell.lower()
    sizes = f"{name}.input_size == {module.input_size} and {name}.hidden_size == {module.hidden}"
    lines = [f"assert isinstance({name}, nn.{module.cell}) and {sizes}  # yours, from {one_line(source)}"]
    if module.hx is not None:
        shapes = [None if state is None else state.shape for state in module.hx]
        single = module.hx_given == "tensor" or (not module.hx_given and module.cell != "LSTM")
        said = f"hx.shape == {shapes[0]}" if single else f"[part.shape for part in hx] == {shapes}"
        lines.append(f"assert {said}  # yours")
    return lines


def run_line(module: Module) -> str:
    """The line that runs it over `packed`."""
    assert module.cell is not None
    results = "(h_n, c_n)" if module.cell == "LSTM" else "h_n"
    given = "" if module.hx is None and module.initial == "zeros" else ", hx"
    return f"out, {results} = {module.cell.lower()}(packed{given})"


def not_run(module: Module) -> str | None:
    """Why the run can't be written down: another module than torch's own, an hx that holds no tensors."""
    if module.cell is None:
        return f"the module is your own {module.name}"
    if module.hx_given not in ("", "tensor", "tuple"):
        return f"hx is {module.hx_given}, which is no tensor"
    return None


def drawn_lines(module: Module, rows: int) -> list[str]:
    """The lines that make h_0, and c_0 for an LSTM, for so many rows: as they were given, or drawn; none of a module
    that begins with zeros."""
    if module.numbers is not None:
        return _state_lines(module)
    if module.initial != "drawn" or module.hx is not None:
        return []
    dtype = "" if module.dtype in (None, "float32") else f", dtype=torch.{module.dtype}"
    moved = "" if module.device == "cpu" else f'.to("{module.device}")'
    parts = [f"torch.randn({shape}{dtype}){moved}" for shape in module.state_shapes(rows)]
    given = f"({', '.join(parts)})" if module.cell == "LSTM" else parts[0]
    return [f"torch.manual_seed({module.seed})", f"hx = {given}"]


def _state_lines(module: Module) -> list[str]:
    """`hx`, as it was given: a tensor, or a tuple of them."""
    if module.hx is None:
        return []
    if module.numbers is not None:
        return _given_lines(module, module.hx, module.numbers)
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


def _given_lines(module: Module, hx: tuple[StateFacts | None, ...], numbers: GivenStates) -> list[str]:
    """`hx` with its own numbers: written out where they are few, else read from the recording, else yours."""
    dtypes = [
        array.dtype.name if state is None else state.dtype for state, array in zip(hx, numbers.arrays, strict=True)
    ]
    single = len(hx) == 1 and (module.hx_given == "tensor" or (not module.hx_given and module.cell != "LSTM"))
    moved = "" if module.device == "cpu" else f'.to("{module.device}")'
    if sum(array.size for array in numbers.arrays) <= MOST_NUMBERS:
        given = zip(("h_0", "c_0"), numbers.arrays, dtypes, strict=False)
        lines = [f"{name} = {tensor_literal(array, dtype, len(name) + 3)}{moved}" for name, array, dtype in given]
        return [*lines, "hx = h_0" if single else "hx = (h_0, c_0)"]
    if not numbers.place:
        shapes = ", ".join(str(array.shape) for array in numbers.arrays)
        return [f"hx = given_hx  # yours: {shapes}"]
    read = f"packviz.load({quoted(numbers.place)}).load({numbers.number}).hx"
    as_was = "" if dtypes[0] == numbers.arrays[0].dtype.name else f".to(torch.{dtypes[0]})"
    if single:
        return [f"hx = torch.tensor({read}[0]){as_was}{moved}"]
    return [f"hx = tuple(torch.tensor(state){as_was}{moved} for state in {read})"]
