"""An x that comes without lengths and without a mask: which way round it lies and what it is padded with, as far as
runs of one number at the ends of its rows tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from packviz.core.cells.filling import Runs, ending, ends_with, other_than, runs_of, shortest
from packviz.core.texts.wording import count, number
from packviz.files.known.axes import is_turned, spelt, undecided, view
from packviz.files.known.names import is_time_last_name


@dataclass(frozen=True)
class Unsaid:
    """`axes`: how x lies, None where nothing tells; `padding`: what it is padded with, None where that is what the call
    says anyway; `said`: why."""

    axes: str | None
    padding: float | None
    said: tuple[str, ...]


NOTHING = Unsaid(None, None, ())

LEAST_STEPS = 8
"""A last dimension of fewer is not taken for steps where there are no lengths, but for its name."""


def told_by_runs(x: NDArray[Any], name: str, padding: float, ways: tuple[str, ...], *, any_value: bool) -> Unsaid:
    """What the ends of the rows tell of x.

    `padding`: the padding value of the call; `ways`: the readings that are left; `any_value`: whether it may be padded
    with another one. Raises Undecided where time may be last, as the name or the padding has it, and may be elsewhere
    as well.
    """
    if x.ndim < 2 or not x.size or x.dtype.kind not in "iuf":
        return NOTHING
    named = is_time_last_name(name)
    if not named:
        ways = tuple(way for way in ways if not is_turned(way) or x.shape[way.index("T")] >= LEAST_STEPS)
    for backwards in (False, True):
        found = _padded(x, ways, padding, any_value, backwards)
        if found is not None:
            return found
    # Of five dimensions the second is as often the channels of a video.
    if any(map(is_turned, ways)) and (named or x.ndim == 5 or x.shape[1] >= LEAST_STEPS):
        undecided(x.shape, ways, "there are no lengths, no mask and no padding that could tell")
    return NOTHING


def _padded(x: NDArray[Any], ways: tuple[str, ...], padding: float, any_value: bool, backwards: bool) -> Unsaid | None:
    """What is told by runs of the padding value, or else of any other number, at the ends of the rows, or, `backwards`,
    at their beginnings."""
    if any(ends_with(view(x, way), padding, backwards) for way in ways):
        looked = _looked(x, ways, padding, backwards)
        fitting = [way for way in ways if looked[way].pad(sure=not backwards)]
        if fitting:
            return _of(x, looked, fitting, None, backwards)
    if not any_value:
        return None
    best: tuple[int, dict[str, Runs], list[str], float] | None = None
    for value in {value for way in ways for value in ending(view(x, way), backwards) if value != padding}:
        looked = _looked(x, ways, value, backwards)
        fitting = [way for way in ways if looked[way].pad(sure=False)]
        cells = max((looked[way].cells for way in fitting), default=0)
        if fitting and (best is None or cells > best[0]):
            best = (cells, looked, fitting, shortest(value))
    return None if best is None else _of(x, best[1], best[2], best[3], backwards)


def _looked(x: NDArray[Any], ways: tuple[str, ...], value: float, backwards: bool) -> dict[str, Runs]:
    held = other_than(x, value)
    return {way: runs_of(view(held, way), backwards) for way in ways}


def _of(x: NDArray[Any], looked: dict[str, Runs], fitting: list[str], value: float | None, backwards: bool) -> Unsaid:
    others = [way for way in looked if way not in fitting]
    open_ways = tuple(way for way in looked if way in fitting or not looked[way].ruled_out)
    axes = fitting[0] if len(open_ways) == 1 else None
    if axes is None and any(map(is_turned, fitting)):
        undecided(x.shape, open_ways, "there are no lengths and no mask, and its padding fits each of them")
    told = looked[axes or fitting[0]]
    ends = "begin" if backwards else "end"
    said = []
    if axes is not None and len(looked) > 1:
        order = "padding, then data" if backwards else "data, then padding"
        wrong = [f"in ({', '.join(way)}) {looked[way].broken} are not" for way in others if looked[way].broken]
        said.append(f"{spelt(axes)}: each row is {'; '.join([order, *wrong])}")
    if value is not None:
        rows = told.rows + told.empty
        told_of = f"{count(rows, 'row')} {ends if rows > 1 else ends + 's'} with runs of it"
        where = "after" if backwards else "before"
        said.append(f"padding_value {number(value)}: {told_of}, and it stands nowhere {where}")
    return Unsaid(axes, value, tuple(said))
