"""What is found of a callable by the law: a row's result must be the same alone, cut to its length, as in any batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from packviz.core.breaches import permutation_told, placed, sentence
from packviz.core.cells.bits import Bools
from packviz.core.findings import Finding, Severity
from packviz.core.rows_read import MOST_ROWS, YES, read_from
from packviz.core.texts.wording import listed
from packviz.torch_side.probe.breaking import first_break
from packviz.torch_side.probe.caller import AFTER, Caller, Unfit
from packviz.torch_side.probe.company import ONE_SIZE, Apart, in_other_company, matches, nothing_apart, with_own_steps
from packviz.torch_side.probe.crossing import Crossed, crossed, crossings
from packviz.torch_side.probe.extent import SPARE, extents
from packviz.torch_side.probe.fills import filled
from packviz.torch_side.probe.judged import Judged, merged
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, none
from packviz.torch_side.probe.shortened import hold_shortened
from packviz.torch_side.probe.statistics import Listener, statistics

if TYPE_CHECKING:
    from torch import nn

LEFT = "Rows that are padded on the left were not run alone: which cells a length of them counts is not known."
FAINT = "Whether padding is read in {} can't be told: only NaN in it shows, and no row could be run alone."
NAN_ONLY = (
    "{}: NaN in the padding shows, and finite numbers do not: a mask is multiplied, and 0 × NaN is NaN. "
    "No value of the padding gets through; torch.where or masked_fill keep a NaN out, too."
)


@dataclass(frozen=True, eq=False)
class Begun:
    """What is known once rows were run in other company. `way`: whether that was possible."""

    told: Judged
    eye: Judge
    listener: Listener
    apart: Apart
    way: bool


@dataclass(frozen=True, eq=False)
class Filled:
    """What the padding changed: of each part of the result, (B,) bool, with finite numbers and with NaN. `values`:
    the finite numbers."""

    finite: list[Bools]
    endless: list[Bools]
    values: tuple[float, ...] = ()


def begin(caller: Caller, parts: list[Part], modules: tuple[nn.Module, ...]) -> tuple[Begun, list[Part]]:
    """Run rows in other company; the parts, with what that tells of their steps. `modules`: those that are reached."""
    told, eye, listener = Judged(), Judge(caller.plain, caller.watch), Listener(modules)
    apart, way = _company(caller, parts, eye, listener, told)
    return Begun(told, eye, listener, apart, way), with_own_steps(parts, apart, caller.padding.lengths)


def judge(
    caller: Caller,
    parts: list[Part],
    begun: Begun,
    changes: Filled,
    modules: tuple[nn.Module, ...],
    module: nn.Module | None,
    unknown: frozenset[int] = frozenset(),
) -> Judged:
    """Run the other oracles, and say what all of them found. `modules`: those that are reached; `module`: the one in
    which the first break is looked for; `unknown`: parts of which the rows are not known for sure."""
    told, eye, apart, way = begun.told, begun.eye, begun.apart, begun.way
    rows = caller.batch.rows
    wrong = any(found.any() for found in apart.apart)
    cross = crossed(caller, parts, eye, wrong) if rows > 1 else Crossed([none(rows) for _ in parts], [])
    hold(caller, parts, changes, eye, apart, way, cross, told, unknown)
    broken = [f for f in told.findings if f.severity is Severity.SILENT and f.code != "lengths-depend-on-company"]
    if not caller.padding.count:
        hold_shortened(caller, [] if broken else parts, eye, changes.values, told, unknown)
    if not broken:
        _extents(caller, parts, eye, modules, module, told, unknown, SPARE if begun.listener.parts else 0)
    _statistics(caller, begun.listener, eye, apart, told)
    if module is not None and broken and caller.left >= 2:
        _where(caller, module, eye, broken, told, changes.values[0] if changes.values else None)
    told.findings = merged(told.findings)
    return told


def hold(
    caller: Caller,
    parts: list[Part],
    changes: Filled,
    eye: Judge,
    apart: Apart,
    way: bool,
    cross: Crossed,
    told: Judged,
    unknown: frozenset[int] = frozenset(),
) -> None:
    """Say what each part of the result does with the rows and the padding. `way`: rows could be run alone."""
    rows, padding = caller.batch.rows, caller.padding
    own, pinned = padding.cells.any(axis=1), dict[int, dict[int, int]]()
    for at, part in enumerate(parts):
        if at in unknown:
            continue
        moved, alone = cross.moved[at], apart.apart[at]
        fills, faint = changes.finite[at] & own, changes.endless[at] & own & ~changes.finite[at]
        foreign = changes.finite[at] & ~own
        if is_whole(part) and part.reading.step is None:
            told.add_whole(part.name, alone | moved | fills | foreign)
            continue
        sources, ordered, sure = _sources(apart, parts, at, eye, caller) if alone.any() else ({}, False, {})
        if sources:
            exact = ordered or len(apart.alone) == rows
            pinned[at] = sure
            places = sorted(sources) if exact else np.flatnonzero(alone | moved).tolist()
            told.add("rows-permuted", places, _said(part, places, permutation_told(sources, ordered), rows))
            continue
        if moved.any():
            mixed = moved | (alone & ~fills)
            without = apart.without[at] if way and apart.without else None
            reads = read_from(cross.runs[at], rows, without) if rows <= MOST_ROWS else None
            told.add("rows-mixed", np.flatnonzero(mixed), _mixed(part, reads, mixed, rows))
        else:
            mixed = none(rows)
        if (fills & ~mixed).any():
            which = np.flatnonzero(fills & ~mixed)
            detail = sentence(f"{placed([part.name], which, rows)} changes with what the padding holds.")
            told.add("reads-padding", which, detail)
        company = (alone | foreign) & ~fills & ~mixed
        if company.any():
            which = np.flatnonzero(company)
            how = "alone, cut to the length of the row, than in the batch" if way else "in other company"
            told.add("depends-on-company", which, sentence(f"{placed([part.name], which, rows)} is another one {how}."))
        if (faint & ~company & ~mixed).any():
            which = np.flatnonzero(faint & ~company & ~mixed)
            if not way:  # no other oracle can tell a mask that is multiplied from a trace that is faint
                told.untested.append(FAINT.format(placed([part.name], which, rows)))
            told.add("reads-padding", which, sentence(NAN_ONLY.format(placed([part.name], which, rows))), note=True)
    told.crossings, said = crossings(cross, parts, apart.without if way else [], rows, unknown, pinned)
    told.notes += [*cross.said, *said]


def _company(caller: Caller, parts: list[Part], eye: Judge, listener: Listener, told: Judged) -> tuple[Apart, bool]:
    """Rows in other company; whether that was possible."""
    rows = caller.batch.rows
    which = np.flatnonzero((caller.padding.lengths > 0) & ~caller.padding.left)
    if caller.padding.left.any():
        told.untested.append(LEFT)
    try:
        apart = in_other_company(caller, parts, eye, which, listener.of_row if listener.parts else None)
    except Unfit as error:
        told.untested.append(f"No row was run alone: {error}.")
        return nothing_apart(parts, rows), False
    told.notes += apart.said
    if apart.failed:
        told.notes.append(ONE_SIZE.format(apart.failed))
    return apart, not apart.failed


def _sources(
    apart: Apart, parts: list[Part], at: int, eye: Judge, caller: Caller
) -> tuple[dict[int, int], bool, dict[int, int]]:
    """Where the rows of a part are those of other rows: row of the batch → row whose result it is, where they differ;
    whether the order is that of descending lengths; and those of them that were seen, and at no other place."""
    import torch

    rows, lengths = caller.batch.rows, caller.padding.lengths
    told = matches(apart, parts, at, eye, rows, lengths)
    if len(told) < 2:
        return {}, False, {}
    sure = {int(found.argmax()): row for row, found in told.items() if found.sum() == 1}
    counts = torch.as_tensor(np.asarray(caller.batch.counts[:rows]))
    for order in (torch.argsort(counts, descending=True, stable=True), torch.sort(counts, descending=True)[1]):
        places = {int(source): place for place, source in enumerate(order.tolist())}
        if len(places) == rows and all(told[row][places[row]] for row in told):
            return {place: row for row, place in places.items() if place != row}, True, sure
    if any(not told[row].any() for row in told):
        return {}, False, {}
    matched = _matched(told)
    return {place: row for row, place in matched.items() if place != row}, False, sure


def _matched(told: dict[int, Bools]) -> dict[int, int]:
    """A place for each row, where there is one for all of them: row → place. Those with fewest places choose first."""
    taken: dict[int, int] = {}
    for row in sorted(told, key=lambda row: int(told[row].sum())):
        free = [int(place) for place in np.flatnonzero(told[row]) if place not in taken.values()]
        if not free:
            return {}
        taken[row] = row if row in free else free[0]
    return taken


def _said(part: Part, which: list[int], order: str, rows: int) -> str:
    return sentence(f"{placed([part.name], which, rows)}: {order}")


def _mixed(part: Part, reads: NDArray[np.int8] | None, mixed: Bools, rows: int) -> str:
    which = np.flatnonzero(mixed)
    detail = sentence(f"{placed([part.name], which, rows)} changes with the data of other rows.")
    if reads is None:
        return detail
    read_of = {int(row): [int(other) for other in np.flatnonzero(reads[row] == YES) if other != row] for row in which}
    row, read = next(((row, read) for row, read in read_of.items() if read), (0, []))
    if not read:
        return detail
    every = (reads == YES).all()
    more = " Every row reads all of them: something is computed over the dimension of rows." if every else ""
    return f"{detail} Row {row} reads row{'s' if len(read) > 1 else ''} {listed([str(other) for other in read])}.{more}"


def _extents(
    caller: Caller,
    parts: list[Part],
    eye: Judge,
    modules: tuple[nn.Module, ...],
    module: nn.Module | None,
    told: Judged,
    unknown: frozenset[int],
    spare: int,
) -> None:
    both = any(getattr(part, "bidirectional", False) for module in modules for part in module.modules())
    inside = module if both and caller.left > AFTER else None
    found = extents(caller, parts, eye, inside, spare)
    unsure = {parts[at].name for at in unknown}
    told.reached = [reached for reached in found.reached if reached.of not in unsure]
    for half in found.halves:
        which = f"the {'second' if half.second else 'first'} half of the features of {half.told}"
        detail = sentence(f"{which} has read the {half.step} step of its row only, the other half all of it.")
        if half.step == "last" and both:
            detail += " It is the backward direction, gathered at lengths - 1: its last output stands at step 0."
        if half.step == "first" and both:
            detail += " It is the forward direction at step 0: its last output stands at lengths - 1."
        told.add("reads-part", half.rows, detail, note=not both and bool(modules))


def _statistics(caller: Caller, listener: Listener, eye: Judge, apart: Apart, told: Judged) -> None:
    if not listener.parts:
        return
    if not apart.alone:
        told.notes.append("Running statistics were not tested: no row could be run alone.")
        return
    gathered, failed = statistics(caller, listener, eye)
    told.notes += failed
    for one in gathered:
        rows = np.flatnonzero(caller.padding.cells.any(axis=1))
        told.add(
            "statistics-over-padding",
            rows,
            f"In training mode {one.called} takes padding into its {one.buffer}: over all cells that it "
            f"is given a number of it becomes {one.over_all:.4g}, over the valid ones {one.over_valid:.4g}.",
        )


def _where(
    caller: Caller, module: nn.Module, eye: Judge, broken: list[Finding], told: Judged, fill: float | None
) -> None:
    """The first submodule at which a row of the worst finding is no longer what it is alone."""
    lengths = caller.padding.lengths
    rows = [row for finding in broken for row in finding.rows if lengths[row] > 0 and not caller.padding.left[row]]
    if rows:
        itself = module is caller.fn or module is getattr(caller.fn, "__self__", None)
        x = filled(caller.x, caller.cells, fill) if broken[0].code == "reads-padding" else None
        told.broken = first_break(caller, module, rows[0], eye, itself, x)
