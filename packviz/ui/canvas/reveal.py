"""What is in view once a cell is to be seen: moved as little as needed, and so close that it can be read."""

from __future__ import annotations

from packviz.ui.canvas.ranges import Range

READABLE = (26.0, 48.0)
"""Pixels of a cell whose number can be read, along time and across."""


def revealed(seen: Range, place: int, pixels: float, readable: float = 0.0) -> Range:
    """The range of an axis of so many pixels that has the cell `place` in it.

    Where a cell has fewer than `readable` pixels, there are fewer in view afterwards, this one in their middle; else
    what is in view is moved to where the cell just comes in, or not at all.
    """
    first, stop = seen
    width = stop - first
    if readable and pixels < readable * width:
        width = max(1.0, pixels / readable)
        first = place + 0.5 - width / 2
    elif place < first:
        first = float(place)
    elif place + 1 > stop:
        first = place + 1 - width
    return first, first + width
