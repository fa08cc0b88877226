"""Rules about the module and its initial state: whether the batch goes through it, and how its results are laid out."""

from __future__ import annotations

from packviz.core.batch import Batch
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.module import Module, is_float
from packviz.core.rules.fixes import BOTH_DIRECTIONS
from packviz.core.rules.table import rule
from packviz.core.run_path import AFTER, Fault, RunPath
from packviz.core.texts.wording import count, listed
from packviz.core.verdict import Stage

UNCHECKED = (
    " With a packed batch nn.LSTM does not check it, and since all lengths are equal here it may well return: numbers "
    "made of memory that is not its own."
)


@rule("module-input-size")
def input_size(evidence: Evidence) -> Finding | None:
    """The cells of x must have as many features as the module takes: its input_size, F, in one dimension.

    nn.GRU and nn.RNN say so. nn.LSTM does not check a packed batch: it mostly fails at a matrix ("mat1 and mat2 shapes
    cannot be multiplied"), and where all lengths are equal it may run on, over memory that is not its own. The usual
    causes: x of shape (B, T) without a feature dimension, token ids that went around their embedding, images or other
    data of several feature dimensions, or the input_size of another data set. Give numbers a dimension with
    x.unsqueeze(-1), ids an embedding, flatten several dimensions, or make the module for this F.
    """
    found = _path(evidence)
    fault = found and found[1].inputs
    if found is None or fault is None:
        return None
    module, path = found
    batch, features = evidence.batch, path.plan.features
    given = module.inputs == "given"
    name = f"{module.name} takes {count(_size(module), 'feature')} a cell, F = {module.input_size}"
    if not features:
        told = (
            f"{name}, but x has no feature dimension: its shape is {batch.x.shape}. {_without_features(batch, module)}"
        )
        title = f"x has no features, and {module.name} takes {module.input_size} a cell"
    elif len(features) > 1:
        told = f"{name}, in one dimension; the cells of x have {len(features)}, of the sizes {features}."
        title = f"The cells of x have {len(features)} feature dimensions, and {module.name} takes one"
    else:
        made = "" if given else f", once it is prepared for the module: {batch.features or 'no features'}"
        told = f"{name}, but the cells of x have {features[0]}{made}."
        title = f"x has F = {features[0]}, and {module.name} takes F = {module.input_size}"
    fix = _feature_fix(batch, module) if given else None
    return _finding("module-input-size", title, told, module, path, fault, fix)


@rule("module-dtype")
def dtype(evidence: Evidence) -> Finding | None:
    """x, h_0 and c_0 must have the dtype of the weights of the module.

    torch converts none of them. The usual causes: token ids or other whole numbers that should go through an embedding
    or through .float(); float64 from NumPy, whose numbers are that by default, while the weights are float32; and half
    precision for one of the two. Convert x with x.to(dtype), or the module with module.to(dtype).
    """
    found = _path(evidence)
    fault = found and found[1].dtype
    if found is None or fault is None:
        return None
    module, path = found
    batch = evidence.batch
    own, as_given = f"the weights of {module.name} are {module.dtype}", module.inputs == "given"
    if fault.which == "x":
        given = path.plan.dtype
        told = f"x is {given}, but {own}: torch converts neither."
        ids = batch.x.dtype.kind in "iu" and as_given
        told += " Token ids go through an nn.Embedding first; other numbers are converted." if ids else ""
        fix = f"x = x.to(torch.{module.dtype})" if is_float(module.dtype or "") and as_given else None
        if fix is not None and _wants_embedding(batch, module):
            fix = _embedding(batch, module)
        title = f"x is {given}, and {module.name} is {module.dtype}"
    else:
        place = ("h_0", "c_0").index(fault.which)
        state = (module.hx or ())[place] if len(module.hx or ()) > place else None
        given = state.dtype if state is not None else "of another dtype"
        told = f"{fault.which} is {given}, but {own}, and x is {path.plan.dtype}."
        title = f"{fault.which} is {given}, and {module.name} is {module.dtype}"
        fix = f"{fault.which} = {fault.which}.to(torch.{module.dtype})"
    return _finding("module-dtype", title, told, module, path, fault, fix)


@rule("hidden-shape")
def hidden(evidence: Evidence) -> Finding | None:
    """The initial state of a packed batch has the shape (L · D, B, H), and an LSTM takes a pair of them, (h_0, c_0).

    L is num_layers, D is 2 for a bidirectional module, H is hidden_size (h_0 of an LSTM with proj_size: that). B comes
    second, batch_first or not, and its rows are in the order of the batch: torch sorts them as it sorted the batch.
    nn.GRU and nn.RNN compare the sizes and raise. nn.LSTM does not for a packed batch: it raises something about a
    matrix, about an index or about memory, or it goes on with wrong rows. With enforce_sorted=False, no cell notices a
    state of more rows than the batch, such as that of the batch before: it takes the first B. Make the state for each
    batch, with the B of that batch.
    """
    found = _path(evidence)
    fault = found and found[1].hidden
    if found is None or fault is None:
        return None
    module, path = found
    rows = path.rows
    expected = module.state_shapes(rows)
    names = ("h_0", "c_0")[: len(expected)]
    wanted = " and ".join(f"{name} of {shape}" for name, shape in zip(names, expected, strict=True))
    form = f"a tuple (h_0, c_0), {wanted}" if len(expected) == 2 else f"one tensor, {wanted}"
    fix = _zeros(module, rows)
    if module.hx_given:
        title = f"{module.name} takes {'a pair (h_0, c_0)' if len(expected) == 2 else 'one tensor h_0'} as hx"
        told = f"hx is {_given(module)}, but {module.name} takes {form}."
        return _finding("hidden-shape", title, told, module, path, fault, fix)
    shapes = [state.shape for state in module.hx or () if state is not None]
    at = names.index(fault.which) if fault.which else 0
    given, right = shapes[at], expected[at]
    told = f"{fault.which} has the shape {given}, but {module.name} takes {right} for {count(rows, 'row')}: "
    told += f"{_sizes(module, at)}."
    extra = len(given) == 3 and given[1] > rows and (given[0], given[2]) == (right[0], right[2])
    if extra and not fault.raises and not evidence.batch.call.enforce_sorted:
        last = f"rows 0 to {rows - 1}" if rows > 1 else "row 0"
        told += f" torch sorts the state by the rows of the batch and does not look at the rest: it takes {last} of it."
        names_last = count(given[1] - rows, "row")
        fix = _cut(module, rows)
        title = f"{fault.which} has {names_last} more than the batch"
        return _finding("hidden-shape", title, told, module, path, fault, fix)
    title = f"{fault.which} has the shape {given}, but {right} is expected"
    return _finding("hidden-shape", title, told, module, path, fault, fix)


@rule("backward-final")
def backward_final(evidence: Evidence) -> Finding | None:
    """In a bidirectional module the backward direction ends at the first step, not at the last.

    It reads each row from its own end to t = 0, so that its final output is out[:, 0, H:] (out[0, :, H:] without
    batch_first); at length - 1 it has seen one step only. h_n holds the final states of all layers and directions, of
    shape (L · D, B, H), layer by layer and forward before backward: of the last layer, h_n[-2] is forward and h_n[-1]
    backward. Put these two side by side, and not h_n[0] and h_n[1], which are those of the first layer.
    """
    found = _path(evidence)
    if found is None or found[0].directions != 2 or not found[1].fits:
        return None
    module, path = found
    packing = evidence.packing
    if packing is None or packing.longest > packing.steps:
        return None
    out = module.outputs
    first = f"out[:, 0, {out}:]" if evidence.batch.call.batch_first else f"out[0, :, {out}:]"
    stacked = module.layers * 2
    told = (
        f"h_n is ({stacked}, {path.rows}, {out}): {_layers(module.layers)}, forward before backward. h_n[-2] is the "
        "final state of the last layer forward, h_n[-1] backward. In the output the backward one is at t = 0, "
        f"{first}; at the last step of a row it has read that step alone."
    )
    return Finding(
        "backward-final",
        Severity.NOTE,
        "The final state of the backward direction is at t = 0",
        told,
        fix=BOTH_DIRECTIONS,
    )


def _path(evidence: Evidence) -> tuple[Module, RunPath] | None:
    """The module that was given, and how far the batch gets in it; None without one, or of an unknown one."""
    path = evidence.path
    return None if path is None else (path.module, path)


def _finding(code: str, title: str, told: str, module: Module, path: RunPath, fault: Fault, fix: str | None) -> Finding:
    """A finding about the run: what torch makes of it is asked wherever it does not compare the sizes itself."""
    asked = module.cell == "LSTM" or module.device != "cpu"
    stage: Stage | None = "run" if asked or fault.raises else None
    detail = told + (UNCHECKED if path.at_once and code != "module-dtype" and not fault.raises else "")
    severity = Severity.ERROR if fault.raises else Severity.SILENT
    # A state of another shape can give the output another one, which unpacking then comes upon.
    also: tuple[Stage, ...] = ("unpack",) if asked and code == "hidden-shape" and fault.place == AFTER else ()
    return Finding(code, severity, title, detail, fix=fix, stage=stage, also=also, asked=asked)


def _size(module: Module) -> int:
    """F that a module takes that the batch has been held against."""
    return module.input_size or 0


def _without_features(batch: Batch, module: Module) -> str:
    if batch.x.dtype.kind in "iu":
        return f"Token ids go through nn.Embedding(…, {module.input_size}); numbers get a dimension: x.unsqueeze(-1)."
    return "A number a cell is one feature: x.unsqueeze(-1)."


def _feature_fix(batch: Batch, module: Module) -> str:
    """Python that gives x the features that the module takes, or the module those that x has."""
    features = batch.features
    if _wants_embedding(batch, module):
        return _embedding(batch, module)
    flat = batch.feature_count
    lines = [] if len(features) == 1 else ["x = x.unsqueeze(-1)" if not features else "x = x.flatten(2)"]
    if flat != module.input_size:
        lines.append(f"module = {_call(module, flat)}")
    return "\n".join(lines)


def _wants_embedding(batch: Batch, module: Module) -> bool:
    """Whether x holds ids, whole numbers from 0 on, and the module takes the numbers that an embedding has for each."""
    whole = batch.x.dtype.kind in "iu" and not batch.features and _size(module) > 1
    return whole and is_float(module.dtype or "") and int(batch.x.min()) >= 0


def _embedding(batch: Batch, module: Module) -> str:
    """Python that takes ids through an embedding; it looks up int64 and int32 only."""
    ids = "x" if batch.dtype in ("int64", "int32") else "x.long()"
    own = "" if module.dtype == "float32" else f", dtype=torch.{module.dtype}"
    return f"embedding = nn.Embedding(int(x.max()) + 1, {module.input_size}{own})\nx = embedding({ids})"


def _call(module: Module, inputs: int) -> str:
    """Python that makes the same module for another input_size."""
    more = {
        "num_layers": (module.layers, 1),
        "bias": (module.bias, True),
        "batch_first": (module.batch_first, False),
        "bidirectional": (module.directions == 2, False),
        "proj_size": (module.projection, 0),
    }
    options = [f"{name}={value}" for name, (value, usual) in more.items() if value != usual]
    options += [f'nonlinearity="{module.nonlinearity}"'] if module.nonlinearity != "tanh" else []
    return f"nn.{module.cell}({', '.join([str(inputs), str(module.hidden), *options])})"


def _given(module: Module) -> str:
    """What hx is, where it is not what the module takes."""
    states = module.hx or ()
    if module.hx_given == "tensor":
        return f"one tensor of the shape {states[0].shape}" if states and states[0] is not None else "one tensor"
    if module.hx_given != "tuple":
        return f"of the type {module.hx_given}"
    shapes = [f"a tensor of {state.shape}" if state is not None else "something that is no tensor" for state in states]
    return f"a tuple of {len(states)}: {listed(shapes)}" if shapes else "an empty tuple"


def _sizes(module: Module, at: int) -> str:
    """What the sizes of a state are: `L · D = 2 · 1, B, H = 6`."""
    last = f"proj_size = {module.projection}" if module.projection and at == 0 else f"H = {module.hidden}"
    return f"(L · D, B, H) with L = {module.layers}, D = {module.directions} and {last}"


def _layers(layers: int) -> str:
    return "one layer" if layers == 1 else f"{layers} layers, one after another"


def _zeros(module: Module, rows: int) -> str:
    """Python for an initial state that fits, all zeros."""
    own = "" if module.dtype == "float32" else f", dtype=torch.{module.dtype}"
    shapes = module.state_shapes(rows)
    named = zip(("h_0", "c_0"), shapes, strict=False)
    return "\n".join(f"{name} = torch.zeros{str(shape)[:-1]}{own})" for name, shape in named)


def _cut(module: Module, rows: int) -> str:
    """Python that leaves the state the rows that the batch has."""
    if module.cell != "LSTM":
        return f"h_0 = h_0[:, :{rows}]"
    return f"h_0, c_0 = h_0[:, :{rows}], c_0[:, :{rows}]"
