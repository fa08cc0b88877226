"""What a walk makes, whole or in spans, and the ends of its scales."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.packing import pack_in_order
from packviz.core.stops import NotFinite
from packviz.core.two_runs import held_against
from packviz.torch_side.columns import OnDevice
from packviz.torch_side.stepping import made
from packviz.torch_side.stepping.made import made_of
from packviz.torch_side.stepping.trace import trace_module


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 9), st.integers(1, 3)),
        elements=st.sampled_from([0.0, -2.5, 1.0, np.nan, np.inf, -np.inf]),
    )
)
def test_the_largest_finite_value_is_found_some_rows_at_a_time(values: np.ndarray) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "AT_ONCE", 4)
        found = made.largest(torch.from_numpy(values), UNWATCHED)
    finite = np.abs(values[np.isfinite(values)])
    assert found == finite.max(initial=0.0)
    with pytest.raises(Cancelled):
        made.largest(torch.ones(3, 2), Watch(cancelled=lambda: True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("spans", [None, ((0, 2), (2, 3))])
def test_the_outputs_and_the_final_states_are_those_of_the_states(dtype: torch.dtype, spans: object) -> None:
    packing = pack_in_order([3, 2], [0, 1], 3)
    module = torch.nn.GRU(2, 3, 2, bidirectional=True).to(dtype)
    data = torch.randn(5, 2, generator=torch.Generator().manual_seed(0)).to(dtype)
    found = made_of(module, data, packing, (), spans, UNWATCHED)  # type: ignore[arg-type]
    assert (found.replays is None) == (spans is None)
    for direction, output in enumerate(found.outputs):
        np.testing.assert_array_equal(output, found.states[1, direction]["h"])
    theirs = np.stack([np.asarray(found.states[1, 0]["h"])[[4, 3]], np.asarray(found.states[1, 1]["h"])[[0, 1]]])
    np.testing.assert_array_equal(found.final["h_n"][2:], theirs)
    for (layer, direction, name), limit in found.limits.items():
        assert limit == np.abs(np.asarray(found.states[layer, direction][name])).max()


def test_a_run_whose_states_lie_elsewhere_is_read_as_one_that_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype(np.float32)
    batch, module = make_batch(x, [6, 2, 4], Call(True, False)), torch.nn.LSTM(2, 4, 2, bidirectional=True, proj_size=3)
    here = trace_module(module, batch)
    monkeypatch.setattr(made, "values_of", OnDevice)
    there = trace_module(module, batch)
    assert isinstance(there.states[1, 0]["i"], OnDevice)
    assert (there.agrees, there.difference, there.nbytes) == (here.agrees, here.difference, here.nbytes)
    for moment in here.moments:
        for name in here.names:
            np.testing.assert_array_equal(there.state(name, moment), here.state(name, moment))
    np.testing.assert_array_equal(there.row("c", 2, layer=1, direction=1), here.row("c", 2, layer=1, direction=1))
    assert there.limits == here.limits
    torch.testing.assert_close(there.output.data, here.output.data, rtol=0, atol=0)
    torch.testing.assert_close(there.h_n, here.h_n, rtol=0, atol=0)
    assert there.first("h[2, 1] > 0 and step > 1") == here.first("h[2, 1] > 0 and step > 1")
    assert held_against(here, there, "a", "b").comparison.equal
    assert not NotFinite().truths(there.moments, there.packing, there).any()
