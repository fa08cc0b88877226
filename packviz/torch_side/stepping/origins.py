"""Where a state of a run comes from, computed again from the weights and from the states before, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import Followed, OfState, OfX, Origin, Term, largest, short
from packviz.core.trace import Trace
from packviz.torch_side.inputs import prepare
from packviz.torch_side.module import build, layer_of
from packviz.torch_side.stepping.trace import data_of

if TYPE_CHECKING:
    from torch import Tensor

Numbers = NDArray[np.float64]
ORDER = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}
"""The gates in the order of the weights; the whole state of an RNN."""


class _Weights(NamedTuple):
    """Of one layer and direction, in float64; no biases are zeros."""

    ih: Numbers
    hh: Numbers
    b_ih: Numbers
    b_hh: Numbers
    hr: Numbers | None


def origin_of(batch: Batch, spec: Module, trace: Trace, of: OfState) -> Origin:
    """Where a number of this trace of `spec` over the batch comes from. Raises BatchError where there is none such, or
    the row does not take that step."""
    return _Step(batch, spec, trace, of).origin()


class _Step:
    """One row at one step of one layer and direction."""

    def __init__(self, batch: Batch, spec: Module, trace: Trace, of: OfState) -> None:
        self.trace, self.of, self.unit, self.hidden = trace, of, of.unit, trace.hidden
        self.cell = "LSTM" if "c" in trace.names else "GRU" if "z" in trace.names else "RNN"
        step, layer, direction = of.moment
        if of.name not in trace.names or not 0 <= of.unit < trace.width(of.name):
            raise BatchError(f"there is no {of.name}[{of.row}, {of.unit}] in a run of {trace.module}.")
        if not 0 <= of.row < trace.packing.rows or not 0 <= step < trace.packing.lengths[of.row]:
            raise BatchError(f"row {of.row} does not take step t{step}: nothing is computed there.")
        prepared = prepare(batch, spec)
        module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn)
        self.relu = module.mode == "RNN_RELU"
        held = layer_of(module, layer, direction)
        self.weights = _Weights(
            _array(held.w_ih),
            _array(held.w_hh),
            _array(held.b_ih) if held.b_ih is not None else np.zeros(len(held.w_ih)),
            _array(held.b_hh) if held.b_hh is not None else np.zeros(len(held.w_hh)),
            None if held.w_hr is None else _array(held.w_hr),
        )
        self.k = int(trace.packing.index(of.row, step))
        if layer:
            below = [trace.states[layer - 1, d]["h"][self.k] for d in range(trace.directions)]
            self.read = np.concatenate(below).astype(np.float64)
        else:
            self.read = _array(data_of(batch, trace.packing, prepared.x)[self.k])
        self.before = step + 1 if direction else step - 1

    # ---- what the step reads ---------------------------------------------------------------------------------------

    def state(self, name: str) -> Numbers:
        """A state of the row after this step, (H,)."""
        held = self.trace.states[self.of.moment.layer, self.of.moment.direction][name]
        return np.asarray(held[self.k], dtype=np.float64)

    def carried(self, name: str) -> Numbers:
        """A state of the row before this step, (H,): its initial one before its first step."""
        _, layer, direction = self.of.moment
        if 0 <= self.before < self.trace.packing.lengths[self.of.row]:
            k = int(self.trace.packing.index(self.of.row, self.before))
            return np.asarray(self.trace.states[layer, direction][name][k], dtype=np.float64)
        initial = self.trace.initial[f"{name}_0"][layer * self.trace.directions + direction, self.of.row]
        return np.asarray(initial, dtype=np.float64)

    def leads(self, name: str, unit: int) -> OfState:
        """A state after this step."""
        return OfState(name, self.of.moment, self.of.row, unit)

    def leads_before(self, name: str, unit: int) -> Followed:
        """A state before this step; nothing where that is the initial one."""
        if not 0 <= self.before < self.trace.packing.lengths[self.of.row]:
            return None
        return OfState(name, self.of.moment._replace(step=self.before), self.of.row, unit)

    def leads_read(self, index: int) -> Followed:
        """What the layer reads: x, or h of the layer below."""
        step, layer, _ = self.of.moment
        if layer == 0:
            return OfX(self.of.row, step, index)
        width = self.trace.width("h")
        return OfState("h", Moment(step, layer - 1, index // width), self.of.row, index % width)

    # ---- equations -------------------------------------------------------------------------------------------------

    def origin(self) -> Origin:
        name, u = self.of.name, self.unit
        if name in ORDER[self.cell]:
            return self.of_gate(name)
        if name == "c":
            terms = [
                Term(f"f[{u}]", self.state("f")[u], self.leads("f", u)),
                Term(f"c before[{u}]", self.carried("c")[u], self.leads_before("c", u)),
                Term(f"i[{u}]", self.state("i")[u], self.leads("i", u)),
                Term(f"g[{u}]", self.state("g")[u], self.leads("g", u)),
            ]
            f, c, i, g = (term.value for term in terms)
            return self.made("c' = f ⊙ c + i ⊙ g", terms, f * c + i * g, "{} · {} + {} · {}")
        if self.cell == "GRU":
            terms = [
                Term(f"z[{u}]", self.state("z")[u], self.leads("z", u)),
                Term(f"n[{u}]", self.state("n")[u], self.leads("n", u)),
                Term(f"h before[{u}]", self.carried("h")[u], self.leads_before("h", u)),
            ]
            z, n, h = (term.value for term in terms)
            filled = f"(1 - {short(z)}) · {short(n)} + {short(z)} · {short(h)}"
            return self.made("h' = (1 - z) ⊙ n + z ⊙ h", terms, (1 - z) * n + z * h, filled)
        if self.weights.hr is None:
            terms = [
                Term(f"o[{u}]", self.state("o")[u], self.leads("o", u)),
                Term(f"c[{u}]", self.state("c")[u], self.leads("c", u)),
            ]
            o, c = (term.value for term in terms)
            return self.made("h' = o ⊙ tanh(c')", terms, o * np.tanh(c), "{} · tanh({})")
        products = self.weights.hr[u] * self.state("o") * np.tanh(self.state("c"))
        terms = [Term(f"W_hr[{u}, {j}] o[{j}] tanh(c[{j}])", p, self.leads("c", j)) for j, p in enumerate(products)]
        return self.summed("h' = W_hr (o ⊙ tanh(c'))", terms, float(products.sum()), "{}")

    def of_gate(self, gate: str) -> Origin:
        """σ or tanh of a sum of products; for n of a GRU, r stands before those of h."""
        at = ORDER[self.cell].index(gate) * self.hidden + self.unit
        h = self.carried("h")
        scale = self.state("r")[self.unit] if gate == "n" else 1.0
        of_x, of_h = self.weights.ih[at] * self.read, scale * self.weights.hh[at] * h
        what = "x" if self.of.moment.layer == 0 else "h below"
        r = "r " if gate == "n" else ""
        terms = [Term(f"W_i{gate}[{self.unit}, {k}] {what}[{k}]", p, self.leads_read(k)) for k, p in enumerate(of_x)]
        terms += [
            Term(f"{r}W_h{gate}[{self.unit}, {k}] h before[{k}]", p, self.leads_before("h", k))
            for k, p in enumerate(of_h)
        ]
        terms += [Term(f"b_i{gate}", self.weights.b_ih[at]), Term(f"{r}b_h{gate}", scale * self.weights.b_hh[at])]
        total = float(of_x.sum() + of_h.sum() + self.weights.b_ih[at] + scale * self.weights.b_hh[at])
        tanh = gate in "gn" or self.cell == "RNN"
        squash: Callable[[float], float] = np.tanh if tanh else _sigmoid
        sign = "tanh" if tanh else "σ"
        if self.relu:
            squash, sign = lambda value: max(value, 0.0) if value == value else value, "relu"
        inside = (
            f"W_i{gate} x + b_i{gate} + {'r ⊙ (' if gate == 'n' else ''}W_h{gate} h + b_h{gate}{')' * (gate == 'n')}"
        )
        named = "h'" if self.cell == "RNN" else gate
        return self.summed(f"{named} = {sign}({inside})", terms, float(squash(total)), f"{sign}({{}})")

    def made(self, equation: str, terms: list[Term], computed: float, form: str) -> Origin:
        """An equation of factors, in its own order."""
        filled = form.format(*(short(term.value) for term in terms))
        return self._origin(equation, f"{filled} = {short(computed)}", tuple(terms), computed)

    def summed(self, equation: str, terms: list[Term], computed: float, form: str) -> Origin:
        """An equation of a sum, the largest products first."""
        kept, rest, others = largest(terms)
        parts = [short(term.value) for term in kept] + ([f"{short(rest)} (of {others} more)"] if others else [])
        filled = form.format(" + ".join(parts).replace("+ -", "- "))
        return self._origin(equation, f"{filled} = {short(computed)}", kept, computed, rest, others)

    def _origin(
        self, equation: str, filled: str, terms: tuple[Term, ...], computed: float, rest: float = 0, others: int = 0
    ) -> Origin:
        value = float(self.state(self.of.name)[self.unit])
        return Origin(self.of, value, equation, filled, terms, float(computed), float(rest), others)


def _array(tensor: Tensor) -> Numbers:
    return np.asarray(tensor.detach().cpu().double().numpy())


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(value, -700, 700)))) if value == value else value
