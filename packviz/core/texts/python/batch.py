"""The Python of x and its lengths: written out, read from their file, or, where neither can be, yours.

What is yours is asked for by name: the line that does so raises where it is not there, or is another one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.carrier import Packed, PackedFields, Sequences
from packviz.core.lengths import Filed, Lengths
from packviz.core.places import entry_word
from packviz.core.samples import SAMPLE
from packviz.core.texts.values import list_literal, tensor_literal

SUFFIXES = (".pt", ".pth", ".npz", ".safetensors", ".packviz", ".json", ".jsonl", ".csv", ".tsv", ".txt", ".py", ".log")
"""Files that only packviz knows how to take x out of; .npy needs no help."""
ARRAY = ".npy"
MOST_CELLS = 64
"""Numbers of x that are written out."""
MOST_NUMBERS = 1024
"""Lengths that are written out, and numbers of each field of a PackedSequence."""


def as_sequences(batch: Batch) -> bool:
    """Whether the call is pack_sequence: a ragged list that its lengths still describe.

    Lengths that no list of sequences could have (edited to exceed T, or below 0) go to pack_padded_sequence.
    """
    lengths = batch.lengths
    if not isinstance(batch.carrier, Sequences) or lengths.dtype.kind not in "iu" or len(lengths) != batch.rows:
        return False
    return batch.rows > 0 and bool((batch.counts >= 0).all() and (batch.counts <= batch.steps).all())


def batch_lines(batch: Batch) -> list[str]:
    """The lines that make `x` and `lengths`, or `sequences`."""
    lines = ["# This batch came as a PackedSequence; packed again from x:"] if isinstance(batch.carrier, Packed) else []
    if as_sequences(batch):
        return [*lines, *_sequence_lines(batch)]
    x, lengths = _x_line(batch), _lengths_lines(batch)
    read, asked = _load(batch), _load(batch, batch.given.filed)
    if read in x and asked in lengths[0]:
        return [*lines, f"batch = {asked}", x.replace(read, "batch"), lengths[0].replace(asked, "batch"), *lengths[1:]]
    return [*lines, x, *lengths]


def fields_lines(batch: Batch, fields: PackedFields, expression: str = "data") -> list[str]:
    """The lines that make `packed` of the fields of a PackedSequence; `expression`: what becomes of data before."""
    source = one_line(batch.source.shown)
    lines = [_field("data", fields.data, batch.dtype, source)]
    arrays: dict[str, NDArray[Any] | None] = {"batch_sizes": fields.batch_sizes}
    if fields.sorted_indices is not None or fields.unsorted_indices is not None:
        arrays |= {"sorted_indices": fields.sorted_indices, "unsorted_indices": fields.unsorted_indices}
    for name, array in arrays.items():
        lines.append(f"{name} = None" if array is None else _field(name, array, array.dtype.name, source))
    if expression != "data":
        lines.append(f"data = {expression}")
    return [*lines, f"packed = PackedSequence({', '.join(('data', *arrays))})"]


def quoted(text: str) -> str:
    """A Python string literal, with double quotes where that is as short."""
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'


def one_line(text: str) -> str:
    """Text for a comment: it can't break out of its line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _x_line(batch: Batch) -> str:
    if batch.x.size <= MOST_CELLS:
        return f"x = {tensor_literal(batch.x, batch.dtype, len('x = '))}"
    about = f"{tuple(batch.x.shape)}, {batch.dtype}"
    changes = batch.source.changes
    swapped = ".transpose(0, 1)" if changes == ("swapped",) else ""
    if not changes or swapped:
        if batch.source.name.endswith(ARRAY) and batch.source.axes is None:
            return f"x = torch.from_numpy(np.load({quoted(batch.source.name)})){swapped}  # {about}"
        if _in_file(batch) or batch.source.name.endswith(ARRAY):
            rounded = ".to(torch.bfloat16)" if batch.dtype == "bfloat16" else ""
            return f"x = torch.tensor({_load(batch)}.x){swapped}{rounded}  # {about}"
    source = one_line(batch.source.shown)
    if changes:
        return f"x = changed_x  # yours, {about}, from {source}"
    return f"assert x.shape == {tuple(batch.x.shape)} and x.dtype == torch.{batch.dtype}  # yours, from {source}"


def _lengths_lines(batch: Batch) -> list[str]:
    """The lengths as torch is given them: a tensor of any rank on any device, or a list."""
    given = batch.given
    array, filed = given.array, given.filed
    if not given.known:
        return [f'lengths = torch.empty({tuple(array.shape)}, dtype=torch.{array.dtype.name}, device="meta")']
    if array.size <= MOST_NUMBERS:
        return _written(given)
    if filed is None or not given.is_vector or given.device != "cpu" or given.listed or array.dtype.kind not in "iu":
        return [_yours("lengths", array, one_line(batch.source.shown))] if given.origin == "given" else _written(given)
    changed = np.flatnonzero(filed.lengths != array) if filed.lengths.shape == array.shape else None
    if changed is None or len(changed) > MOST_NUMBERS:
        return _written(given)
    cast = "" if filed.lengths.dtype == array.dtype else f", dtype=torch.{array.dtype.name}"
    if _in_file(batch) or batch.source.name.endswith(ARRAY):
        lines = [f"lengths = torch.tensor({_load(batch, filed)}.lengths{cast})"]
    elif filed.origin != "given":
        return _written(given)
    else:
        lines = [_yours("lengths", filed.lengths, one_line(batch.source.shown))]
        lines += [f"lengths = lengths.to(torch.{array.dtype.name}, copy=True)"] if len(changed) else []
    if len(changed):
        values = tensor_literal(array[changed], array.dtype.name)
        lines.append(f"lengths[{list_literal(changed)}] = {values}")
    return lines


def _written(given: Lengths) -> list[str]:
    column = len("lengths = ")
    if given.listed:
        return [f"lengths = {list_literal(given.array, column)}"]
    moved = "" if given.device == "cpu" else f".to({quoted(given.device)})"
    return [f"lengths = {tensor_literal(given.array, given.array.dtype.name, column)}{moved}"]


def _yours(name: str, array: NDArray[Any], source: str) -> str:
    """The line that asks for a tensor of this name and shape, and of the sum of these whole numbers."""
    said = f"assert {name}.shape == {tuple(array.shape)}"
    if array.dtype.kind in "iu":
        said += f" and int({name}.sum()) == {int(array.sum())}"
    return f"{said}  # yours, from {source}"


def _field(name: str, array: NDArray[Any], dtype: str, source: str) -> str:
    if array.size <= MOST_NUMBERS:
        return f"{name} = {tensor_literal(array, dtype, len(f'{name} = '))}"
    if name == "data":
        return f"assert data.shape == {tuple(array.shape)} and data.dtype == torch.{dtype}  # yours, from {source}"
    return _yours(name, array, source)


def _sequence_lines(batch: Batch) -> list[str]:
    counts = batch.counts
    if batch.x.size <= MOST_CELLS:
        rows: list[NDArray[Any]] = [batch.grid[row, :count] for row, count in enumerate(counts.tolist())]
        return ["sequences = [", *(f"    {tensor_literal(row, batch.dtype, 4)}," for row in rows), "]"]
    if _in_file(batch) and set(batch.source.changes) <= {"swapped"}:  # they have no layout of their own
        rounded = ".to(torch.bfloat16)" if batch.dtype == "bfloat16" else ""
        x = f"torch.tensor(batch.x){rounded}"
        return [
            f"batch = {_load(batch)}",
            f"sequences = [row[:length] for row, length in zip({x}, batch.lengths)]",
        ]
    said = f"assert len(sequences) == {batch.rows} and sum(map(len, sequences)) == {int(counts.sum())}"
    return [f"{said}  # yours, from {one_line(batch.source.shown)}"]


def _in_file(batch: Batch) -> bool:
    """Whether it is that of a sample, or of a file that only packviz knows how to take a batch out of."""
    return batch.source.sample or batch.source.name.lower().endswith(SUFFIXES)


def _load(batch: Batch, filed: Filed | None = None) -> str:
    """The call that reads it again: of the path, or of `sample:NAME`, and which entry of a file that holds several.

    `filed`: under the options under which these lengths were found.
    """
    source = batch.source
    place = quoted(SAMPLE + source.name if source.sample else source.name)
    entry = "" if source.entry is None else f", entry={entry_word(source.entry)}"
    options = "" if filed is None else "".join(f", {name}={value!r}" for name, value in filed.options)
    tensor = "" if source.tensor is None else f", x={quoted(source.tensor)}"
    axes = "" if source.axes is None else f", axes={quoted(source.axes)}"
    return f"packviz.load({place}{entry}{tensor}{axes}{options})"
