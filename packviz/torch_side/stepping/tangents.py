"""The derivative of one step of a cell, along the run that has been: how h and c after it move with what it reads and
with h and c before it.

A step is linear in small changes of these, and its factors are the states that the run has: so the derivative is a
product like that of the step itself, and as exact as float64 is however small it gets. Source: the equations of
torch.nn.LSTM, GRU and RNN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from packviz.torch_side.module import Layer

if TYPE_CHECKING:
    from torch import Tensor

    State = tuple[Tensor, ...]


class Tangent(Protocol):
    """The derivative of the steps of one layer and direction over one row."""

    def step(self, t: int, read: Tensor | None, before: State) -> State:
        """How the state after step t moves, (m, H) each, in m directions: that of h, and of c for an LSTM. `read`:
        W_ih of how what it reads moves, (m, gates × H), None where it does not. `before`: of the state before."""


class _Factors:
    """What all cells have. `states`: name → (length, H), of the one row; `initial`: those before its first step,
    (1, H) each."""

    def __init__(self, layer: Layer, states: Mapping[str, Tensor], initial: Sequence[Tensor], backward: bool) -> None:
        self.w_hh = layer.w_hh.t()
        self.backward = backward
        self.h_before = self._before(states["h"], initial[0])

    def _before(self, states: Tensor, initial: Tensor) -> Tensor:
        """The state before each step, (length, H)."""
        import torch

        return torch.cat((states[1:], initial) if self.backward else (initial, states[:-1]))

    def moved(self, read: Tensor | None, h: Tensor) -> Tensor:
        """W_ih of what is read, and W_hh of h, (m, gates × H)."""
        product = h @ self.w_hh
        return product if read is None else product + read


class LSTMTangent(_Factors):
    """c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c'), or W_hr of that."""

    def __init__(self, layer: Layer, states: Mapping[str, Tensor], initial: Sequence[Tensor], backward: bool) -> None:
        super().__init__(layer, states, initial, backward)
        i, f, g, o = (states[name] for name in "ifgo")
        self.f, tanh_c = f, states["c"].tanh()
        self.of_i, self.of_f = g * i * (1 - i), self._before(states["c"], initial[1]) * f * (1 - f)
        self.of_g, self.of_o = i * (1 - g * g), tanh_c * o * (1 - o)
        self.of_c = o * (1 - tanh_c * tanh_c)
        self.w_hr = None if layer.w_hr is None else layer.w_hr.t()

    def step(self, t: int, read: Tensor | None, before: State) -> State:
        i, f, g, o = self.moved(read, before[0]).chunk(4, dim=1)
        c = self.f[t] * before[1] + self.of_i[t] * i + self.of_f[t] * f + self.of_g[t] * g
        h = self.of_c[t] * c + self.of_o[t] * o
        return (h if self.w_hr is None else h @ self.w_hr), c


class GRUTangent(_Factors):
    """n = tanh(W x + b + r ⊙ (U h + b')), h' = (1 - z) ⊙ n + z ⊙ h."""

    def __init__(self, layer: Layer, states: Mapping[str, Tensor], initial: Sequence[Tensor], backward: bool) -> None:
        super().__init__(layer, states, initial, backward)
        self.r, self.z, n = (states[name] for name in "rzn")
        hidden = layer.hidden
        inside = self.h_before @ self.w_hh[:, 2 * hidden :]
        if layer.b_hh is not None:
            inside = inside + layer.b_hh[2 * hidden :]
        self.of_r = inside * self.r * (1 - self.r)
        self.of_z = (self.h_before - n) * self.z * (1 - self.z)
        self.of_n = (1 - self.z) * (1 - n * n)

    def step(self, t: int, read: Tensor | None, before: State) -> State:
        of_h = (before[0] @ self.w_hh).chunk(3, dim=1)
        r, z, n = of_h if read is None else read.chunk(3, dim=1)
        if read is None:
            n = self.r[t] * n
        else:
            r, z, n = r + of_h[0], z + of_h[1], n + self.r[t] * of_h[2]
        return (self.of_n[t] * (n + self.of_r[t] * r) + self.of_z[t] * z + self.z[t] * before[0],)


class RNNTangent(_Factors):
    """h' = tanh(W x + b + U h + b')."""

    def __init__(self, layer: Layer, states: Mapping[str, Tensor], initial: Sequence[Tensor], backward: bool) -> None:
        super().__init__(layer, states, initial, backward)
        self.slope = self._slope(states["h"])

    def _slope(self, h: Tensor) -> Tensor:
        return 1 - h * h

    def step(self, t: int, read: Tensor | None, before: State) -> State:
        return (self.slope[t] * self.moved(read, before[0]),)


class ReluTangent(RNNTangent):
    """h' = relu(W x + b + U h + b'), whose slope at 0 is 0, as torch has it."""

    def _slope(self, h: Tensor) -> Tensor:
        return h.sign() + 0 * h  # 1 of a positive number, NaN of NaN


TANGENTS: dict[str, type[LSTMTangent] | type[GRUTangent] | type[RNNTangent]] = {
    "LSTM": LSTMTangent,
    "GRU": GRUTangent,
    "RNN_TANH": RNNTangent,
    "RNN_RELU": ReluTangent,
}
"""The derivative of the cell of each `mode` of torch's nn.RNNBase."""
