"""The leak probe as a part of the scene: its runs, a strip of marks for each layer and direction, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import frozen
from packviz.core.findings import Finding

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport, ProbeRun, Reads
    from packviz.core.rows_read import Crossing
    from packviz.core.steps_read import Reached

CLEAN, FINAL, OUT = 0, 1, 2
"""The marks of a row: it reads no padding; a final state does; an output does."""


@dataclass(frozen=True, eq=False)
class ProbeLine(ReadOnly):
    """One layer and direction of one run. `marks`: (B,) uint8, of each row CLEAN, FINAL or OUT; `reads` is where they
    come from, at [layer, direction, row]."""

    name: str
    marks: NDArray[np.uint8]
    reads: Reads
    layer: int
    direction: int


@dataclass(frozen=True, eq=False)
class ProbedRun:
    """One run: `title` "packed", `text` "clean", its lines, and what only one of the fills showed.

    `clean` is None where nothing was compared."""

    title: str
    text: str
    clean: bool | None
    lines: tuple[ProbeLine, ...]
    fills: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ProbeSays:
    """What the probe says of this batch and module; `text` is why there is nothing to show, and what could be done.

    `head`: the module, and what was filled. `findings`: where a row's result depends on what it must not, worst first;
    `broken`: the first submodule after which it does. `running`: it is under way, and `fraction` of it is done.
    `possible`: there is a batch to probe. `bad`: it could not be done. `crossings`, `reached`: which rows and steps its
    results have read.
    """

    runs: tuple[ProbedRun, ...] = ()
    head: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: str = ""
    text: str = ""
    running: bool = False
    fraction: float = 0.0
    possible: bool = False
    bad: bool = False
    crossings: tuple[Crossing, ...] = ()
    reached: tuple[Reached, ...] = ()


def probe_part(
    report: ProbeReport | None, text: str, running: bool, fraction: float, possible: bool, bad: bool
) -> ProbeSays:
    """The part of the scene."""
    if report is None:
        return ProbeSays(text=text, running=running, fraction=fraction, possible=possible, bad=bad)
    from packviz.core.texts.probe import padding_line  # with all that looks at cells: not before a probe has run

    head = f"{report.module} · padding: {padding_line(report)}"
    runs = tuple(_run(run) for run in report.runs)
    return ProbeSays(
        runs,
        head,
        report.notes,
        report.findings,
        report.broken,
        possible=True,
        crossings=report.crossings,
        reached=report.reached,
    )


def _run(run: ProbeRun) -> ProbedRun:
    from packviz.core.texts.probe import RUN_TITLES, fill_lines, run_line

    union = run.union
    clean = None if union is None else run.clean
    lines = () if union is None else _lines(run, union)
    return ProbedRun(RUN_TITLES[run.name], run_line(run), clean, lines, tuple(fill_lines(run)))


def _lines(run: ProbeRun, reads: Reads) -> tuple[ProbeLine, ...]:
    from packviz.core.texts.probe import place_name

    marks = np.where(reads.out, OUT, np.where(reads.any, FINAL, CLEAN)).astype(np.uint8)
    layers, directions = marks.shape[:2]
    return tuple(
        ProbeLine(place_name(run.name, layer, way, directions), frozen(marks[layer, way]), reads, layer, way)
        for layer in range(layers)
        for way in range(directions)
    )
