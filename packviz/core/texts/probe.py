"""What the leak probe found, in words: one line a run, and for the terminal a table by row, or by groups of rows.

No line is longer than WIDTH, and nothing is said by colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from packviz.core.cells.bits import Bools, Ints
from packviz.core.findings import Severity
from packviz.core.moments import pass_name
from packviz.core.texts.probe_rows import row_lines
from packviz.core.texts.report import WIDTH, wrapped
from packviz.core.texts.wording import NAN, count, listed, rows_listed

if TYPE_CHECKING:
    from packviz.core.probing import Padding, ProbeReport, ProbeRun, Reads, RunName

MOST_ROWS = 12  # so many rows have a line each; of more, those alike share one
MOST_LISTED = 8
RUN_TITLES = {"packed": "packed", "unpacked": "unpacked", "called": "as called"}
BEYOND = "at steps beyond the lengths, if it holds steps: then it is clean, but if it is a state, it reads padding"
UNDECIDED = "clean if steps, else a leak"
NO_PADDING = "reads no padding"
ALONE_NAN = "finite padding is multiplied by 0 on the way, or too faint to tell from rounding"
ALONE_LARGE = "something on the way puts a number in the place of NaN"


def probe_text(report: ProbeReport) -> str:
    """The report for the terminal, without a newline at the end."""
    head = f"Leak probe of {report.module} over {report.batch.source} {report.batch.x.shape} {report.batch.dtype}"
    lines = [*wrapped(head, "", "  "), *wrapped(padding_line(report), "  padding    ", " " * 13)]
    for run in report.runs:
        said = NO_PADDING if run.name == "called" and report.judged and run.clean else run_line(run)
        lines.extend(wrapped(said, f"  {RUN_TITLES[run.name]:<10} ", " " * 13))
    if report.judged:
        lines.extend(wrapped(law_line(report), "  law        ", " " * 13))
    lines.extend(finding_lines(report))
    lines.extend(row_lines(report))
    lines.extend(line for note in report.notes for line in wrapped(note, "  note       ", " " * 13))
    for run in report.runs:
        if run.union is not None and not run.clean:
            lines += ["", RUN_TITLES[run.name], *_table(run)]
            lines.extend(line for said in fill_lines(run) for line in wrapped(said, "  ", "  "))
    return "\n".join(lines)


def law_line(report: ProbeReport) -> str:
    """Whether a row's result is the same alone as in the batch."""
    if any(finding.severity is not Severity.NOTE for finding in report.findings):
        return "broken: a row's result must be the same alone, cut to its length, as in any batch"
    if report.ok:
        return "kept: each row's result is the same alone, cut to its length, as in the batch"
    return "not tested in full"


def finding_lines(report: ProbeReport) -> Iterable[str]:
    """Each finding with what it is about, what is to be done, and where in the model the law breaks first."""
    for finding in report.findings:
        head = f"{finding.title} ({finding.severity})"
        yield from wrapped(head, f"  {finding.code}  ", " " * 4)
        yield from wrapped(finding.detail, "    ", "    ")
        if finding.severity is not Severity.NOTE:
            yield from (f"      {line}" for line in (finding.fix or "").splitlines())
    if report.broken:
        yield from wrapped(report.broken, "  where      ", " " * 13)


def padding_line(report: ProbeReport) -> str:
    """`6 cells of 2 rows, filled with NaN, then with ±10000`."""
    padding = report.padding
    if not padding.count:
        return "none: every cell of x is data, and there is nothing to fill"
    cells = f"{count(padding.count, 'cell')} of {count(padding.rows, 'row')}"
    fills = next((run.reads for run in report.runs if run.reads), ())
    filled = f", filled with {', then with '.join(reads.fill for reads in fills)}" if fills else ""
    return f"{cells}{filled}{_suspected(padding)}"


def _suspected(padding: Padding) -> str:
    parts = []
    if padding.counted.any():
        few = np.count_nonzero(padding.counted) == 1
        parts.append(f"the length{'' if few else 's'} of {_rows(padding.counted)} count{'s' if few else ''} padding")
    if padding.left.any():
        rows = _rows(padding.left)
        parts.append(f"{rows} {'is' if np.count_nonzero(padding.left) == 1 else 'are'} padded on the left")
    return "".join(f"; {part}" for part in parts)


def run_line(run: ProbeRun) -> str:
    """`clean`; `h_n of 2 of 3 rows reads padding (rows 0, 1)`; `raises RuntimeError: …`."""
    if run.error:
        return run.error
    union = run.union
    parts = [] if union is None else _parts(union)
    return "; ".join([*parts, *run.errors]) or "clean"


def reads_line(reads: Reads) -> str:
    """The same of one fill."""
    return "; ".join(_parts(reads)) or "clean"


def _parts(reads: Reads) -> list[str]:
    """What reads padding, in which rows; things read in the same rows are named together."""
    groups: dict[bytes, list[str]] = {}
    rows_of: dict[bytes, Bools] = {}
    for name, read in (("outputs", reads.out), *reads.final.items()):
        rows = np.asarray(read.any(axis=(0, 1)))
        if rows.any():
            groups.setdefault(rows.tobytes(), []).append(name)
            rows_of[rows.tobytes()] = rows
    said = [_part(names, rows_of[key]) for key, names in groups.items()]
    if reads.undecided is not None and reads.undecided.any():
        rows = np.asarray(reads.undecided.any(axis=(0, 1)))
        said.append(f"the result of {_some(rows)} changes only {BEYOND}")
    return said


def _some(rows: Bools) -> str:
    """`2 of 3 rows (rows 0, 1)`."""
    which = np.flatnonzero(rows)
    said = f"{len(which)} of {count(len(rows), 'row')}"
    return said if len(which) == len(rows) > MOST_LISTED else f"{said} ({_rows(rows)})"


def _part(names: list[str], rows: Bools) -> str:
    many = len(names) > 1 or names == ["outputs"]
    which = np.flatnonzero(rows)
    reads = "read" if many else "reads"
    said = f"{listed(names)} of {len(which)} of {count(len(rows), 'row')} {reads} padding"
    return said if len(which) == len(rows) > MOST_LISTED else f"{said} ({_rows(rows)})"


def fill_lines(run: ProbeRun) -> list[str]:
    """What only one of NaN and the large values showed, and what that means."""
    by_fill = {reads.fill: np.asarray(reads.any.any(axis=(0, 1))) for reads in run.reads if not reads.error}
    if NAN not in by_fill or len(by_fill) != 2:
        return []
    large = next(fill for fill in by_fill if fill != NAN)
    found = []
    for fill, other, why in ((NAN, large, ALONE_NAN), (large, NAN, ALONE_LARGE)):
        alone = by_fill[fill] & ~by_fill[other]
        if alone.any():
            found.append(f"Only {fill} shows it in {_rows(alone)}: {why}.")
    return found


def place_name(run: RunName, layer: int, direction: int, directions: int) -> str:
    """`layer 0 →`; without an arrow where there is one direction; a callable has a result, and no layers."""
    if run == "called":
        return "result"
    return pass_name(layer, direction, directions)


def cell_words(reads: Reads, layer: int, direction: int, row: int) -> str:
    """What of one row reads padding in one layer and direction: `out from t0, h_n, c_n`, or `clean`."""
    at = (layer, direction, row)
    words = [f"out from t{reads.first[at]}"] if reads.out[at] else []
    words += [name for name, read in reads.final.items() if read[at]]
    maybe = reads.undecided is not None and reads.undecided[at]
    return ", ".join(words) or (UNDECIDED if maybe else "clean")


def _table(run: ProbeRun) -> list[str]:
    """One line a row, a column for each layer and direction; where that is too much, one line for rows alike."""
    reads = run.union
    assert reads is not None
    layers, directions, rows = reads.out.shape
    places = [(layer, direction) for layer in range(layers) for direction in range(directions)]
    if rows <= MOST_ROWS:
        names = [place_name(run.name, *place, directions) for place in places]
        table = [["row", *names]]
        table += [[str(row), *(cell_words(reads, *place, row) for place in places)] for row in range(rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        if sum(widths) + 3 * len(widths) <= WIDTH:
            return ["  " + "   ".join(map(str.ljust, line, widths)).rstrip() for line in table]
    return [line for place in places for line in _grouped(run.name, reads, *place)]


def _grouped(run: RunName, reads: Reads, layer: int, direction: int) -> Iterable[str]:
    """The rows of one layer and direction that read the same, line by line; the step is the least of theirs."""
    directions = reads.out.shape[1]
    maybe = [] if reads.undecided is None else [reads.undecided]
    marks = [read[layer, direction] for read in (reads.out, *reads.final.values(), *maybe)]
    kinds, first_rows, kind_of = np.unique(np.stack(marks, axis=1), axis=0, return_index=True, return_inverse=True)
    name = place_name(run, layer, direction, directions)
    for kind in range(len(kinds) - 1, -1, -1):
        rows: Ints = np.flatnonzero(kind_of.reshape(-1) == kind)
        words = cell_words(reads, layer, direction, int(first_rows[kind]))
        if kinds[kind][0]:
            least, most = reads.first[layer, direction, rows].min(), reads.first[layer, direction, rows].max()
            steps = f"t{least}" if least == most else f"t{least} to t{most}"
            words = ", ".join([f"out from {steps}", *words.split(", ")[1:]])
        total = f" ({len(rows)} rows)" if len(rows) > 1 else ""
        yield from wrapped(
            f"{words}: {rows_listed(rows, MOST_LISTED, total=False)}{total}",
            f"  {name:<10} ",
            " " * 13,
        )


def _rows(marked: Bools) -> str:
    """`row 2`, `rows 0, 1`."""
    return rows_listed(np.flatnonzero(marked), MOST_LISTED, total=False)
