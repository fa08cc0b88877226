"""The Python that reproduces the view: what a user would type to see the same with torch alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError, make_batch
from packviz.core.carrier import Packed, PackedFields, Sequences
from packviz.core.input_plan import InputPlan, plan_inputs
from packviz.core.module import Module, Stored
from packviz.core.places import entry_word
from packviz.core.samples import SAMPLE
from packviz.core.texts.snippet_given import CAREFUL, made_line, module_lines, not_run, packed_lines, run_line
from packviz.core.texts.values import list_literal, literal, tensor_literal

SUFFIXES = (".pt", ".pth", ".npz", ".json", ".jsonl", ".csv", ".tsv")
MOST_CELLS = 64
"""Numbers of x that are written out; a larger x is read from its file, or stood in for."""

PACK, UNPACK = "pack_padded_sequence", "pad_packed_sequence"

MOST_LENGTHS = 1024
"""Lengths that are written out."""


def python_for(batch: Batch, module: Module) -> str:
    """The Python that packs this batch with exactly these options, runs the module and unpacks: ready to run as it is.

    The output is called `out`, (B, T, H) or (T, B, H), the final states `h_n` (and `c_n`). Where x can't go through
    a module, the code ends with the packing and a comment says why. Through a module that somebody holds x goes as it
    is, and a PackedSequence that contradicts itself is made of its own fields.
    """
    if batch.contradictory is not None:
        return _of_fields(batch, batch.contradictory, module)
    if module.held:
        packing = [_batch_lines(batch), [_pack_line(batch)]]
        return _with_held(batch, module, packing, "pack_sequence" if as_sequences(batch) else PACK)
    try:
        plan = plan_inputs(batch, module)
    except BatchError as error:
        blocks = [_batch_lines(batch), [_pack_line(batch), f"# Not run: {_one_line(str(error))}"]]
        return _text(_imports(batch, module, runs=False), blocks)
    blocks = [
        _batch_lines(batch),
        [*input_lines(batch, module, plan), *_module_lines(module, plan)],
        [_pack_line(batch), *_run_lines(batch, module)],
    ]
    return _text(_imports(batch, module, runs=True), blocks)


def _with_held(batch: Batch, module: Module, made: list[list[str]], name: str) -> str:
    """The Python with a module that somebody holds; `made`: the lines that make `packed`, with torch's `name`."""
    why, imports = not_run(module), _imports(batch, module, runs=False, name=name)
    if why is not None:
        return _text(imports, [*made, [f"# Not run: {_one_line(why)}"]])
    imports = _imports(batch, module, runs=True, name=name)
    return _text(imports, [*made, [*module_lines(module), run_line(module), _unpack_line(batch)]])


def _of_fields(batch: Batch, fields: PackedFields, module: Module) -> str:
    """The Python of a PackedSequence that contradicts itself; data goes through the module as x would."""
    said, name = "# This PackedSequence contradicts itself.", "PackedSequence"
    if module.held:
        made = [said, *packed_lines(fields, batch.dtype), CAREFUL]
        return _with_held(batch, module, [made], name)
    try:
        cells = fields.data if fields.data.ndim else fields.data.reshape(1)
        plan = plan_inputs(make_batch(cells[None], [len(cells)], dtype=batch.dtype), module)
    except BatchError as error:
        made = [said, *packed_lines(fields, batch.dtype)]
        unpack = [f"# Not run: {_one_line(str(error))}", CAREFUL, _unpack_line(batch, "packed")]
        return _text([*_imports(batch, module, runs=False, name=f"{name}, {UNPACK}")], [made, unpack])
    embedded = plan.embedding()
    before = [f"torch.manual_seed({module.seed})", f"embedding = {embedded}"] if embedded is not None else []
    made = [said, *before, *packed_lines(fields, batch.dtype, plan.expression("data", leading=1))]
    run = [*_module_lines(module, plan), CAREFUL, *_run_lines(batch, module)]
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


def as_sequences(batch: Batch) -> bool:
    """Whether the call is pack_sequence: a ragged list that its lengths still describe.

    Lengths that no list of sequences could have (edited to exceed T, or below 0) go to pack_padded_sequence.
    """
    lengths = batch.lengths
    if not isinstance(batch.carrier, Sequences) or lengths.dtype.kind not in "iu" or len(lengths) != batch.rows:
        return False
    return batch.rows > 0 and bool((batch.counts >= 0).all() and (batch.counts <= batch.steps).all())


def _run_lines(batch: Batch, module: Module) -> list[str]:
    moved = [f"packed = packed.to({_quoted(module.device)})"] if module.device != "cpu" else []
    return [*moved, run_line(module), _unpack_line(batch)]


def _imports(batch: Batch, module: Module, *, runs: bool, name: str = "") -> list[str]:
    pack = name or ("pack_sequence" if as_sequences(batch) else PACK)
    lines = ["import torch"]
    read = batch.contradictory is None and not _small(batch) and not as_sequences(batch)
    if read and _is_array(batch):
        lines.insert(0, "import numpy as np")
    if read and _in_file(batch):
        lines.insert(0, "import packviz")
    if runs:
        if module.stored is not None and module.stored.source.endswith(".safetensors"):
            lines.append("from safetensors.torch import load_file")
        lines.append("from torch import nn")
        pack = f"{pack}, {UNPACK}"
    return [*lines, f"from torch.nn.utils.rnn import {pack}"]


def _text(imports: list[str], blocks: Iterable[list[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in (imports, *blocks) if block) + "\n"


def _small(batch: Batch) -> bool:
    return batch.x.size <= MOST_CELLS


def _batch_lines(batch: Batch) -> list[str]:
    lines = ["# This batch came as a PackedSequence; packed again from x:"] if isinstance(batch.carrier, Packed) else []
    if as_sequences(batch):
        return [*lines, *_sequence_lines(batch)]
    return [*lines, *_x_lines(batch), *_lengths_lines(batch)]


def _lengths_lines(batch: Batch) -> list[str]:
    """The lengths as torch is given them: a tensor of any rank on any device, or a list."""
    given = batch.given
    array = given.array
    moved = "" if given.device == "cpu" else f".to({_quoted(given.device)})"
    if not given.known:
        return [f'lengths = torch.empty({tuple(array.shape)}, dtype=torch.{array.dtype.name}, device="meta")']
    if array.size > MOST_LENGTHS:
        longest = int(batch.counts.max())
        return [f"lengths = torch.full({tuple(array.shape)}, {longest}){moved}  # stands for your lengths"]
    column = len("lengths = ")
    if given.listed:
        return [f"lengths = {list_literal(array, column)}"]
    return [f"lengths = {tensor_literal(array, array.dtype.name, column)}{moved}"]


def _x_lines(batch: Batch) -> list[str]:
    shape = tuple(batch.x.shape)
    if _small(batch):
        return [f"x = {tensor_literal(batch.x, batch.dtype, len('x = '))}"]
    about = f"{shape}, {batch.dtype}"
    if _in_file(batch):
        rounded = ".to(torch.bfloat16)" if batch.dtype == "bfloat16" else ""
        return [f"x = torch.tensor(packviz.load({_place(batch)}).x){rounded}  # {about}"]
    if _is_array(batch):
        return [f"x = torch.from_numpy(np.load({_quoted(batch.source.name)}))  # {about}"]
    stands = f"stands for your x, {about}, from {_one_line(batch.source.shown)}"
    return [f"x = torch.zeros({shape}, dtype=torch.{batch.dtype})  # {stands}"]


def _in_file(batch: Batch) -> bool:
    """Whether x is that of a sample, or of a file that only packviz knows how to take x out of; .npy needs no help."""
    source = batch.source
    return source.untouched and (source.sample or source.name.lower().endswith(SUFFIXES))


def _is_array(batch: Batch) -> bool:
    """Whether x is what NumPy reads from a file."""
    return batch.source.untouched and batch.source.name.endswith(".npy")


def _place(batch: Batch) -> str:
    """What `packviz.load` takes for it: the path, or `sample:NAME`; and which entry of a file that holds several."""
    source = batch.source
    place = _quoted(SAMPLE + source.name if source.sample else source.name)
    return place if source.entry is None else f"{place}, entry={entry_word(source.entry)}"


def _sequence_lines(batch: Batch) -> list[str]:
    counts = batch.counts.tolist()
    if not _small(batch):
        shape = "".join(f", {n}" for n in batch.features)
        lines = [f"lengths = {list_literal(batch.counts, len('lengths = '))}"]
        stands = f"stand for your sequences, from {_one_line(batch.source.shown)}"
        made = f"torch.zeros((length{shape or ','}), dtype=torch.{batch.dtype})"
        return [*lines, f"sequences = [{made} for length in lengths]  # {stands}"]
    rows: list[NDArray[Any]] = [batch.grid[row, :count] for row, count in enumerate(counts)]
    return ["sequences = [", *(f"    {tensor_literal(row, batch.dtype, 4)}," for row in rows), "]"]


def _module_lines(module: Module, plan: InputPlan) -> list[str]:
    if module.stored is not None:
        return _loading_lines(module, module.stored)
    made = made_line(module.fitted(plan.input_size, plan.dtype))
    return [made] if plan.ids is not None else [f"torch.manual_seed({module.seed})", made]


def _loading_lines(module: Module, weights: Stored) -> list[str]:
    name, moved = f"{module.cell}".lower(), f".to({_quoted(module.device)})" if module.device != "cpu" else ""
    source = _quoted(weights.source)
    if weights.source.endswith(".safetensors"):
        read = f"load_file({source})"
    else:
        read = f'torch.load({source}, map_location="cpu", weights_only=True)'
    options = "" if module.bias else ", bias=False"
    options += "" if module.dtype == "float32" else f", dtype=torch.{module.dtype}"
    names = ", ".join(f'"{key}"' for key in weights.arrays)
    key = f"{_quoted(weights.prefix)} + name" if weights.prefix else "name"
    return [
        f"state = {read}",
        f"{name} = nn.{module.cell}({module.input_size}, {module.hidden}{options})",
        f"{name}.load_state_dict({{name: state[{key}] for name in ({names})}})",
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


def _quoted(text: str) -> str:
    """A Python string literal, with double quotes where that is as short."""
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'


def _one_line(text: str) -> str:
    """Text for a comment: it can't break out of its line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
