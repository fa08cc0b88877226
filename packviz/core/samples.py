"""The built-in batches. Numbers and words lie in resources/samples, one JSON a batch, with NaN and Infinity as numbers.

SAMPLES teach packing, one thing each. `finding_samples` has one for every finding, in resources/samples/findings, named
by its code: the smallest realistic batch that has it.

`real-lengths` was drawn once, with numpy.random.default_rng(1): lengths = rint(exp(normal(3.0, 0.65, 64))), clipped to
3..80; ids = 1 + a rank below 999, drawn with a weight of 1 / (rank + 2.7), the Zipf-Mandelbrot law of words.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import OPTIONS, Batch, BatchError, Call, frozen, make_batch
from packviz.core.carrier import Packed, PackedFields, Sequences
from packviz.core.cells.companions import companion
from packviz.core.cells.guess import guessed
from packviz.core.cells.masks import with_mask
from packviz.core.module import Module, StateFacts, held_module
from packviz.core.packed import reading
from packviz.core.resources import resource
from packviz.core.source import Source
from packviz.core.texts.quoting import quoted

SAMPLE = "sample:"  # stands before the name where a file might be meant
FIRST_SAMPLE = "first-batch"
FINDINGS = "findings"  # the folder of the samples that are named by the code of a finding


@dataclass(frozen=True)
class Sample:
    """One built-in batch: its name, the title of its menu entry, and `look`, the sentence on what to look at.

    `module`: the one that its file brings along, else the one that it is best stepped with. `file`: where it lies in
    resources/samples. Of a finding's sample, `severities`: those that this finding can have, worst first; `pains`: the
    public threads that it answers, as owner/repository#number.
    """

    name: str
    title: str
    look: str
    module: Module
    file: str
    severities: tuple[str, ...] = ()
    pains: tuple[str, ...] = ()

    def load(self) -> Batch:
        """The batch, read from its file; its source is the sample."""
        return _batch(_read(self.file), Source(self.name, sample=True))


def _read(file: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(resource(f"samples/{file}").read_text(encoding="utf-8"))
    return told


def _batch(told: Mapping[str, Any], source: Source) -> Batch:
    """The batch of what a sample's file says.

    x, of any rank, with `shape` where it is empty, or `sequences`, or `packed`, the fields of a PackedSequence;
    `lengths` of any rank, with `lengths_device`, guessed where neither they nor a `mask` are given; `beside`, labels
    and the like. `module` stands beside it: fields of Module, with the shapes of `hx`.
    """
    call = Call(**{option: told[option] for option in OPTIONS if option in told})
    dtype = np.dtype(told["dtype"])
    if "sequences" in told:
        return _of_sequences(told["sequences"], dtype, call, source)
    if "packed" in told:
        return _of_packed(told["packed"], dtype, call, source)
    x = np.array(told["x"], dtype=dtype).reshape(told.get("shape", np.shape(told["x"])))
    mask = np.array(told["mask"], dtype=bool) if "mask" in told else None
    lengths = _whole(np.array(told.get("lengths", ())))
    device = told.get("lengths_device", "cpu")
    batch = make_batch(x, lengths, call, source=source, lengths_device=device)
    if mask is not None:
        return with_mask(batch, mask, derive="lengths" not in told)
    named = {name: np.array(value) for name, value in told.get("beside", {}).items()}
    found = [companion(name, array) for name, array in named.items()]
    batch = replace(batch, beside=tuple(one for one in found if one is not None))
    return batch if "lengths" in told else guessed(batch)


def _of_sequences(sequences: list[list[float]], dtype: np.dtype[Any], call: Call, source: Source) -> Batch:
    lengths = np.array([len(sequence) for sequence in sequences])
    x = np.full((len(lengths), lengths.max()), call.padding_value, dtype=dtype)
    x[np.arange(x.shape[1]) < lengths[:, None]] = np.concatenate(sequences)
    return make_batch(x, lengths, call, source=source, carrier=Sequences())


def _of_packed(told: dict[str, Any], dtype: np.dtype[Any], call: Call, source: Source) -> Batch:
    """A PackedSequence that contradicts itself, with the best reading of it."""
    names = ("batch_sizes", "sorted_indices", "unsorted_indices")
    sizes, order, back = (None if told.get(name) is None else frozen(np.array(told[name])) for name in names)
    assert sizes is not None
    fields = PackedFields(frozen(np.array(told["data"], dtype=dtype)), sizes, order, back)
    x, lengths = reading(fields, call.padding_value)
    return make_batch(x, lengths, call, source=source, origin="packed", carrier=Packed(fields=fields))


def _whole(lengths: NDArray[Any]) -> NDArray[Any]:
    """Lengths as they are; none at all are whole numbers, too."""
    return lengths if lengths.size else lengths.astype(np.int64)


def _module(told: dict[str, Any]) -> Module:
    """A module that somebody holds; its `hx` is told as the shapes of h_0 and c_0."""
    fields = {name: value for name, value in told.items() if name != "hx"}
    states = tuple(StateFacts(tuple(shape)) for shape in told["hx"]) if "hx" in told else None
    return held_module(hx=states, **fields)


def _sample(name: str, module: Module | None = None, folder: str = "") -> Sample:
    file = f"{folder}{name}.json"
    told = _read(file)
    severities, pains = tuple(told.get("severity", ())), tuple(told.get("pains", ()))
    own = _module(told["module"]) if "module" in told else module or Module()
    return Sample(name, told["title"], told["look"], own, file, severities, pains)


SAMPLES: tuple[Sample, ...] = (
    _sample("first-batch"),
    _sample("inconsistent-lengths"),
    _sample("pack-sequence"),
    _sample("what-is-the-4"),
    _sample("simple-rnn", Module(cell="RNN", hidden=3)),
    _sample("beyond-the-end"),
    _sample("real-lengths", Module(hidden=16, inputs="embedding")),
)


@cache
def finding_samples() -> Mapping[str, Sample]:
    """The sample of each finding by its code, in the order of the alphabet; read when they are first asked for."""
    return {code: _sample(code, folder=f"{FINDINGS}/") for code in _codes()}


@cache
def _codes() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in resource(f"samples/{FINDINGS}").glob("*.json")))


def sample(name: str) -> Sample:
    """The sample of that name, or of the finding of that code. Raises BatchError with the names there are."""
    for found in SAMPLES:
        if found.name == name:
            return found
    if name in _codes():
        return finding_samples()[name]
    names = [found.name for found in SAMPLES]
    close = difflib.get_close_matches(name[:100], [*names, *_codes()], n=1)
    hint = f"did you mean {SAMPLE}{close[0]}?" if close else f"there are {', '.join(names)}, and one for each finding."
    raise BatchError(f"there is no sample {quoted(name)}: {hint}")
