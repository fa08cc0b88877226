"""Arrays that are written to by nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from packviz.core.arrays import ReadOnly, frozen


def test_a_frozen_array_is_a_view_and_the_array_itself_stays_as_it_is() -> None:
    array = np.arange(3)
    view = frozen(array)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 5
    array[0] = 7
    assert view.tolist() == [7, 1, 2]


@dataclass(frozen=True, eq=False)
class Two(ReadOnly):
    mine: np.ndarray
    yours: np.ndarray
    name: str = ""


def test_a_dataclass_keeps_views_that_can_not_be_written_to() -> None:
    mine, yours = np.arange(3), frozen(np.arange(2))
    two = Two(mine, yours)
    assert not two.mine.flags.writeable
    assert two.yours is yours  # what is read-only stays the same object: parts are compared by `is`
    assert mine.flags.writeable
    assert not replace(two, name="other").mine.flags.writeable
