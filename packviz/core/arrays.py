"""Arrays that are shared by many and written to by nobody."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view of the array that can't be written to; the array itself stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view
