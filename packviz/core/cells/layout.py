"""The layout detective: which of the first two dimensions of x are its rows, on which side they are padded, and how
sure that is, from the sizes, the lengths, the padding and the mask of a batch.

Both readings of x are held against what is known. The sizes are looked at first; the cells only where these leave it
open, which is the case for a square x above all: there torch can notice nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from packviz.core.batch import Batch
from packviz.core.carrier import Padded, Sequences
from packviz.core.cells.bits import ONE, Bits, Bools, Ints, bits_of, cells_of, first_bit, how_many, last_bit
from packviz.core.cells.masks import MaskReading, beside, in_place_of_lengths
from packviz.core.cells.padding import filled_cells
from packviz.core.texts.wording import count

Side = Literal["right", "left", "none"]
Certainty = Literal["certain", "likely", "undecidable"]

PROOF = 2
"""So many rows must contradict a reading before it is ruled out for sure: one may have a wrong length of its own."""


@dataclass(frozen=True)
class Layout:
    """How x lies, as far as it can be told.

    `batch_first`: None where nothing tells. `side`: where its rows are padded, "none" where they are not at all, None
    where that can't be told. `reasons`: sentences without a full stop, with the numbers that it was told by.
    """

    batch_first: bool | None
    side: Side | None
    certainty: Certainty
    reasons: tuple[str, ...]

    def proves(self, batch_first: bool) -> bool:
        """Whether x certainly lies so."""
        return self.certainty == "certain" and self.batch_first is batch_first

    def to_dict(self) -> dict[str, Any]:
        """As in the JSON of `packviz check`."""
        return {
            "batch_first": self.batch_first,
            "side": self.side,
            "certainty": self.certainty,
            "reasons": list(self.reasons),
        }

    def __str__(self) -> str:
        """`batch_first=True, padded on the right, certain: 3 lengths for 3 rows; x has 5 steps`."""
        first = "batch_first undecidable" if self.batch_first is None else f"batch_first={self.batch_first}"
        sides = {"right": ", padded on the right", "left": ", padded on the left", "none": ", not padded", None: ""}
        sure = "" if self.batch_first is None else f", {self.certainty}"
        return f"{first}{sides[self.side]}{sure}: {'; '.join(self.reasons)}"


@dataclass(frozen=True)
class _Told:
    """What one kind of evidence says: the layout, or None where it says nothing; how sure, and why."""

    batch_first: bool | None
    certainty: Certainty
    reasons: tuple[str, ...]


def detect(
    batch: Batch, filled: Bits | None = None, ends: Ints | None = None, mask: MaskReading | None = None
) -> Layout:
    """How x lies.

    `filled`: (B, ceil(T / 64)) uint64, a bit for each cell that holds data, in the layout of the call. `ends`: (B,)
    int64, the step after the last of them in each row. `mask`: what the mask says, in place of the lengths or beside x.
    They are worked out where they are left out. Never raises.
    """
    x, first = batch.x, batch.call.batch_first
    if x.ndim < 2:
        return _open(f"x has {count(x.ndim, 'dimension')}, but a batch has rows and steps")
    if x.size == 0:
        return _open("x has no cells")
    if batch.contradictory is not None:
        return _open("the PackedSequence contradicts itself")
    view = _View(batch, filled, ends, mask)
    if not isinstance(batch.carrier, Padded):
        what = "a list of sequences" if isinstance(batch.carrier, Sequences) else "a PackedSequence"
        return Layout(first, view.side(False), "certain", (f"{what} has no layout of its own: packviz laid it out so",))
    if batch.rows == batch.steps == 1:
        return _open("x has one row of one step, the same in either layout")
    told = _by_lengths(view) if view.lengths_given else None
    if told is None or told.batch_first is None:
        told = _by_mask(view) or told or _by_padding(view)
    turned = told.batch_first is not None and told.batch_first != first
    return Layout(told.batch_first, view.side(turned), told.certainty, told.reasons)


def _open(reason: str) -> Layout:
    return Layout(None, None, "undecidable", (reason,))


class _View:
    """The cells of a batch in either reading, `turned` in the other one, worked out when they are first looked at."""

    def __init__(self, batch: Batch, filled: Bits | None, ends: Ints | None, mask: MaskReading | None) -> None:
        self.batch = batch
        self._mask = mask
        self._bits: dict[bool, Bits] = {} if filled is None else {False: filled}
        self._ends: dict[bool, Ints] = {} if ends is None else {False: ends}

    @property
    def mask(self) -> MaskReading | None:
        """What the mask says that was given, beside x or in place of the lengths."""
        return self._mask or in_place_of_lengths(self.batch) or beside(self.batch)

    @property
    def lengths_given(self) -> bool:
        """Whether the lengths are evidence: a vector of numbers that was not made from x or its mask."""
        given = self.batch.given
        return given.is_vector and given.read.dtype.kind != "b" and given.origin in ("given", "packed")

    def bits(self, turned: bool) -> Bits:
        """The cells that hold data, a bit each."""
        if turned not in self._bits:
            self._bits[turned] = bits_of(self.cells().T if turned else filled_cells(self.batch))
        return self._bits[turned]

    def cells(self) -> Bools:
        """(B, T) bool, the same in the layout of the call."""
        return cells_of(self.bits(False), self.batch.steps)

    def ends(self, turned: bool) -> Ints:
        """(B,) int64, the step after the last cell of each row that holds data, 0 where there is none."""
        if turned not in self._ends:
            self._ends[turned] = last_bit(self.bits(turned))
        return self._ends[turned]

    def misfits(self, turned: bool) -> Bools:
        """(n,) bool, the rows that do not end where their length says; fewer where there are fewer lengths."""
        ends, counts = self.ends(turned), self.batch.counts
        n = min(len(ends), len(counts))
        return np.asarray(np.maximum(ends[:n], 1) != counts[:n])

    def broken(self, turned: bool) -> Bools:
        """(B,) bool, the rows with padding before the end of their data."""
        return np.asarray(how_many(self.bits(turned)) != self.ends(turned))

    def empty(self, turned: bool) -> bool:
        """Whether a row has no data at all."""
        return not bool(self.ends(turned).all())

    def side(self, turned: bool) -> Side | None:
        """On which side the rows of a reading are padded."""
        ends = self.ends(turned)
        steps = self.batch.rows if turned else self.batch.steps
        short = ends < steps
        if self.lengths_given or (self.batch.given.origin == "mask" and self.batch.given.is_vector):
            counts = self.batch.counts
            if len(counts) != len(ends) or bool(np.any((counts < 0) | (counts > steps))):
                return None
            if bool(np.any(ends > np.maximum(counts, 1))):  # data beyond the lengths: these may end at the front
                starts, short = first_bit(self.bits(turned), steps), counts < steps
                return "left" if bool(np.all((ends == steps) & (starts >= steps - counts) | ~short)) else None
            if bool(np.any(short)):
                return "right"
        leads = int(np.count_nonzero(self.bits(turned)[:, 0] & ONE == 0)) - int(np.count_nonzero(ends == 0))
        if not leads:
            return "right" if bool(np.any(short)) else "none"
        if self.lengths_given and (self.batch.x.dtype.kind not in "iu" or self.batch.features):
            return None  # the lengths count these cells, and among measurements the padding value may be a real one
        return "left" if leads >= PROOF and not bool(np.any(short)) else None


def _by_mask(view: _View) -> _Told | None:
    """What a mask tells that pads on the right in one layout only; None where it tells nothing."""
    batch, reading = view.batch, view.mask
    if reading is None or not reading.right:
        return None
    if batch.rows == batch.steps:
        # How a square mask lies beside a square x, only its padding can tell: where it is that of the mask, one way.
        grid = reading.grid
        cells = view.cells().T if reading.turned else view.cells()
        if np.array_equal(grid, grid.T) or not np.array_equal(grid, cells):
            return None
    other = bits_of(reading.grid.T)
    broken = int(np.count_nonzero(how_many(other) != last_bit(other)))
    if broken < PROOF:
        return None
    first = batch.call.batch_first != reading.turned
    rows, steps = reading.grid.shape
    return _Told(
        first,
        "likely" if view.lengths_given else "certain",
        (
            f"with batch_first={first} each of {count(rows, 'row')} of the mask is True, then False",
            f"with batch_first={not first} {_broken(steps, broken, 'True', 'False')}",
        ),
    )


def _by_lengths(view: _View) -> _Told:
    """What the number of the lengths tells, or, where it tells nothing, where the rows end."""
    batch = view.batch
    first, rows, steps, n = batch.call.batch_first, batch.rows, batch.steps, len(batch.counts)
    given = f"{count(n, 'length')} for {count(rows, 'row')}"
    if rows == steps:
        return _by_ends(view) if n == rows else _Told(None, "undecidable", (f"{given} of {count(steps, 'step')}",))
    longest = int(batch.counts.max(initial=0))
    if n == rows:
        if longest <= steps:
            return _unless_last(view, False, _Told(first, "certain", (f"{given}; x has {count(steps, 'step')}",)))
        beyond = f"the longest length, {longest}, is more than {count(steps, 'step')}"
        return _Told(first, "likely", (given, beyond))
    if n == steps and longest <= rows:
        if not view.misfits(False).any() and view.misfits(True).any():
            ends = f"yet {count(min(n, rows), 'row')} end{'s' if min(n, rows) == 1 else ''} where the lengths say"
            return _Told(first, "likely", (given, ends))
        other = f"with batch_first={not first} x has {count(steps, 'row')} of {count(rows, 'step')}"
        return _unless_last(view, True, _Told(not first, "certain", (given, other, f"the longest length is {longest}")))
    return _Told(None, "undecidable", (f"{given}; x has {count(steps, 'step')}",))


def _unless_last(view: _View, turned: bool, told: _Told) -> _Told:
    """The same, no more than likely where time may be the last dimension, as of mels: the longest length is as long as
    that is, shorter than the steps of this reading, and rows do not end where their lengths say."""
    batch = view.batch
    steps, last = (batch.rows if turned else batch.steps), batch.x.shape[-1]
    longest = int(batch.counts.max(initial=0))
    if batch.x.ndim < 3 or longest != last or longest >= steps or not view.misfits(turned).any():
        return told
    said = f"the longest length is its last dimension, too, {last}: time may be last"
    return _Told(told.batch_first, "likely", (*told.reasons, said))


def _by_ends(view: _View) -> _Told:
    """Which reading of a square x fits its lengths, one a row in both."""
    first, rows = view.batch.call.batch_first, view.batch.rows
    wrong = view.misfits(False)
    here, there = int(np.count_nonzero(wrong)), int(np.count_nonzero(view.misfits(True)))
    square = f"{count(rows, 'length')} for {count(rows, 'row')} of {count(rows, 'step')}"
    if not here and not there:
        return _Told(None, "undecidable", (square, "every row ends where its length says in either layout"))
    reasons = (square, *(f"with batch_first={f} {_fitting(rows, n)}" for f, n in ((first, here), (not first, there))))
    # Where all lengths are T, a full last row alone makes the columns end there: then holes tell that it is chance.
    told = int(view.batch.counts.min()) < rows
    if not here and (told or not view.broken(False).any()):
        sure = there >= PROOF or not view.broken(False).any()
        return _Told(first, "certain" if sure else "likely", reasons)
    if here and not there:
        odd = int(np.count_nonzero(wrong | view.broken(False)))
        if not view.broken(True).any() and not view.empty(True) and odd >= PROOF:
            said = f"with batch_first={first} {odd} of {count(rows, 'row')} have padding before data, or end elsewhere"
            return _Told(not first, "certain", (square, said, reasons[2]))
        if here >= PROOF and told:
            return _Told(not first, "likely", reasons)
    elif here and 2 * min(here, there) <= max(here, there) - PROOF:
        return _Told(first == (here < there), "likely", reasons)
    return _Told(None, "undecidable", reasons)


def _fitting(rows: int, wrong: int) -> str:
    if not wrong:
        return "every row ends where its length says"
    return f"{wrong} of {count(rows, 'row')} {'does' if wrong == 1 else 'do'} not end where the length says"


_SILENT = {"guessed": "no lengths were given", "mask": "the mask decides nothing"}


def _by_padding(view: _View) -> _Told:
    """In which reading each row is data, then padding; for want of lengths that would know better."""
    first = view.batch.call.batch_first
    here, there = (int(np.count_nonzero(view.broken(turned))) for turned in (False, True))
    sizes = ((first, view.batch.rows, here), (not first, view.batch.steps, there))
    reasons = (
        _SILENT.get(view.batch.given.origin, "the lengths decide nothing"),
        *(f"with batch_first={f} {_broken(rows, wrong)}" for f, rows, wrong in sizes),
    )
    if not here and there >= PROOF and not view.empty(False):
        return _Told(first, "likely", reasons)
    if not there and here >= PROOF and not view.empty(True):
        return _Told(not first, "likely", reasons)
    return _Told(None, "undecidable", reasons)


def _broken(rows: int, wrong: int, data: str = "data", padding: str = "padding") -> str:
    if not wrong:
        return f"each of {count(rows, 'row')} is {data}, then {padding}"
    return f"{wrong} of {count(rows, 'row')} {'has' if wrong == 1 else 'have'} {padding} before {data}"
