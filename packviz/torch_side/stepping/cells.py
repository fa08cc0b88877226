"""One step of an LSTM, a GRU or a simple RNN, with its gates, over the rows of one step of packed data.

Every cell works like torch's own CPU kernels (ATen, RNN.cpp): the same products and sums in the same order, so that
a run on the CPU differs from torch's by the rounding of single operations at most. The input projection of all N rows
is one product; the gates are then finished in place, step by step. `parts` holds, for each step, the views of the
buffers that belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from packviz.core.cancel import UNWATCHED, Watch
from packviz.torch_side.module import Layer

if TYPE_CHECKING:
    from torch import Tensor

    State = tuple[Tensor, ...]
    Views = tuple[Tensor, ...]


AT_ONCE = 1 << 23
"""Numbers of the input projection that are made at once."""


class Cell(Protocol):
    """A cell over packed data; `buffers`: name → (N, H), filled step by step. `parts`: the views of each step."""

    buffers: dict[str, Tensor]
    parts: list[Views]

    def resize(self, rows: int) -> None:
        """From now on a step has that many rows."""

    def step(self, views: Views, before: State) -> State:
        """The state after one step, (n, H) each, from the state before; all written into `views`."""


class _Recurrent:
    """The products that all cells share: x W_ihᵀ + b_ih of all rows at once, h W_hhᵀ + b_hh of one step's rows."""

    def __init__(self, layer: Layer, data: Tensor, sizes: Sequence[int], watch: Watch = UNWATCHED) -> None:
        self.hidden = layer.hidden
        self.w_hh, self.b_hh = layer.w_hh.t(), layer.b_hh
        w_ih = layer.w_ih.t()
        self.inputs = _projected(data, w_ih, layer.b_ih, watch)
        self._scratch = data.new_empty(sizes[0], w_ih.shape[1])
        self.scratch = self._scratch

    def resize(self, rows: int) -> None:
        self.scratch = self._scratch[:rows]

    def product(self, h: Tensor) -> Tensor:
        """h W_hhᵀ + b_hh, (n, gates × H), in a buffer that the next step overwrites."""
        import torch

        if self.b_hh is None:
            return torch.mm(h, self.w_hh, out=self.scratch)
        return torch.addmm(self.b_hh, h, self.w_hh, out=self.scratch)


def _projected(data: Tensor, weight: Tensor, bias: Tensor | None, watch: Watch) -> Tensor:
    """data W, and b, (N, gates × H): on the CPU some rows after the other, so that it can be given up in between."""
    import torch

    if data.device.type != "cpu":
        return data.mm(weight) if bias is None else bias.addmm(data, weight)
    made = data.new_empty(len(data), weight.shape[1])
    rows = max(1, AT_ONCE // max(1, weight.shape[1]))
    for start in range(0, len(data), rows):
        watch.check()
        part, out = data[start : start + rows], made[start : start + rows]
        if bias is None:
            torch.mm(part, weight, out=out)
        else:
            torch.addmm(bias, part, weight, out=out)
    return made


class LSTMCell(_Recurrent):
    """i, f, o = σ(W x + b + U h + b'), g = tanh(W x + b + U h + b'), c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c').

    With a projection W_hr, (proj_size, H), h' = W_hr (o ⊙ tanh(c')), (N, proj_size). The order of the gates in the
    weights is i, f, g, o. Source: the equations of torch.nn.LSTM.
    """

    def __init__(self, layer: Layer, data: Tensor, sizes: Sequence[int], watch: Watch = UNWATCHED) -> None:
        super().__init__(layer, data, sizes, watch)
        i, f, g, o = self.inputs.chunk(4, dim=1)
        self.w_hr = None if layer.w_hr is None else layer.w_hr.t()
        h, c = data.new_empty(len(data), layer.outputs), data.new_empty(len(data), self.hidden)
        self.buffers = {"h": h, "c": c, "i": i, "f": f, "g": g, "o": o}
        i_and_f = self.inputs[:, : 2 * self.hidden]
        self.parts = split_all((self.inputs, i_and_f, i, f, g, o, h, c), sizes)
        self._gained = data.new_empty(sizes[0], self.hidden)
        self.gained = self._gained

    def resize(self, rows: int) -> None:
        super().resize(rows)
        self.gained = self._gained[:rows]

    def step(self, views: Views, before: State) -> State:
        import torch

        gates, i_and_f, i, f, g, o, h, c = views
        gates.add_(self.product(before[0]))
        i_and_f.sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(i, g, out=self.gained)
        torch.mul(f, before[1], out=c).add_(self.gained)
        if self.w_hr is None:
            torch.tanh(c, out=h).mul_(o)
        else:
            torch.mm(torch.tanh(c, out=self.gained).mul_(o), self.w_hr, out=h)
        return h, c


class GRUCell(_Recurrent):
    """r, z = σ(W x + b + U h + b'), n = tanh(W x + b + r ⊙ (U h + b')), h' = (1 - z) ⊙ n + z ⊙ h.

    The order of the gates in the weights is r, z, n. Source: the equations of torch.nn.GRU; h' is computed as
    (h - n) ⊙ z + n, as ATen does.
    """

    def __init__(self, layer: Layer, data: Tensor, sizes: Sequence[int], watch: Watch = UNWATCHED) -> None:
        super().__init__(layer, data, sizes, watch)
        r, z, n = self.inputs.chunk(3, dim=1)
        h = data.new_empty(len(data), self.hidden)
        self.buffers = {"h": h, "r": r, "z": z, "n": n}
        r_and_z = self.inputs[:, : 2 * self.hidden]
        self.parts = split_all((r_and_z, r, z, n, h), sizes)
        self.resize(sizes[0])

    def resize(self, rows: int) -> None:
        super().resize(rows)
        self.for_r_and_z, self.for_n = self.scratch[:, : 2 * self.hidden], self.scratch[:, 2 * self.hidden :]

    def step(self, views: Views, before: State) -> State:
        import torch

        r_and_z, r, z, n, h = views
        self.product(before[0])
        r_and_z.add_(self.for_r_and_z).sigmoid_()
        n.add_(self.for_n.mul_(r)).tanh_()
        torch.sub(before[0], n, out=h).mul_(z).add_(n)
        return (h,)


class RNNCell(_Recurrent):
    """h' = tanh(W x + b + U h + b'). Source: the equation of torch.nn.RNN."""

    def __init__(self, layer: Layer, data: Tensor, sizes: Sequence[int], watch: Watch = UNWATCHED) -> None:
        super().__init__(layer, data, sizes, watch)
        self.buffers = {"h": self.inputs}
        self.parts = split_all((self.inputs,), sizes)
        self.squash = self._squash()

    def _squash(self) -> Callable[[Tensor], Tensor]:
        import torch

        return torch.tanh_

    def step(self, views: Views, before: State) -> State:
        (h,) = views
        self.squash(h.add_(self.product(before[0])))
        return (h,)


class ReluCell(RNNCell):
    """h' = relu(W x + b + U h + b'). Source: the equation of torch.nn.RNN."""

    def _squash(self) -> Callable[[Tensor], Tensor]:
        import torch

        return torch.relu_


CELLS: dict[str, type[LSTMCell] | type[GRUCell] | type[RNNCell]] = {
    "LSTM": LSTMCell,
    "GRU": GRUCell,
    "RNN_TANH": RNNCell,
    "RNN_RELU": ReluCell,
}
"""The cell of each `mode` of torch's nn.RNNBase."""


def split_all(buffers: Iterable[Tensor], sizes: Sequence[int]) -> list[tuple[Tensor, ...]]:
    """For each step the views of its rows of every buffer, (n, *) each; `sizes` are the rows of each step."""
    return list(zip(*(buffer.split_with_sizes(list(sizes)) for buffer in buffers), strict=True))
