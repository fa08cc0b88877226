"""The padded grid and the packed data of a batch as a drawing: a column for each row, time down, coloured as in the
window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import Batch
from packviz.core.findings import NO_SPANS, Finding
from packviz.core.look.theme import LIGHT
from packviz.core.packing import Packing
from packviz.core.texts.html.page import HUES, element, hues, words
from packviz.core.texts.wording import count

MOST_ROWS = 48
MOST_SPANS = 200
MOST_CELLS = 150
"""Cells that bear their number; where there are more, none does."""
MOST_HATCHED = 400
WIDE, HIGH = 352.0, 240.0
"""Pixels of one grid, at most."""
COLUMN, CELL = 24.0, 18.0
NUMBERED = 16.0
"""Pixels of a column that are enough for a number."""
LEFT, TOP, GAP = 34.0, 30.0, 44.0

Ints = NDArray[np.int64]
Word = Callable[[int, int], str]
"""What a cell, (row, step), bears."""

_FILLS, _ = hues(LIGHT)  # where a page takes the styles away, these are left


@dataclass(frozen=True, eq=False)
class Drawing(ReadOnly):
    """What is drawn. `lengths`: (rows,) int64 of each row, from 0 to `steps`, None where they can't be told. `packing`:
    None where nothing is packed. `spans`: (n, 3) int64, marked cells: (row, first step, step after the last). `word`:
    what the cells of the padded grid bear, where there is room."""

    rows: int
    steps: int
    lengths: Ints | None
    packing: Packing | None = None
    spans: Ints = field(default_factory=lambda: NO_SPANS)
    word: Word | None = None


def of_batch(batch: Batch, packing: Packing | None, findings: Iterable[Finding] = ()) -> Drawing:
    """The drawing of a batch, with the cells of its findings marked."""
    lengths = batch.row_lengths
    known = len(lengths) == batch.rows
    spans = [finding.spans[: MOST_SPANS + 1] for finding in findings]
    return Drawing(
        batch.rows,
        batch.steps,
        np.clip(lengths, 0, batch.steps) if known else None,
        packing if packing is not None and packing.rows == batch.rows else None,
        np.concatenate(spans)[: MOST_SPANS + 1] if spans else NO_SPANS,
        None if batch.features or batch.x.dtype.kind == "c" else _word_of(batch),
    )


def of_packing(packing: Packing) -> Drawing:
    """The drawing of what was packed, where x itself is not at hand."""
    return Drawing(packing.rows, packing.steps, np.minimum(packing.lengths, packing.steps), packing)


def _word_of(batch: Batch) -> Word:
    def word(row: int, step: int) -> str:
        said = f"{batch.grid[row, step]:.3g}"
        return said if len(said) <= 4 else ""

    return word


def grids(drawn: Drawing) -> str:
    """The drawing, and below it what is left out of it; nothing of a batch without cells."""
    if drawn.rows == 0 or drawn.steps == 0:
        return ""
    rows = chosen_rows(drawn)
    order = None if drawn.packing is None else rows[np.argsort(drawn.packing.unsorted_indices[rows], kind="stable")]
    sheet = _Sheet(drawn, len(rows))
    padded = sheet.padded(rows, LEFT)
    packed = "" if order is None else sheet.packed(order, LEFT + sheet.width + GAP)
    wide = LEFT + sheet.width + (GAP + sheet.width if packed else 0) + 4
    tall = TOP + sheet.height + 4
    label = words(f"{count(drawn.rows, 'row')} of {count(drawn.steps, 'step')}, padded and packed")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" viewBox="0 0 {wide:.0f} {tall:.0f}" '
        f'width="{wide:.0f}" height="{tall:.0f}">{padded}{packed}</svg>'
    )
    left_out = _left_out(drawn, rows)
    return svg + (element("p", words(left_out), "muted") if left_out else "")


def chosen_rows(drawn: Drawing) -> Ints:
    """The rows that are drawn, ascending: all; of many those that are marked, and others at even distances."""
    if drawn.rows <= MOST_ROWS:
        return np.arange(drawn.rows)
    marked = np.unique(drawn.spans[:, 0])[: MOST_ROWS // 2]
    others = np.linspace(0, drawn.rows - 1, MOST_ROWS).astype(np.int64)
    others = np.setdiff1d(others, marked)
    spread = others[np.linspace(0, len(others) - 1, MOST_ROWS - len(marked)).astype(np.int64)]
    return np.union1d(marked, spread)


def _left_out(drawn: Drawing, rows: Ints) -> str:
    said = []
    if len(rows) < drawn.rows:
        first = ", those that are marked first" if len(drawn.spans) else ""
        said.append(f"{len(rows)} of {drawn.rows:,} rows are drawn{first}.")
    if len(drawn.spans) > MOST_SPANS:
        said.append(f"The first {MOST_SPANS} runs of cells are marked.")
    return " ".join(said)


class _Sheet:
    """Where columns and steps of both grids lie, in pixels."""

    def __init__(self, drawn: Drawing, columns: int) -> None:
        self.drawn = drawn
        self.column = min(COLUMN, WIDE / columns)
        self.cell = min(CELL, HIGH / drawn.steps)
        self.width, self.height = self.column * columns, self.cell * drawn.steps
        self.numbered = self.column >= NUMBERED and self.cell >= 12 and columns * drawn.steps <= MOST_CELLS

    def padded(self, rows: Ints, left: float) -> str:
        drawn, parts = self.drawn, [self._head("x, padded", rows, left), self._steps()]
        for column, row in enumerate(rows.tolist()):
            at = left + column * self.column
            if drawn.lengths is None:
                parts.append(self._bar(at, 0, drawn.steps, "ended", LIGHT.ended, f"row {row}"))
                continue
            length = int(drawn.lengths[row])
            parts.append(self._row(at, row, length))
            parts.append(self._bar(at, length, drawn.steps, "pad", LIGHT.padding, f"padding of row {row}"))
        parts.append(self._hatch(rows, left))
        parts.append(self._lines(len(rows), left))
        parts.append(self._marks(rows, left))
        if self.numbered and drawn.word is not None:
            parts += [self._text(left, c, t, drawn.word(r, t), self._ink(r, t)) for c, r, t in self._cells(rows)]
        return "".join(parts)

    def packed(self, order: Ints, left: float) -> str:
        drawn, packing = self.drawn, self.drawn.packing
        assert packing is not None
        parts = [self._head("data, packed", order, left)]
        lengths = np.minimum(packing.lengths[order], drawn.steps).tolist()
        for column, (row, length) in enumerate(zip(order.tolist(), lengths, strict=True)):
            parts.append(self._row(left + column * self.column, row, length))
        parts.append(self._lines(len(order), left))
        parts.append(self._marks(order, left, np.array(lengths)))
        if self.numbered:
            cells = [(c, r, t) for c, r, t in self._cells(order) if t < lengths[c]]
            parts += [self._text(left, c, t, str(packing.index(r, t)), f"t{r % HUES}") for c, r, t in cells]
        return "".join(parts)

    def _cells(self, rows: Ints) -> Iterable[tuple[int, int, int]]:
        return ((c, r, t) for c, r in enumerate(rows.tolist()) for t in range(self.drawn.steps))

    def _ink(self, row: int, step: int) -> str:
        inside = self.drawn.lengths is not None and step < self.drawn.lengths[row]
        return f"t{row % HUES}" if inside else "muted"

    def _row(self, at: float, row: int, length: int) -> str:
        hue = row % HUES
        return self._bar(at, 0, length, f"s{hue}", _FILLS[hue], f"row {row}, length {length}")

    def _bar(self, at: float, first: int, stop: int, kind: str, fill: str, title: str) -> str:
        if stop <= first:
            return ""
        top, height = TOP + first * self.cell, (stop - first) * self.cell
        return (
            f'<rect class="{kind}" fill="{fill}" x="{at:.1f}" y="{top:.1f}" width="{self.column:.1f}" '
            f'height="{height:.1f}"><title>{words(title)}</title></rect>'
        )

    def _head(self, title: str, rows: Ints, left: float) -> str:
        said = [f'<text x="{left:.1f}" y="10">{words(title)}</text>']
        every = 1 if self.column >= NUMBERED else max(1, len(rows) - 1)
        for column in range(0, len(rows), every):
            at = left + (column + 0.5) * self.column
            said.append(f'<text x="{at:.1f}" y="{TOP - 5:.0f}" text-anchor="middle">{rows[column]}</text>')
        return "".join(said)

    def _steps(self) -> str:
        steps = sorted({0, self.drawn.steps - 1})
        at = [(step, TOP + (step + 0.5) * self.cell + 3) for step in steps]
        return "".join(f'<text x="{LEFT - 4:.0f}" y="{y:.1f}" text-anchor="end">t{step}</text>' for step, y in at)

    def _hatch(self, rows: Ints, left: float) -> str:
        drawn = self.drawn
        if drawn.lengths is None or self.cell < 4:
            return ""
        column, step = np.nonzero(np.arange(drawn.steps) >= drawn.lengths[rows][:, None])
        if len(column) > MOST_HATCHED:
            return ""
        lines = [
            f"M{left + c * self.column:.1f} {TOP + (t + 1) * self.cell:.1f}l{self.column:.1f} {-self.cell:.1f}"
            for c, t in zip(column.tolist(), step.tolist(), strict=True)
        ]
        return f'<path class="hatch" fill="none" stroke="{LIGHT.hatch}" d="{"".join(lines)}"/>' if lines else ""

    def _lines(self, columns: int, left: float) -> str:
        lines = [f"M{left + c * self.column:.1f} {TOP:.1f}v{self.height:.1f}" for c in range(columns + 1)]
        if self.cell >= 4:
            steps = range(self.drawn.steps + 1)
            lines += [f"M{left:.1f} {TOP + t * self.cell:.1f}h{columns * self.column:.1f}" for t in steps]
        return f'<path class="lines" fill="none" stroke="{LIGHT.panel}" d="{"".join(lines)}"/>'

    def _marks(self, rows: Ints, left: float, stops: Ints | None = None) -> str:
        """The cells of findings; of those in the packed data only what is packed: steps before `stops`."""
        place = {row: column for column, row in enumerate(rows.tolist())}
        said = []
        for row, first, stop in self.drawn.spans[:MOST_SPANS].tolist():
            column = place.get(row)
            if column is None:
                continue
            stop = min(stop, self.drawn.steps if stops is None else int(stops[column]))
            if stop <= first:
                continue
            top, height = TOP + first * self.cell, max(2.0, (stop - first) * self.cell)
            at = left + column * self.column
            said.append(
                f'<rect class="on" fill="none" stroke="{LIGHT.error}" x="{at + 0.5:.1f}" y="{top + 0.5:.1f}" '
                f'width="{self.column - 1:.1f}" height="{max(1.0, height - 1):.1f}"/>'
            )
        return "".join(said)

    def _text(self, left: float, column: int, step: int, said: str, kind: str) -> str:
        if not said:
            return ""
        x, y = left + (column + 0.5) * self.column, TOP + (step + 0.5) * self.cell + 3
        return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{words(said)}</text>'
