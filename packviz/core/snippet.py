"""The Python that reproduces the view: what a user would type to see the same with torch alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError
from packviz.core.input_plan import InputPlan, plan_inputs
from packviz.core.model import ModelSpec, Weights
from packviz.core.samples import SAMPLE, SAMPLES
from packviz.core.values import list_literal, literal, tensor_literal

SUFFIXES = (".pt", ".pth", ".npz", ".json", ".csv", ".tsv")
MOST_CELLS = 64
"""Numbers of x that are written out; a larger x is read from its file, or stood in for."""

MOST_LENGTHS = 1024
"""Lengths that are written out."""


def python_for(batch: Batch, spec: ModelSpec) -> str:
    """The Python that packs this batch with exactly these options, runs the module and unpacks: ready to run as it is.

    The output is called `out`, (B, T, H) or (T, B, H), the final states `h_n` (and `c_n`). Where x can't go through
    a module, the code ends with the packing and a comment says why.
    """
    try:
        plan = plan_inputs(batch, spec)
    except BatchError as error:
        blocks = [_batch_lines(batch), [_pack_line(batch), f"# Not run: {_one_line(str(error))}"]]
        return _text(_imports(batch, spec, runs=False), blocks)
    run = [f"packed = packed.to({_quoted(spec.device)})"] if spec.device != "cpu" else []
    results = "(h_n, c_n)" if spec.cell == "LSTM" else "h_n"
    run.append(f"out, {results} = {spec.cell.lower()}(packed)")
    run.append(_unpack_line(batch))
    blocks = [
        _batch_lines(batch),
        [*input_lines(batch, spec, plan), *_module_lines(spec, plan)],
        [_pack_line(batch), *run],
    ]
    return _text(_imports(batch, spec, runs=True), blocks)


def input_lines(batch: Batch, spec: ModelSpec, plan: InputPlan) -> tuple[str, ...]:
    """The lines that turn x, or `sequences`, into what the module takes; () where x is taken as it is."""
    lines: list[str] = []
    made = plan.embedding()
    if made is not None:
        lines += [f"torch.manual_seed({spec.seed})", f"embedding = {made}"]
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
    if batch.kind != "sequences" or batch.lengths.dtype.kind not in "iu" or len(batch.lengths) != batch.rows:
        return False
    return batch.rows > 0 and bool((batch.counts >= 0).all() and (batch.counts <= batch.steps).all())


def _imports(batch: Batch, spec: ModelSpec, *, runs: bool) -> list[str]:
    pack = "pack_sequence" if as_sequences(batch) else "pack_padded_sequence"
    lines = ["import torch"]
    if not _small(batch) and batch.source.endswith(".npy") and not as_sequences(batch):
        lines.insert(0, "import numpy as np")
    if not _small(batch) and _in_file(batch) and not as_sequences(batch):
        lines.insert(0, "import packviz")
    if runs:
        if spec.weights is not None and spec.weights.source.endswith(".safetensors"):
            lines.append("from safetensors.torch import load_file")
        lines.append("from torch import nn")
        pack = f"{pack}, pad_packed_sequence"
    return [*lines, f"from torch.nn.utils.rnn import {pack}"]


def _text(imports: list[str], blocks: Iterable[list[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in (imports, *blocks) if block) + "\n"


def _small(batch: Batch) -> bool:
    return batch.x.size <= MOST_CELLS


def _batch_lines(batch: Batch) -> list[str]:
    lines = ["# This batch came as a PackedSequence; packed again from x:"] if batch.kind == "packed" else []
    if as_sequences(batch):
        return [*lines, *_sequence_lines(batch)]
    lines.extend(_x_lines(batch))
    if len(batch.lengths) <= MOST_LENGTHS:
        lines.append(f"lengths = {tensor_literal(batch.lengths, batch.lengths.dtype.name, len('lengths = '))}")
    else:
        longest = int(batch.counts.max())
        lines.append(f"lengths = torch.full(({len(batch.lengths)},), {longest})  # stands for your lengths")
    return lines


def _x_lines(batch: Batch) -> list[str]:
    shape = tuple(batch.x.shape)
    if _small(batch):
        return [f"x = {tensor_literal(batch.x, batch.dtype, len('x = '))}"]
    about = f"{shape}, {batch.dtype}"
    if _in_file(batch):
        rounded = ".to(torch.bfloat16)" if batch.dtype == "bfloat16" else ""
        return [f"x = torch.tensor(packviz.load({_quoted(_place(batch))}).x){rounded}  # {about}"]
    if batch.source.endswith(".npy"):
        return [f"x = torch.from_numpy(np.load({_quoted(batch.source)}))  # {about}"]
    stands = f"stands for your x, {about}, from {_one_line(batch.source)}"
    return [f"x = torch.zeros({shape}, dtype=torch.{batch.dtype})  # {stands}"]


def _in_file(batch: Batch) -> bool:
    """Whether x is that of a sample, or of a file that only packviz knows how to take x out of; .npy needs no help."""
    return _place(batch).startswith(SAMPLE) or batch.source.lower().endswith(SUFFIXES)


def _place(batch: Batch) -> str:
    """What `packviz.load` takes for it: the path, or `sample:NAME`."""
    return SAMPLE + batch.source if any(batch.source == known.name for known in SAMPLES) else batch.source


def _sequence_lines(batch: Batch) -> list[str]:
    counts = batch.counts.tolist()
    if not _small(batch):
        shape = "".join(f", {n}" for n in batch.features)
        lines = [f"lengths = {list_literal(batch.counts, len('lengths = '))}"]
        stands = f"stand for your sequences, from {_one_line(batch.source)}"
        made = f"torch.zeros((length{shape or ','}), dtype=torch.{batch.dtype})"
        return [*lines, f"sequences = [{made} for length in lengths]  # {stands}"]
    rows: list[NDArray[Any]] = [batch.grid[row, :count] for row, count in enumerate(counts)]
    return ["sequences = [", *(f"    {tensor_literal(row, batch.dtype, 4)}," for row in rows), "]"]


def _module_lines(spec: ModelSpec, plan: InputPlan) -> list[str]:
    name = spec.cell.lower()
    moved = f".to({_quoted(spec.device)})" if spec.device != "cpu" else ""
    if spec.weights is not None:
        return _loading_lines(spec.weights, name, moved)
    dtype = "" if plan.dtype == "float32" else f", dtype=torch.{plan.dtype}"
    made = f"{name} = nn.{spec.cell}({plan.input_size}, {spec.hidden}{dtype}){moved}"
    return [made] if plan.ids is not None else [f"torch.manual_seed({spec.seed})", made]


def _loading_lines(weights: Weights, name: str, moved: str) -> list[str]:
    source = _quoted(weights.source)
    if weights.source.endswith(".safetensors"):
        read = f"load_file({source})"
    else:
        read = f'torch.load({source}, map_location="cpu", weights_only=True)'
    options = "" if "bias_ih_l0" in weights.arrays else ", bias=False"
    options += "" if weights.dtype == "float32" else f", dtype=torch.{weights.dtype}"
    names = ", ".join(f'"{key}"' for key in weights.arrays)
    key = f"{_quoted(weights.prefix)} + name" if weights.prefix else "name"
    return [
        f"state = {read}",
        f"{name} = nn.{weights.cell}({weights.inputs}, {weights.hidden}{options})",
        f"{name}.load_state_dict({{name: state[{key}] for name in ({names})}})",
        *([f"{name}{moved}"] if moved else []),
    ]


def _pack_line(batch: Batch) -> str:
    sort = f"enforce_sorted={batch.call.enforce_sorted}"
    if as_sequences(batch):
        return f"packed = pack_sequence(sequences, {sort})"
    return f"packed = pack_padded_sequence(x, lengths, batch_first={batch.call.batch_first}, {sort})"


def _unpack_line(batch: Batch) -> str:
    call = batch.call
    options = f"batch_first={call.batch_first}"
    if call.padding_value != 0:
        options += f", padding_value={literal(np.float64(call.padding_value))}"
    if call.total_length is not None:
        options += f", total_length={call.total_length}"
    return f"out, out_lengths = pad_packed_sequence(out, {options})"


def _quoted(text: str) -> str:
    """A Python string literal, with double quotes where that is as short."""
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'


def _one_line(text: str) -> str:
    """Text for a comment: it can't break out of its line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
