"""Where a number comes from: the equation gives the number that the run has, and its parts lead to where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState, OfX, Origin
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.origins import origin_of
from packviz.torch_side.stepping.trace import run

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
LENGTHS = [3, 5, 2]
SPECS = {
    "LSTM": Module("LSTM", 4, layers=2, directions=2),
    "LSTM projected": Module("LSTM", 4, layers=2, directions=2, projection=3),
    "GRU": Module("GRU", 4, layers=2, directions=2),
    "RNN": Module("RNN", 4, layers=2, directions=2),
    "RNN relu": Module("RNN", 4, layers=2, nonlinearity="relu", bias=False),
}


def traced(spec: Module, batch: Batch | None = None, hx: Any = None) -> tuple[Batch, Trace]:
    batch = batch or make_batch(X, LENGTHS, Call(True, False))
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    return batch, run(batch, packing, spec, hx=hx)


RUNS = {name: traced(spec) for name, spec in SPECS.items()}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SPECS)), st.data())
def test_the_equation_gives_the_number_of_the_run(name: str, data: st.DataObject) -> None:
    batch, trace = RUNS[name]
    state = data.draw(st.sampled_from(trace.names))
    row = data.draw(st.integers(0, 2))
    step = data.draw(st.integers(0, LENGTHS[row] - 1))
    layer, direction = data.draw(st.sampled_from(sorted(trace.states)))
    unit = data.draw(st.integers(0, trace.width(state) - 1))
    of = OfState(state, Moment(step, layer, direction), row, unit)
    found = origin_of(batch, SPECS[name], trace, of)
    assert found.value == trace.state(state, of.moment)[row, unit]
    assert found.computed == pytest.approx(found.value, rel=1e-4, abs=1e-6)
    for term in found.terms:
        if isinstance(term.leads, OfX):
            assert term.leads.row == row
            assert term.leads.step == step
            assert layer == 0
        elif isinstance(term.leads, OfState):
            again = origin_of(batch, SPECS[name], trace, term.leads)  # everything can be followed further
            if "[" in term.symbol and " " not in term.symbol:
                assert again.value == pytest.approx(term.value, rel=1e-6)


def follow(found: Origin, symbol: str) -> Any:
    return next(term.leads for term in found.terms if term.symbol.startswith(symbol))


def test_a_state_is_followed_to_the_cell_that_it_comes_from() -> None:
    spec = Module("LSTM", 4)
    batch, trace = traced(spec)
    h = origin_of(batch, spec, trace, OfState("h", Moment(1), 2, 3))
    assert h.equation == "h' = o ⊙ tanh(c')"
    c = origin_of(batch, spec, trace, follow(h, "c[3]"))
    assert c.equation == "c' = f ⊙ c + i ⊙ g"
    assert follow(c, "c before") == OfState("c", Moment(0), 2, 3)
    i = origin_of(batch, spec, trace, follow(c, "i["))
    assert i.equation == "i = σ(W_ii x + b_ii + W_hi h + b_hi)"
    assert {term.leads for term in i.terms} >= {OfX(2, 1, 0), OfX(2, 1, 1)}
    assert i.terms == tuple(sorted(i.terms, key=lambda term: -abs(term.value)))
    assert i.title(1, False).startswith("i[2, 3] = ")
    first = origin_of(batch, spec, trace, OfState("c", Moment(0), 2, 3))
    assert follow(first, "c before") is None  # the initial state


def test_backward_a_state_comes_from_the_step_after_and_above_from_the_layer_below() -> None:
    batch, trace = RUNS["GRU"]
    found = origin_of(batch, SPECS["GRU"], trace, OfState("h", Moment(1, 1, 1), 0, 2))
    assert found.equation == "h' = (1 - z) ⊙ n + z ⊙ h"
    assert follow(found, "h before") == OfState("h", Moment(2, 1, 1), 0, 2)
    z = origin_of(batch, SPECS["GRU"], trace, OfState("z", Moment(2, 1, 1), 0, 2))
    below = [term.leads for term in z.terms if "h below" in term.symbol]
    assert below
    assert all(isinstance(leads, OfState) and leads.moment.layer == 0 for leads in below)


def test_nan_leads_to_the_cell_that_has_it() -> None:
    x = X.copy()
    x[1, 2, 1] = np.nan
    spec = Module("GRU", 4)
    batch, trace = traced(spec, make_batch(x, LENGTHS, Call(True, False)))
    found = origin_of(batch, spec, trace, OfState("z", Moment(2), 1, 0))
    assert np.isnan(found.value)
    assert found.terms[0].leads == OfX(1, 2, 1)
    assert np.isnan(found.terms[0].value)


def test_of_many_products_the_largest_are_named_and_the_others_added_up() -> None:
    spec = Module("LSTM", 40)
    batch, trace = traced(spec)
    found = origin_of(batch, spec, trace, OfState("f", Moment(2), 1, 7))
    assert len(found.terms) == 8
    assert found.others == 40 + 2 + 2 - 8
    total = sum(term.value for term in found.terms) + found.rest
    assert 1 / (1 + np.exp(-total)) == pytest.approx(found.value, rel=1e-4)


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (OfState("q", Moment(0), 0, 0), "there is no q"),
        (OfState("h", Moment(0), 0, 9), r"there is no h\[0, 9\]"),
        (OfState("h", Moment(4), 0, 0), "row 0 does not take step t4"),
        (OfState("h", Moment(0), 7, 0), "row 7 does not take step t0"),
    ],
)
def test_what_there_is_not_is_said(of: OfState, said: str) -> None:
    batch, trace = RUNS["LSTM"]
    with pytest.raises(BatchError, match=said):
        origin_of(batch, SPECS["LSTM"], trace, of)
