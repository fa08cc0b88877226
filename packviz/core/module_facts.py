"""What the checks look at of a module and of its initial state: kinds, sizes, dtypes. No weights."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.model import CellKind


@dataclass(frozen=True)
class StateFacts:
    """One tensor of hx: its shape, which should be (L · D, B, H), and torch's name of its dtype."""

    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True)
class ModuleFacts:
    """A recurrent module that a batch goes through.

    `cell`: which of torch's three it is, None for any other module, of which nothing more is known. `inputs`: F that
    it takes; `hidden`: H; `layers`: L; `directions`: D, 1 or 2; `projection`: proj_size of an nn.LSTM, 0 without.
    `dtype`: torch's name of the dtype of its weights; `device`: where they lie. `hx`: h_0, and c_0 for an LSTM, as they
    were given, in the order of the batch, None in the place of what is no tensor; None where it is left out.
    `hx_given`: what hx is, where it is not what this cell takes: "tensor" or "tuple" (of the tensors in `hx`), else the
    name of its type. `fed`: (F, dtype) of what packviz makes of x before the module, None where x goes in as it is.
    """

    name: str = "nn.LSTM"
    cell: CellKind | None = "LSTM"
    inputs: int = 1
    hidden: int = 6
    layers: int = 1
    directions: int = 1
    projection: int = 0
    dtype: str = "float32"
    bias: bool = True
    batch_first: bool = False
    nonlinearity: str = "tanh"
    hx: tuple[StateFacts | None, ...] | None = None
    hx_given: str = ""
    device: str = "cpu"
    fed: tuple[int, str] | None = None

    @property
    def outputs(self) -> int:
        """The size of h of one direction: H, or the projection."""
        return self.projection or self.hidden

    def state_shapes(self, rows: int) -> tuple[tuple[int, int, int], ...]:
        """The shapes that h_0, and c_0 for an LSTM, must have for so many rows: (L · D, B, H)."""
        stacked = self.layers * self.directions
        h, c = (stacked, rows, self.outputs), (stacked, rows, self.hidden)
        return (h, c) if self.cell == "LSTM" else (h,)
