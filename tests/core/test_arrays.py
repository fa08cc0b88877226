"""Arrays that are written to by nobody."""

from __future__ import annotations

import numpy as np
import pytest

from packviz.core.arrays import frozen


def test_a_frozen_array_is_a_view_and_the_array_itself_stays_as_it_is() -> None:
    array = np.arange(3)
    view = frozen(array)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 5
    array[0] = 7
    assert view.tolist() == [7, 1, 2]
