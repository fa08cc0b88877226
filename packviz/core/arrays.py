"""Arrays that are shared by many and written to by nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view of the array that can't be written to; the array itself stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view


class ReadOnly:
    """A frozen dataclass that keeps a view of every array that it is given, which can't be written to."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and value.flags.writeable:
                object.__setattr__(self, name, frozen(value))
