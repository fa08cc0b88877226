"""How much memory the x of several batches takes together: those that share one are counted once."""

from __future__ import annotations

from packviz.core.batch import Batch


def place_of(batch: Batch) -> int:
    """Where the numbers of x lie: edits, and views such as a swapped x, lie in the same place."""
    place: int = batch.x.__array_interface__["data"][0]
    return place


class Xs:
    """The places of x that were seen, and the bytes that they take: `nbytes`."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._places: set[int] = set()

    def add(self, batch: Batch) -> None:
        """Count the x of this batch, unless it has been."""
        place = place_of(batch)
        if place not in self._places:
            self._places.add(place)
            self.nbytes += batch.x.nbytes
