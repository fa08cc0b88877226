"""Gradients as a value."""

from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.gradients import Gradients
from packviz.core.packing import Packing, pack

PACKING = pack(make_batch(np.zeros((2, 3)), [3, 2], Call(True)))
assert isinstance(PACKING, Packing)


def test_ratios_go_from_the_last_state_to_the_first_one_of_each_row() -> None:
    states = {(0, 0): np.array([1e-4, 2.0, 3, 4, 5]), (0, 1): np.array([1.0, 1, 2, 1e5, 3])}
    found = Gradients("it", 1.0, np.zeros((2, 3)), states, PACKING, "nn.GRU(1, 2)")
    assert found.row(0).tolist() == [1e-4, 3, 5]
    assert found.row(1, direction=1).tolist() == [1, 1e5]
    np.testing.assert_allclose(found.ratios(), [1e-4 / 5, 2 / 4])
    np.testing.assert_allclose(found.ratios(direction=1), [3, 1e5])
    assert found.troubles() == ["layer 0 →: vanishes in row 0", "layer 0 ←: explodes in row 1"]
    assert "layer 0 →: vanishes in row 0; layer 0 ←: explodes in row 1" in repr(found)
    assert not found.states[0, 0].flags.writeable


def test_a_last_gradient_of_zero_has_no_ratio_and_sizes_must_agree() -> None:
    found = Gradients("it", 1.0, np.zeros((2, 3)), {(0, 0): np.zeros(5)}, PACKING, "nn.GRU(1, 2)")
    assert np.isnan(found.ratios()).all()
    assert found.troubles() == []
    with pytest.raises(ValueError, match="has 4 numbers, but data has 5"):
        Gradients("it", 1.0, np.zeros((2, 3)), {(0, 0): np.zeros(4)}, PACKING, "nn.GRU(1, 2)")


def test_the_norms_lie_in_the_cells_that_the_steps_have_read() -> None:
    states = {(0, 0): np.array([1.0, 2, 3, 4, 5]), (0, 1): np.array([1.0, 1, 2, 1e5, 3])}
    found = Gradients("it", 1.0, np.arange(6.0).reshape(2, 3), states, PACKING, "nn.GRU(1, 2)")
    assert found.at_x().norms.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found.at_x().said == "it at x"
    assert found.at_x().troubles == ("layer 0 ←: explodes in row 1",)
    ahead = found.at_states()
    assert ahead.norms.tolist() == [[1, 3, 5], [2, 4, 0]]
    assert (ahead.said, ahead.troubles) == ("it at h of layer 0 →", ())
    assert found.at_states(0, 1).troubles == ("layer 0 ←: explodes in row 1",)
    with pytest.raises(ValueError, match="no gradients of layer 1"):
        found.at_states(1)
