"""The built-in batches, and what each one teaches. Numbers and words lie in resources/samples, one JSON a batch.

`real-lengths` was drawn once, with numpy.random.default_rng(1): lengths = rint(exp(normal(3.0, 0.65, 64))), clipped to
3..80; ids = 1 + a rank below 999, drawn with a weight of 1 / (rank + 2.7), the Zipf-Mandelbrot law of words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.model import ModelSpec
from packviz.core.resources import resource

SAMPLE = "sample:"  # stands before the name where a file might be meant
FIRST_SAMPLE = "first-batch"


@dataclass(frozen=True)
class Sample:
    """One built-in batch: its name, the title of its menu entry, and `look`, the sentence on what to look at.

    `spec`: the module that it is best stepped with.
    """

    name: str
    title: str
    look: str
    spec: ModelSpec

    def load(self) -> Batch:
        """The batch, read from its file; `source` is the name of the sample."""
        told = _read(self.name)
        call = Call(told["batch_first"], told["enforce_sorted"], told["padding_value"])
        dtype = np.dtype(told["dtype"])
        if "sequences" not in told:
            return make_batch(np.array(told["x"], dtype=dtype), told["lengths"], call, source=self.name)
        lengths = np.array([len(sequence) for sequence in told["sequences"]])
        x = np.full((len(lengths), lengths.max()), call.padding_value, dtype=dtype)
        x[np.arange(x.shape[1]) < lengths[:, None]] = np.concatenate(told["sequences"])
        return make_batch(x, lengths, call, source=self.name, kind="sequences")


def _read(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(resource(f"samples/{name}.json").read_text(encoding="utf-8"))
    return told


def _sample(name: str, spec: ModelSpec) -> Sample:
    told = _read(name)
    return Sample(name, told["title"], told["look"], spec)


SAMPLES: tuple[Sample, ...] = (
    _sample("first-batch", ModelSpec()),
    _sample("inconsistent-lengths", ModelSpec()),
    _sample("pack-sequence", ModelSpec()),
    _sample("what-is-the-4", ModelSpec()),
    _sample("simple-rnn", ModelSpec(cell="RNN", hidden=3)),
    _sample("beyond-the-end", ModelSpec()),
    _sample("real-lengths", ModelSpec(hidden=16, inputs="embedding")),
)


def sample(name: str) -> Sample:
    """The sample of that name. Raises KeyError with the names there are."""
    for found in SAMPLES:
        if found.name == name:
            return found
    raise KeyError(f"there is no sample {name!r}; there are {', '.join(s.name for s in SAMPLES)}.")
