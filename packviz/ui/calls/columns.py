"""Which columns of the list of calls there is room for, and how wide each is. Pure functions of widths in pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packviz.core.calls.choosing import Column

FIRST: tuple[Column, ...] = ("number", "found", "site", "lengths", "shape", "outcome", "padding", "call")
"""Which column there is room for first. Without the first two no call is told from another: they always stand."""
ALWAYS = 2
GROW: tuple[Column, ...] = ("shape", "site", "call", "found", "outcome")
"""Which of them is first to have all the room that it wants, once the others that are shown have theirs."""
LAST: tuple[Column, ...] = ("outcome", "found", "site")
"""Which of them has the room that nobody wants: what stands at the end, or what is long."""


@dataclass(frozen=True)
class Width:
    """Pixels of a column: with `least` it can be read, with `most` nothing of it is left out. `chosen`: somebody wants
    it to be just that wide."""

    least: int
    most: int
    chosen: bool = False


def fitted(room: int, widths: Mapping[Column, Width], wanted: Sequence[Column] = ()) -> dict[Column, int]:
    """The width of each column that is shown, as many of them as there is room for, in no more than `room` pixels if
    that can be. `wanted`: columns that are shown in any case, as the one that is sorted by."""
    must = dict.fromkeys((*FIRST[:ALWAYS], *wanted))
    shown = {column: widths[column].least for column in must}
    left = room - sum(shown.values())
    for column in FIRST:
        if column in shown:
            continue
        if widths[column].least > left:
            break  # what counts less does not stand where something that counts more has no room
        shown[column] = widths[column].least
        left -= widths[column].least
    for column in GROW:
        if column in shown and left > 0:
            more = min(left, widths[column].most - shown[column])
            shown[column] += more
            left -= more
    end = next((column for column in LAST if column in shown and not widths[column].chosen), None)
    if end is not None:
        shown[end] += max(0, left)
    return shown
