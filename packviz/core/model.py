"""The recurrent module that is stepped: which cell, how large, with which weights, on which device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from numpy.typing import NDArray

CellKind = Literal["LSTM", "GRU", "RNN"]
Inputs = Literal["auto", "cast", "embedding"]

STATES: Mapping[CellKind, tuple[str, ...]] = {
    "LSTM": ("h", "c", "i", "f", "g", "o"),
    "GRU": ("h", "r", "z", "n"),
    "RNN": ("h",),
}
STATE_NAMES: Mapping[str, str] = {
    "h": "hidden state h",
    "c": "cell state c",
    "i": "input gate i",
    "f": "forget gate f",
    "g": "cell gate g",
    "o": "output gate o",
    "r": "reset gate r",
    "z": "update gate z",
    "n": "new gate n",
}
INPUT_TEXTS: Mapping[Inputs, str] = {
    "auto": "floats as they are, whole numbers cast",
    "cast": "cast to the module's dtype",
    "embedding": "whole numbers through nn.Embedding",
}
KIND_OF_GATES: Mapping[int, CellKind] = {4: "LSTM", 3: "GRU", 1: "RNN"}
"""The kind of cell whose weights stand so many times over one another."""
GATES = frozenset("iforz")  # sigmoids, between 0 and 1; the others are signed


@dataclass(frozen=True, eq=False)
class Weights:
    """A state_dict of one recurrent layer: name → array, as float32 where torch has bfloat16; read-only.

    `source`: the file it came from. `prefix`: what stood before `weight_ih_l0` in it ("encoder.lstm.").
    """

    source: str
    arrays: Mapping[str, NDArray[Any]]
    dtype: str = "float32"
    prefix: str = ""

    @property
    def cell(self) -> CellKind:
        """The kind of cell that has this many gates: 4 LSTM, 3 GRU, 1 RNN."""
        return KIND_OF_GATES[self.arrays["weight_ih_l0"].shape[0] // max(1, self.hidden)]

    @property
    def hidden(self) -> int:
        """H."""
        return int(self.arrays["weight_hh_l0"].shape[1])

    @property
    def inputs(self) -> int:
        """F, the input size."""
        return int(self.arrays["weight_ih_l0"].shape[1])


@dataclass(frozen=True)
class ModelSpec:
    """What to step: one layer, one direction.

    `inputs`: how x becomes (N, F) floats. "auto": floats as they are (F = 1 where x has no features), whole
    numbers cast; "cast": to float32; "embedding": whole numbers through `nn.Embedding(ids, embedding_size)`,
    made after the same seed, before the module.
    """

    cell: CellKind = "LSTM"
    hidden: int = 6
    seed: int = 0
    device: str = "cpu"
    inputs: Inputs = "auto"
    embedding_size: int = 8
    weights: Weights | None = None

    def with_cell(self, cell: CellKind) -> ModelSpec:
        """The same with another kind of cell; weights are those of one kind, and are left behind."""
        return self if cell == self.cell else replace(self, cell=cell, weights=None)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states that a trace holds, h first."""
        return STATES[self.cell]


FLOAT_DTYPES = frozenset({"float16", "bfloat16", "float32", "float64"})


def is_float(dtype: str) -> bool:
    """Whether torch's dtype of that name is a real floating-point one."""
    return dtype in FLOAT_DTYPES
