"""What a walk makes, whole or in spans, and the ends of its scales."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.packing import pack_in_order
from packviz.torch_side.stepping import made
from packviz.torch_side.stepping.made import made_of


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
