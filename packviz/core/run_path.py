"""How far a packed batch gets in a recurrent module: what does not fit, and where torch comes upon it.

nn.GRU and nn.RNN compare all sizes before they start. nn.LSTM, given a packed batch, compares none: some of what does
not fit it fails somewhere inside, with a message about a matrix; some of it passes. And where all lengths are equal,
oneDNN takes the whole batch at once and looks at no size at all: it reads, or writes, beyond the memory of the tensors.
So what is said here of an nn.LSTM is what its shapes lead to, and torch itself is asked, in a process of its own.

Source: torch/nn/modules/rnn.py, and `_lstm_impl`, `PackedLayer` and `mkldnn_rnn_layer` of ATen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np

from packviz.core.batch import Batch, BatchError
from packviz.core.input_plan import InputPlan, plan_inputs
from packviz.core.module import Module, StateFacts
from packviz.core.processor import takes_bfloat16

Shape = tuple[int, ...]

ONEDNN_DTYPES = frozenset({"float32", "bfloat16"})

# Where torch comes upon things, in its order. A product of matrices looks at the dtypes first, but without a bias, to
# which it is added at once, at the sizes.
BEFORE, INPUT_FIRST, X_DTYPE, INPUT, HIDDEN_FIRST, H_DTYPE, HIDDEN, C_DTYPE, LENGTHS, AFTER = range(10)


class Fault(NamedTuple):
    """Something that does not fit. `place`: where torch would come upon it; `raises`: whether it then raises, as far as
    shapes tell; `which`: of the states, the name of the first that is wrong."""

    place: int
    raises: bool
    which: str = ""


@dataclass(frozen=True)
class RunPath:
    """What of the batch does not fit the module; None each where it does.

    `module`: with the sizes and the dtype that it has for this x; `plan`: what becomes of x before it.
    `inputs`: the features of x; `dtype`: the dtype of x, or of the initial state; `hidden`: the initial state.
    `order`: the codes of what can go wrong, in the order in which torch comes upon it. `rows`: n, the rows that are
    packed. `at_once`: whether oneDNN takes the batch at once. `risky`: whether the run may read or write memory that is
    not its own, and bring the interpreter down.
    """

    module: Module
    plan: InputPlan
    inputs: Fault | None
    dtype: Fault | None
    hidden: Fault | None
    order: tuple[str, ...]
    rows: int
    at_once: bool
    risky: bool

    @property
    def fits(self) -> bool:
        """Whether the batch and the state go through the module, as far as their sizes and dtypes are concerned."""
        return self.inputs is None and self.dtype is None and self.hidden is None


def run_path(batch: Batch, module: Module) -> RunPath | None:
    """How far this batch gets in this module; None of a module of which nothing is known, without x and rows, and where
    x does not become what the module takes, or its weights are those of another: then no module is run."""
    if module.cell is None or module.contradicted or batch.x.ndim < 2 or batch.x.size == 0:
        return None
    try:
        plan = plan_inputs(batch, module)
    except BatchError:
        return None
    run = _Run(batch, module.fitted(plan.input_size, plan.dtype), plan)
    inputs, hidden, dtype = _inputs(run), _hidden(run), _dtype(run)
    # In this order where they share a place: Python compares the sizes of the state before its dtype is looked at.
    faults = {"module-input-size": inputs, "hidden-shape": hidden, "module-dtype": dtype}
    wrong = any(fault is not None for fault in faults.values())
    places = {code: fault.place for code, fault in faults.items() if fault is not None}
    places["length-exceeds-time"] = _lengths_place(run)
    order = tuple(sorted(places, key=lambda code: places[code]))
    tensors = module.hx_given in ("", "tensor", "tuple")  # else it raises at once
    risky = wrong and tensors and module.cell == "LSTM" and module.device == "cpu"
    return RunPath(run.module, plan, inputs, dtype, hidden, order, run.rows, run.at_once, risky)


@dataclass(frozen=True, eq=False)
class _Run:
    """The batch, the module as it is for this x, and what becomes of x before it."""

    batch: Batch
    module: Module
    plan: InputPlan

    @property
    def rows(self) -> int:
        """n, the rows that are packed."""
        return len(self.batch.counts)

    @cached_property
    def at_once(self) -> bool:
        """Whether oneDNN runs it: an nn.LSTM without projection, on the processor, in its dtypes, of equal lengths."""
        counts, module = self.batch.counts, self.module
        equal = len(counts) > 0 and int(counts.min()) == int(counts.max())
        own = module.cell == "LSTM" and not self.projects and module.device == "cpu"
        fits = self.plan.dtype in ONEDNN_DTYPES and (self.plan.dtype != "bfloat16" or takes_bfloat16())
        return own and equal and fits

    @property
    def projects(self) -> bool:
        """Whether torch takes an LSTM to have a projection: it goes by the last sizes of h_0 and c_0, if there."""
        shapes = [state.shape for state in self.states or () if state is not None]
        if len(shapes) == 2 and min(map(len, shapes)) >= 3:
            return shapes[0][2] != shapes[1][2]
        return self.module.projection > 0

    @property
    def cells(self) -> int:
        """N, as far as x has cells."""
        return int(self.batch.counts.clip(0, self.batch.steps).sum())

    @cached_property
    def states(self) -> tuple[StateFacts | None, ...] | None:
        """h_0, and c_0 for an LSTM, as torch takes them out of hx; None where it does not get to them."""
        module = self.module
        if module.hx is None or not module.hx_given:
            return module.hx
        if module.cell != "LSTM" or self.batch.call.enforce_sorted:
            return None
        # Sorting the rows of the state takes hx[0] and hx[1], whatever hx is.
        if module.hx_given == "tuple":
            return module.hx[:2] if len(module.hx) >= 2 else None
        whole = module.hx[0] if module.hx_given == "tensor" and module.hx else None
        if whole is None or not whole.shape or whole.shape[0] < 2:
            return None
        return (StateFacts(whole.shape[1:], whole.dtype),) * 2


def _lengths_place(run: _Run) -> int:
    """Where a length beyond the end of x is come upon: oneDNN's view of the whole batch is the first thing there."""
    if run.at_once:
        return BEFORE
    return LENGTHS if run.batch.steps > 1 else HIDDEN  # the second step, which is not there, comes before its cell


def _inputs(run: _Run) -> Fault | None:
    module, features = run.module, run.plan.features
    if features == (module.input_size,):
        return None
    last = features[-1] if features else run.cells
    if not run.at_once:
        product = last != module.input_size  # else it passes, and does not fit the state
        sizes_first = module.cell == "LSTM" and not module.bias
        return Fault((INPUT_FIRST if sizes_first else INPUT) if product or module.cell != "LSTM" else HIDDEN, True)
    # data is seen as (T, B, its last size): that raises where other dimensions hold more than one number a cell.
    return Fault(X_DTYPE, raises=prod(features) * run.cells != last * run.cells)


def _dtype(run: _Run) -> Fault | None:
    module, own = run.module, run.module.dtype or ""
    if run.plan.dtype != own:
        return Fault(INPUT if run.at_once else X_DTYPE, True, "x")
    names = ("h_0", "c_0")
    for name, state in zip(names, run.states or (), strict=False):
        if state is None or state.dtype == own:
            continue
        if run.at_once:
            return Fault(INPUT, True, name)
        if name == "h_0":
            return Fault(H_DTYPE if module.cell == "LSTM" else HIDDEN, True, name)
        if not promotes(state.dtype, own):
            longest = int(run.batch.counts.max(initial=0))
            return Fault(C_DTYPE, longest > 1 or module.layers > 1 or module.projection > 0, name)
    return None


def promotes(dtype: str, own: str) -> bool:
    """Whether a number of this dtype becomes one of `own`, a floating-point dtype, where torch adds the two."""
    kinds = ("bool", "int", "float", "complex")
    kind, mine = (_kind(name) for name in (dtype, own))
    if kind != mine:
        small = own not in ("complex64",) or dtype != "float64"
        return kinds.index(kind) < kinds.index(mine) and small
    return dtype == own or own in ("float64", "complex128") or (own == "float32" and dtype != "float64")


def _kind(dtype: str) -> str:
    if dtype.startswith(("float", "bfloat")):
        return "float"
    return "complex" if dtype.startswith("complex") else "bool" if dtype == "bool" else "int"


def _hidden(run: _Run) -> Fault | None:
    """What is wrong with the initial state, before its dtype."""
    batch, module, states, rows = run.batch, run.module, run.states, run.rows
    if module.hx is None and not module.hx_given:
        return None
    sorts = not batch.call.enforce_sorted
    if states is None or any(state is None for state in states):
        return Fault(BEFORE if sorts or module.cell == "LSTM" else HIDDEN, True)
    shapes = [state.shape for state in states if state is not None]
    expected = module.state_shapes(rows)
    whole = module.state_shapes(batch.rows)
    wrong = next(
        (
            name
            for name, a, b, c in zip(("h_0", "c_0"), shapes, expected, whole, strict=False)
            if a != b and not (sorts and a == c)
        ),
        "",
    )
    if not wrong and not module.hx_given:
        return None
    if sorts:
        if any(len(shape) < 2 or shape[1] < rows for shape in shapes):
            return Fault(BEFORE, True, wrong)
        shapes = [(shape[0], rows, *shape[2:]) for shape in shapes]
    if module.cell != "LSTM":
        return Fault(HIDDEN, shapes[0] != expected[0], wrong)
    return _lstm_hidden(run, shapes[0], shapes[1])._replace(which=wrong)


def _lstm_hidden(run: _Run, h: Shape, c: Shape) -> Fault:
    """Where an LSTM comes upon h_0 and c_0 of these shapes, one of which is wrong."""
    module, rows, counts = run.module, run.rows, run.batch.counts
    stacked = module.layers * module.directions
    if min(len(h), len(c)) < 3:
        return Fault(BEFORE, True)
    if (h[2] != c[2]) != (module.projection > 0):  # it is told by these sizes whether there is a projection
        tensors, layer = (5, 4) if module.bias else (3, 2)
        return Fault(BEFORE, not run.at_once or tensors * stacked % layer > 0)  # else some weights pass for others
    if run.at_once:
        least = min(h[0], c[0])
        return Fault(HIDDEN if least else INPUT_FIRST, least < stacked)
    if h[0] != stacked or c[0] < stacked:
        return Fault(BEFORE, True)
    if h[-1] != module.outputs:
        return Fault(HIDDEN if module.bias else HIDDEN_FIRST, True)
    if len(h) > 3 or (h[1] != rows and rows > 1):
        return Fault(HIDDEN, True)
    made = _broadcast((h[1], module.hidden), c[1:])
    if made is None:
        return Fault(HIDDEN, True)
    if made != (rows, module.hidden):
        return Fault(AFTER, module.directions == 2 or rows > 1)  # it goes on with a state of another shape
    longest = int((counts == counts.max(initial=0)).sum())
    # A single row is spread over all at the first step; the backward direction starts with fewer than it goes on with.
    return Fault(AFTER, c[1] == 1 != rows and module.directions == 2 and longest != rows)


def _broadcast(a: Shape, b: Shape) -> Shape | None:
    """The shape that the two of them make; None where they do not fit."""
    try:
        return tuple(np.broadcast_shapes(a, b))
    except ValueError:
        return None
