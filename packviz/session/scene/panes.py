"""The panes of a scene, each made from its inputs alone: what they show, in words, grids and marks."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.carrier import PackedFields
from packviz.core.cells.layout import Layout
from packviz.core.gradients import Gradients, Norms
from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.core.moments import Moment, Moments, pass_name
from packviz.core.packing import Packing, Refusal
from packviz.core.trace import Pass, Trace
from packviz.session.scene import contradicted, words
from packviz.session.scene.grids import CellColours, PackedGrid, PaddedGrid, norm_of
from packviz.session.scene.pane import Pane
from packviz.session.scene.parts import Bars, Ribbons, Trouble
from packviz.session.scene.scale import scale_of_cells, scale_of_states
from packviz.session.scene.trace_grids import RowGrid, StatesGrid
from packviz.session.state import Look

COMMON = 0.005  # the share of values at either end that may be outliers
OUTLYING = 4.0  # an outlier is so many times further out than the common values are apart


def cell_colours(
    batch: Batch | None,
    by: Any,
    theme: Theme,
    feature: int,
    limits: tuple[float, float],
    finite: bool,
    step: int,
    gradient: Norms | None = None,
) -> CellColours | None:
    """How the cells of the batch are coloured, in every pane that shows them; None without a batch."""
    if batch is None:
        return None
    palette = np.full((batch.rows, 4), 255, dtype=np.uint8)
    palette[:, :3] = colour.sequence_colours(batch.rows, theme)
    return CellColours(batch, by, theme, feature, limits, palette, finite, step, gradient)


def norms_shown(found: Gradients | None, at: Pass | None) -> Norms | None:
    """The norms of the gradient that cells are coloured by: at x, or `at` h of a layer and direction."""
    if found is None:
        return None
    return found.at_x() if at is None or at not in found.states else found.at_states(*at)


def gradient_told(norms: Norms | None, why: str) -> str:
    """What the cells are coloured by, and where it vanishes or explodes; or why they are not."""
    return why if norms is None else "; ".join((f"gradient of {norms.said}", *norms.troubles))


def all_finite(x: NDArray[Any] | None) -> bool:
    """Whether x holds neither NaN nor an infinity; a sum that overflows counts as if it did."""
    if x is None or x.dtype.kind not in "fc":
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum()))


def value_limits(x: NDArray[Any] | None, feature: int, by: str) -> tuple[float, float]:
    """Where the scale of values ends: at the least and greatest finite value of the feature, over at most some 250,000
    cells spread evenly; nearer, where a few outliers would leave all others one colour: they are drawn as clipped."""
    if x is None or by != "value":
        return 0.0, 1.0
    x = x if x.ndim > 1 else x.reshape(1, -1)
    stride = max(1, ceil(np.sqrt(x.shape[0] * x.shape[1] / 250_000)))
    some = x[::stride, ::stride]
    if x.ndim > 2 and x.size:
        some = norm_of(some, x.ndim - 2) if feature < 0 else some.reshape(*some.shape[:2], -1)[..., feature]
    some = some.real if some.dtype.kind == "c" else some
    some = some[np.isfinite(some)] if some.dtype.kind == "f" else some
    if not some.size:
        return 0.0, 0.0
    low, high = np.quantile(some.astype(np.float64), [COMMON, 1 - COMMON], overwrite_input=True)
    reach = OUTLYING * (high - low)
    if reach > 0:
        some = some[(some >= low - reach) & (some <= high + reach)]
    return float(some.min()), float(some.max())


def limits_shown(batch: Batch | None, look: Look) -> tuple[float, float]:
    """(least, greatest) value on the scale of x: as somebody has set it, else that of the feature."""
    if look.range is not None:
        return look.range.low, look.range.high
    return value_limits(None if batch is None else batch.x, look.feature, "value")


def padded_pane(
    batch: Batch | None,
    colours: CellColours | None,
    trouble: Trouble,
    down: int,
    orientation: str,
    layout: Layout | None = None,
    places: NDArray[np.int64] | None = None,
    told: str = "",
) -> Pane:
    """x as it was given, with its lengths as handles and the cells of findings marked; `layout` is told below it.

    `places`: as of `contradicted.places`. `told`: of the colours of its cells, or why they are not those asked for."""
    if batch is None or colours is None:
        return Pane("padded", "Padded x", empty="Open, paste or drop a batch, or choose a sample.")
    if batch.x.size == 0:
        return Pane("padded", "Padded x", words.padded_subtitle(batch, orientation), empty="x has no cells.")
    lengths = batch.row_lengths
    grid = PaddedGrid(colours, lengths, trouble.rows, down, places)
    ends = np.maximum(lengths[: batch.rows], -1)  # NaN may be read as -2**63, which no pane can show
    subtitle = words.padded_subtitle(batch, orientation, colours.feature)
    footer = words.padded_footer(batch, layout)
    footer = f"{told} · {footer}" if told else footer
    scale = scale_of_cells(colours)
    return Pane("padded", "Padded x", subtitle, footer, grid, "", trouble.marks, ends, scale=scale)


def packed_pane(
    batch: Batch | None,
    colours: CellColours | None,
    packing: Packing | Refusal | None,
    trouble: Trouble,
    down: int,
    provisional: bool,
) -> Pane:
    """`data` in memory order, or why there is none."""
    if batch is None or colours is None or packing is None:
        return Pane("packed", "Packed data")
    if isinstance(packing, Refusal) and batch.contradictory is not None:
        shape = words.shape_text(batch.contradictory.data.shape)
        return Pane("packed", "Packed data", shape, empty=f"{packing.reason} Padded x is the nearest reading.")
    if isinstance(packing, Refusal):
        return Pane("packed", "Packed data", "not packed", empty=f"Not packed: {packing.reason}")
    if batch.x.size == 0:
        return Pane("packed", "Packed data", words.packed_subtitle(batch, packing), empty="x has no cells.")
    spans = trouble.marks
    spans = spans[spans[:, 0] < packing.rows]
    marks = spans.copy()
    marks[:, 0] = packing.unsorted_indices[spans[:, 0]]
    marks[:, 2] = np.minimum(spans[:, 2], packing.lengths[spans[:, 0]])
    subtitle, footer = words.packed_subtitle(batch, packing), words.packed_footer(packing, batch, provisional)
    grid = PackedGrid(colours, packing, down)
    marks = marks[marks[:, 1] < marks[:, 2]]
    return Pane("packed", "Packed data", subtitle, footer, grid, "", marks, scale=scale_of_cells(colours))


def ribbons(packing: Packing | Refusal | None, colours: CellColours | None) -> Ribbons | None:
    """The sort order, where the batch is packed."""
    if not isinstance(packing, Packing) or colours is None:
        return None
    return Ribbons(packing.sorted_indices, colours.palette[packing.sorted_indices])


def size_bars(batch: Batch | None, packing: Packing | Refusal | None, down: int) -> Bars:
    """batch_sizes, or that there are none."""
    none = np.empty(0, dtype=np.int64)
    if batch is not None and batch.contradictory is not None:
        return _given_bars(batch.contradictory, down)
    if batch is None or not isinstance(packing, Packing):
        return Bars("batch_sizes", "", "", none, 1, 0, down, "" if batch is None else "no batch_sizes")
    subtitle, footer = words.sizes_lines(packing)
    return Bars("batch_sizes", subtitle, footer, packing.batch_sizes, packing.rows, packing.steps, down)


def _given_bars(fields: PackedFields, down: int) -> Bars:
    """batch_sizes of a PackedSequence that contradicts itself."""
    given = contradicted.given_sizes(fields)
    if isinstance(given, str):
        return Bars("batch_sizes", "", "", np.empty(0, dtype=np.int64), 1, 0, down, f"{given}.")
    sizes, steps = given
    subtitle, footer = words.given_sizes_lines(fields)
    return Bars("batch_sizes", subtitle, footer, sizes, max(1, int(sizes.max())), steps, down)


def row_grid(
    trace: Trace | None, shown: str, row: int, theme: Theme, down: int, linked: bool = False, at: Pass = (0, 0)
) -> RowGrid | None:
    """One state of one row over time; None where it has not been stepped. `linked`: all states have one scale. `at`: of
    which layer and direction."""
    if trace is None or row >= trace.packing.rows:
        return None
    return RowGrid(trace, shown, row, theme, down, linked, at)


def row_pane(grid: RowGrid | None, row: int, of: str, why: str, traced: bool) -> Pane:
    """The selected row over time, or why there is nothing to show; `of`: of what it is, if not of now."""
    title = f"Row {row} over time"
    if grid is None:
        return Pane("row", title, empty=f"Row {row} has no length: torch drops it." if traced else why)
    if len(grid.trace.states) > 1:
        title += f" · {pass_name(*grid.at, grid.trace.directions)}"
    subtitle, footer = words.row_lines(grid.trace, row, grid.shown, grid.at)
    scale = scale_of_states(grid.trace, (grid.shown,), grid.at, grid.linked)
    return Pane("row", title, words.of_line(of, subtitle), footer, grid, of=of, scale=scale)


def bad_after(pane: Pane, moment: Moment) -> frozenset[int]:
    """The rows in which something is wrong as far as the walk has come: from the first marked cell of each on, forward;
    backward from the last one on. A row whose trouble lies in no cell is wrong from its first step."""
    grid = pane.grid
    rows = frozenset[int]() if not isinstance(grid, PaddedGrid) else grid.bad_rows
    if not rows or not len(pane.marks):
        return rows
    later = set[int]()
    for row in rows:
        spans = pane.marks[pane.marks[:, 0] == row]
        if len(spans):
            come = moment.step < spans[:, 2].max() if moment.direction else moment.step >= spans[:, 1].min()
            later |= set() if come else {row}
    return rows - later


def states_grid(
    trace: Trace | None, moment: Moment, rows: int, theme: Theme, linked: bool = False
) -> StatesGrid | None:
    """Every state after a moment; None where nothing has been stepped. `linked`: all states have one scale."""
    return None if trace is None else StatesGrid(trace, moment, rows, theme, linked)


def states_pane(
    grid: StatesGrid | None, moment: Moment, moments: Moments, of: str, why: str, waiting: str = ""
) -> Pane:
    """Every state after a moment, or why there is nothing to show; `of`: of what it is, if not of now. `waiting`: why
    some of it is not there yet."""
    title = f"State after t = {moment.step}"
    if moments.layers * moments.directions > 1:
        title += f" · {pass_name(moment.layer, moment.direction, moments.directions)}"
    if grid is None:
        return Pane("states", title, empty=why)
    subtitle, footer = words.states_lines(grid.trace, moment)
    subtitle = f"{waiting} · {subtitle}" if waiting else subtitle
    scale = scale_of_states(grid.trace, grid.trace.names, grid.at, grid.linked)
    return Pane("states", title, words.of_line(of, subtitle), footer, grid, of=of, scale=scale)
