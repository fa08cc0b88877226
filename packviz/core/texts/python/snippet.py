"""The Python that reproduces the view: what a user would type to see the same with torch alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from packviz.core.batch import Batch, BatchError, make_batch
from packviz.core.carrier import PackedFields
from packviz.core.input_plan import InputPlan, plan_inputs
from packviz.core.module import Module, Stored
from packviz.core.texts.python.batch import (
    as_sequences,
    batch_lines,
    fields_lines,
    one_line,
    quoted,
)
from packviz.core.texts.python.module import (
    CAREFUL,
    drawn_lines,
    made_line,
    module_lines,
    not_run,
    run_line,
    yours_lines,
)
from packviz.core.texts.values import literal

READERS = (("import numpy as np", "np.load("), ("import packviz", "packviz.load("))
PACK, UNPACK = "pack_padded_sequence", "pad_packed_sequence"


def python_for(batch: Batch, module: Module) -> str:
    """The Python that packs this batch with exactly these options, runs the module and unpacks: ready to run as it is.

    The output is called `out`, (B, T, H) or (T, B, H), the final states `h_n` (and `c_n`). What is neither small enough
    to be written out nor in a file is asked for by name, and the code raises where it is not there. Where x can't go
    through a module, the code ends with the packing and a comment says why. Through a module that somebody holds x goes
    as it is, and a PackedSequence that contradicts itself is made of its own fields.
    """
    if batch.contradictory is not None:
        return _of_fields(batch, batch.contradictory, module)
    if module.held:
        packing = [batch_lines(batch), [_pack_line(batch)]]
        return _with_held(batch, module, packing, "pack_sequence" if as_sequences(batch) else PACK)
    try:
        plan = plan_inputs(batch, module)
    except BatchError as error:
        blocks = [batch_lines(batch), [_pack_line(batch), f"# Not run: {one_line(str(error))}"]]
        return _text(_imports(batch, module, runs=False), blocks)
    blocks = [
        batch_lines(batch),
        [*input_lines(batch, module, plan), *_module_lines(module, plan, len(batch.row_lengths))],
        [_pack_line(batch), *_run_lines(batch, module)],
    ]
    return _text(_imports(batch, module, runs=True), blocks)


def _with_held(batch: Batch, module: Module, made: list[list[str]], name: str) -> str:
    """The Python with a module that somebody holds; `made`: the lines that make `packed`, with torch's `name`."""
    why, imports = not_run(module), _imports(batch, module, runs=False, name=name)
    if why is not None:
        return _text(imports, [*made, [f"# Not run: {one_line(why)}"]])
    imports = _imports(batch, module, runs=True, name=name)
    return _text(imports, [*made, [*module_lines(module), run_line(module), _unpack_line(batch)]])


def _of_fields(batch: Batch, fields: PackedFields, module: Module) -> str:
    """The Python of a PackedSequence that contradicts itself; data goes through the module as x would."""
    said, name = "# This PackedSequence contradicts itself.", "PackedSequence"
    if module.held:
        made = [said, *fields_lines(batch, fields), CAREFUL]
        return _with_held(batch, module, [made], name)
    try:
        cells = fields.data if fields.data.ndim else fields.data.reshape(1)
        plan = plan_inputs(make_batch(cells[None], [len(cells)], dtype=batch.dtype), module)
    except BatchError as error:
        made = [said, *fields_lines(batch, fields)]
        unpack = [f"# Not run: {one_line(str(error))}", CAREFUL, _unpack_line(batch, "packed")]
        return _text([*_imports(batch, module, runs=False, name=f"{name}, {UNPACK}")], [made, unpack])
    embedded = plan.embedding()
    before = [f"torch.manual_seed({module.seed})", f"embedding = {embedded}"] if embedded is not None else []
    made = [said, *before, *fields_lines(batch, fields, plan.expression("data", leading=1))]
    run = [*_module_lines(module, plan, len(batch.row_lengths)), CAREFUL, *_run_lines(batch, module)]
    return _text(_imports(batch, module, runs=True, name=name), [made, run])


def input_lines(batch: Batch, module: Module, plan: InputPlan) -> tuple[str, ...]:
    """The lines that turn x, or `sequences`, into what the module takes; () where x is taken as it is."""
    lines: list[str] = []
    made = plan.embedding()
    if made is not None:
        lines += [f"torch.manual_seed({module.seed})", f"embedding = {made}"]
    if as_sequences(batch):
        expression = plan.expression("x", leading=1)
        if expression != "x":
            lines.append(f"sequences = [{expression} for x in sequences]")
    else:
        expression = plan.expression("x", leading=2)
        if expression != "x":
            lines.append(f"x = {expression}")
    return tuple(lines)


def _run_lines(batch: Batch, module: Module) -> list[str]:
    moved = [f"packed = packed.to({quoted(module.device)})"] if module.device != "cpu" else []
    return [*moved, run_line(module), _unpack_line(batch)]


def _imports(batch: Batch, module: Module, *, runs: bool, name: str = "") -> list[str]:
    pack = name or ("pack_sequence" if as_sequences(batch) else PACK)
    lines = ["import torch"]
    if runs:
        if module.stored is not None and module.stored.source.endswith(".safetensors"):
            lines.append("from safetensors.torch import load_file")
        lines.append("from torch import nn")
        pack = f"{pack}, {UNPACK}"
    return [*lines, f"from torch.nn.utils.rnn import {pack}"]


def _text(imports: list[str], blocks: Iterable[list[str]]) -> str:
    made = ["\n".join(block) for block in blocks if block]
    read = [line for line, call in READERS if any(call in text for text in made)]
    return "\n\n".join(["\n".join([*read, *imports]), *made]) + "\n"


def _module_lines(module: Module, plan: InputPlan, rows: int) -> list[str]:
    if module.stored is not None:
        if module.stored.yours:
            return [*yours_lines(module, module.stored.source), *drawn_lines(module, rows)]
        return [*_loading_lines(module, module.stored), *drawn_lines(module, rows)]
    fitted = module.fitted(plan.input_size, plan.dtype)
    made = [made_line(fitted)] if plan.ids is not None else [f"torch.manual_seed({module.seed})", made_line(fitted)]
    return [*made, *drawn_lines(fitted, rows)]


def _loading_lines(module: Module, weights: Stored) -> list[str]:
    name, moved = f"{module.cell}".lower(), f".to({quoted(module.device)})" if module.device != "cpu" else ""
    source = quoted(weights.source)
    if weights.source.endswith(".safetensors"):
        read = f"load_file({source})"
    else:
        read = f'torch.load({source}, map_location="cpu", weights_only=True)'
    key = 'name.removesuffix("_l0")' if weights.single else "name"
    key = f"{quoted(weights.prefix)} + {key}" if weights.prefix else key
    return [
        f"state = {read}",
        made_line(replace(module, device="cpu")),
        f"{name}.load_state_dict({{name: state[{key}] for name in {name}.state_dict()}})",
        *([f"{name}{moved}"] if moved else []),
    ]


def _pack_line(batch: Batch) -> str:
    sort = f"enforce_sorted={batch.call.enforce_sorted}"
    if as_sequences(batch):
        return f"packed = pack_sequence(sequences, {sort})"
    return f"packed = pack_padded_sequence(x, lengths, batch_first={batch.call.batch_first}, {sort})"


def _unpack_line(batch: Batch, packed: str = "out") -> str:
    call = batch.call
    options = f"batch_first={call.batch_first}"
    if call.padding_value != 0:
        options += f", padding_value={literal(np.float64(call.padding_value))}"
    if call.total_length is not None:
        options += f", total_length={call.total_length}"
    return f"out, out_lengths = {UNPACK}({packed}, {options})"
