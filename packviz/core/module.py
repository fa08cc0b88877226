"""The recurrent module that a batch goes through: its cell and sizes, how x gets in, and where its weights are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from numpy.typing import NDArray

from packviz.core.arrays import frozen

CellKind = Literal["LSTM", "GRU", "RNN"]
Inputs = Literal["auto", "cast", "embedding", "given"]
Initial = Literal["zeros", "drawn"]

LARGEST_HIDDEN, LARGEST_SEED, LARGEST_EMBEDDING, MOST_LAYERS = 4096, 2**31 - 1, 4096, 64
"""What can be chosen, in the window and in the terminal."""


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
"""The ways in that can be chosen; a module of the user's own takes x as it is given."""
KIND_OF_GATES: Mapping[int, CellKind] = {4: "LSTM", 3: "GRU", 1: "RNN"}
"""The kind of cell whose weights stand so many times over one another."""
GATES = frozenset("iforz")  # sigmoids, between 0 and 1; the others are signed


@dataclass(frozen=True)
class Drawn:
    """Weights that are drawn after torch.manual_seed(seed), for a module that is made to fit x."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Weights that were read from a file, a state_dict of one recurrent module, or copied from a module in a program.
    Equal only to itself.

    `source`: the file. `arrays`: name → array, as torch names the parameters of the module, as float32 where torch has
    bfloat16; read-only. `prefix`: what stood before `weight_ih_l0` in the file ("encoder.lstm."). `single`: they were
    saved from an LSTMCell, a GRUCell or an RNNCell, so that in the file their names have no `_l0`. `yours`: they are no
    file's, and `source` says whose. `states`: the numbers of the initial state that was given with them, None in the
    place of what is no tensor.
    """

    source: str
    arrays: Mapping[str, NDArray[Any]]
    dtype: str = "float32"
    prefix: str = ""
    single: bool = False
    yours: bool = False
    states: tuple[NDArray[Any] | None, ...] = ()

    @property
    def cell(self) -> CellKind | None:
        """The kind of cell that has this many gates: 4 LSTM, 3 GRU, 1 RNN; None where they are no such weights."""
        shapes = [self.arrays[name].shape for name in ("weight_ih_l0", "weight_hh_l0") if name in self.arrays]
        if len(shapes) != 2 or min(map(len, shapes)) < 2:
            return None
        return KIND_OF_GATES.get(shapes[0][0] // max(1, self.hidden))

    @property
    def hidden(self) -> int:
        """H."""
        return int(self.arrays["weight_hr_l0" if self.projection else "weight_hh_l0"].shape[1])

    @property
    def layers(self) -> int:
        """L."""
        return sum(name.startswith("weight_ih_l") and not name.endswith("_reverse") for name in self.arrays)

    @property
    def directions(self) -> int:
        """D, 1 or 2."""
        return 2 if "weight_ih_l0_reverse" in self.arrays else 1

    @property
    def projection(self) -> int:
        """proj_size of an LSTM, 0 without."""
        return int(self.arrays["weight_hr_l0"].shape[0]) if "weight_hr_l0" in self.arrays else 0

    @property
    def input_size(self) -> int:
        """F."""
        return int(self.arrays["weight_ih_l0"].shape[1])

    @property
    def bias(self) -> bool:
        """Whether there are biases."""
        return "bias_ih_l0" in self.arrays


@dataclass(frozen=True)
class Held:
    """The weights of a module that somebody else holds in Python: its numbers are not here. Where such a module has to
    be run all the same, one like it is drawn after torch.manual_seed(seed)."""


@dataclass(frozen=True)
class StateFacts:
    """One tensor of hx: its shape, which should be (L · D, B, H), and torch's name of its dtype."""

    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True, eq=False)
class GivenStates:
    """The numbers of an hx that was kept: `arrays` are h_0, and c_0 of an LSTM, as they were given, in the order of the
    batch, as float32 where torch has float16 or bfloat16; read-only. Equal only to itself.

    `place`, `number`: the recording that has them, and their call there; "" and 0 of none.
    """

    arrays: tuple[NDArray[Any], ...]
    place: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "arrays", tuple(map(frozen, self.arrays)))


@dataclass(frozen=True)
class Module:
    """A recurrent module that a batch goes through.

    `cell`: which of torch's three it is, None for any other module, of which nothing more is known. `hidden`: H.
    `seed`: what is drawn is drawn after it: the embedding first, then the weights. `device`: where it lies.
    `inputs`: how x becomes what it takes. "auto": floats as they are (F = 1 where x has no features), whole numbers
    cast; "cast": to the dtype of the module; "embedding": whole numbers through `nn.Embedding(ids, embedding_size)`;
    "given": x goes in as it is.
    `weights`: where its numbers are; those that are stored say the sizes and the dtype themselves.
    `layers`: L; `directions`: D, 1 or 2; `projection`: proj_size of an nn.LSTM, 0 without.
    `input_size`: F, and `dtype`: torch's name of that of its weights; None of a module that is made to fit x.
    `initial`: where no hx is given, h_0 and c_0 are zeros, or drawn by torch.randn after the seed.
    `hx`: h_0, and c_0 for an LSTM, as they were given, in the order of the batch, None in the place of what is no
    tensor; None where it is left out. `hx_given`: what hx is, where it is not what this cell takes: "tensor" or "tuple"
    (of the tensors in `hx`), else the name of its type. `numbers`: those of hx, where they are at hand; zeros stand for
    them else. `class_name`: where it is not torch's own.
    """

    cell: CellKind | None = "LSTM"
    hidden: int = 6
    seed: int = 0
    device: str = "cpu"
    inputs: Inputs = "auto"
    embedding_size: int = 8
    weights: Drawn | Stored | Held = Drawn()
    layers: int = 1
    directions: int = 1
    projection: int = 0
    input_size: int | None = None
    dtype: str | None = None
    bias: bool = True
    batch_first: bool = False
    nonlinearity: str = "tanh"
    initial: Initial = "zeros"
    hx: tuple[StateFacts | None, ...] | None = None
    hx_given: str = ""
    numbers: GivenStates | None = None
    class_name: str = ""

    def __post_init__(self) -> None:
        stored = self.stored
        if stored is not None and stored.cell == self.cell:
            for name in STORED:
                object.__setattr__(self, name, getattr(stored, name))

    @property
    def name(self) -> str:
        """ "nn.LSTM" of torch's own modules, the name of the class of others."""
        return self.class_name or f"nn.{self.cell}"

    @property
    def held(self) -> bool:
        """Whether it is somebody's own, whose numbers are not here."""
        return isinstance(self.weights, Held)

    @property
    def stored(self) -> Stored | None:
        """Its weights, where they were read from a file."""
        return self.weights if isinstance(self.weights, Stored) else None

    @property
    def contradicted(self) -> bool:
        """Whether its weights are stored, but those of another cell, or of none."""
        return self.stored is not None and self.stored.cell != self.cell

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states that a trace holds, h first; () of a module of which nothing is known."""
        return () if self.cell is None else STATES[self.cell]

    @property
    def outputs(self) -> int:
        """The size of h of one direction: H, or the projection."""
        return self.projection or self.hidden

    def state_shapes(self, rows: int) -> tuple[tuple[int, int, int], ...]:
        """The shapes that h_0, and c_0 for an LSTM, must have for so many rows: (L · D, B, H)."""
        stacked = self.layers * self.directions
        h, c = (stacked, rows, self.outputs), (stacked, rows, self.hidden)
        return (h, c) if self.cell == "LSTM" else (h,)

    def chosen(self, **changes: Any) -> Module:
        """The same with what was chosen; in place of a module that somebody holds, one that packviz makes."""
        base = Module() if self.held else self
        return replace(base, **changes) if changes else base

    def with_cell(self, cell: CellKind) -> Module:
        """The same with another kind of cell; weights are those of one kind, and are left behind, and only an LSTM has
        a projection."""
        return self if cell == self.cell and not self.held else self.drawn().chosen(cell=cell, projection=0)

    def with_weights(self, stored: Stored) -> Module:
        """The same with the weights of a file, and with their cell and sizes."""
        return self.chosen(weights=stored, cell=stored.cell or self.cell, hx=None, hx_given="")

    def with_numbers(self, arrays: Sequence[NDArray[Any]], place: str = "", number: int = 0) -> Module:
        """The same that begins with these numbers of its hx; itself where there are none, or they are not those of
        the tensors that it knows of."""
        hx = self.hx or tuple(StateFacts(array.shape, array.dtype.name) for array in arrays)
        shapes = [None if state is None else state.shape for state in hx]
        if not arrays or self.cell is None or shapes != [array.shape for array in arrays]:
            return self
        return replace(self, hx=hx, numbers=GivenStates(tuple(arrays), place, number))

    def drawn(self) -> Module:
        """The same without the weights of a file: it is made to fit x again."""
        if self.stored is None:
            return self
        inputs: Inputs = "auto" if self.inputs == "given" else self.inputs
        made = replace(self, weights=Drawn(), input_size=None, dtype=None, bias=True)
        return replace(made, inputs=inputs, hx=None, hx_given="", numbers=None)

    def fitted(self, input_size: int, dtype: str) -> Module:
        """The same as it is made for x of F = `input_size` and this dtype; weights that are there stay as they are."""
        return replace(self, input_size=input_size, dtype=dtype) if isinstance(self.weights, Drawn) else self

    def as_held(self) -> Module:
        """The same without its numbers, as somebody knows it who holds it: x goes in as it is."""
        return replace(self, weights=Held(), inputs="given")


STORED = ("hidden", "input_size", "dtype", "bias", "layers", "directions", "projection")
"""What stored weights say of a module."""


def held_module(cell: CellKind | None = "LSTM", input_size: int = 1, hidden: int = 6, **facts: Any) -> Module:
    """A module that somebody holds in Python; `facts`: fields of Module."""
    return Module(cell, hidden, inputs="given", weights=Held(), input_size=input_size, **{"dtype": "float32"} | facts)


FLOAT_DTYPES = frozenset({"float16", "bfloat16", "float32", "float64"})


def is_float(dtype: str) -> bool:
    """Whether torch's dtype of that name is a real floating-point one."""
    return dtype in FLOAT_DTYPES
