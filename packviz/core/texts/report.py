"""A report as text for the terminal: the batch, torch's own verdict, then the findings, worst first.

No line but Python to copy is longer than WIDTH, and nothing is said by colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence, Sized
from typing import TYPE_CHECKING

from packviz.core.batch import Batch
from packviz.core.carrier import Packed, Padded, Sequences
from packviz.core.cells.masks import beside
from packviz.core.cells.padding import padding_share
from packviz.core.packing import Packing
from packviz.core.texts.quoting import in_line
from packviz.core.texts.wording import abridged, cells_named, count, lengths_named, number, rows_listed

if TYPE_CHECKING:
    from packviz.core.findings import Finding
    from packviz.core.report import Meant, Report
    from packviz.core.verdict import Verdict

WIDTH = 100
MOST_NUMBERS = 12  # so many lengths or rows are listed; of more, these without the middle, and how many there are
MOST_SPANS = 4
UNASKED = "torch was not asked: these are the findings of the rules alone"

CAME_AS = {Padded: "x", Sequences: "sequences, padded to", Packed: "PackedSequence, unpacked to"}

STYLES = {
    "error": "1;31",
    "silent": "1;31",
    "warning": "1;33",
    "note": "1;34",
    "good": "32",
    "bad": "31",
    "bold": "1",
    "muted": "2",
}


def report_text(report: Report, colour: bool = False) -> str:
    """The findings for the terminal, without a newline at the end. `colour`: with ANSI colours."""
    ink = Ink(colour)
    parts = [_header(report, ink)]
    parts.append(_verdict(report.verdict, ink) if report.verdict is not None else ink("muted", UNASKED))
    parts.append(summary(report, ink))
    parts.extend(_finding(report, finding, ink) for finding in report.findings)
    return "\n\n".join(parts)


class Ink:
    """Wraps words in ANSI codes, or leaves them as they are."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour else text


def _header(report: Report, ink: Ink) -> str:
    lines = wrapped(in_line(report.batch.source.shown))
    lines[0] = ink("bold", lines[0])
    for label, words in facts_of(report):
        lines.extend(wrapped(words, f"  {label:<13}" if label else "  ", "  " + 13 * " " * bool(label)))
    return "\n".join(lines)


def facts_of(report: Report) -> list[tuple[str, str]]:
    """What the batch is: a name, which may be nothing, and what is so, for each fact."""
    batch, call = report.batch, report.batch.call
    name = CAME_AS[type(batch.carrier)]
    options = [f"batch_first={call.batch_first}", f"enforce_sorted={call.enforce_sorted}"]
    if call.padding_value != 0:
        options.append(f"padding_value={number(call.padding_value)}")
    if call.total_length is not None:
        options.append(f"total_length={call.total_length}")
    padding = padding_share(batch)
    facts = [
        ("", f"{name} {batch.x.shape} {batch.dtype}" + (f", {padding:.0%} padding" if padding is not None else "")),
        ("", ", ".join(options)),
        ("lengths", lengths_named(batch, MOST_NUMBERS) + _total(batch.lengths) + _origin(batch)),
    ]
    if batch.mask is not None:
        facts.append(("mask", _mask(batch)))
    if report.packing is not None:
        facts.append(("batch_sizes", _numbers(report.packing.batch_sizes.tolist()) + _packed(report.packing)))
    if batch.read_as:
        facts.append(("read as", "; ".join(batch.read_as)))
    if report.layout is not None:
        facts.append(("layout", str(report.layout)))
    return facts


def _origin(batch: Batch) -> str:
    mask = " (from the mask, which is True at padding)" if batch.mask_inverted else " (from the mask)"
    origins = {"guessed": " (guessed from the padding)", "mask": mask, "packed": " (from batch_sizes)"}
    return origins.get(batch.given.origin, "")


def _mask(batch: Batch) -> str:
    """How the mask beside x was read: `(B, T), True at data`."""
    reading = beside(batch)
    if reading is None:
        return "no longer as large as x"
    steps = "T" if batch.mask_steps is None else f"{batch.mask_steps} of T"
    sizes = f"(B, {steps})" if reading.time else f"({steps}, B)"
    return f"read as {sizes}, True at {'padding' if batch.mask_inverted else 'data'}"


def _packed(packing: Packing) -> str:
    return f" → data has {count(packing.size, 'row')}"


def _verdict(verdict: Verdict, ink: Ink) -> str:
    lines = [ink("bold", f"What torch {verdict.version} does with this call")]
    wide = max(len(outcome.call) for outcome in verdict.outcomes)
    for outcome in verdict.outcomes:
        mark, style = {True: ("✓", "good"), False: ("✗", "bad"), None: ("–", "muted")}[outcome.ok]
        told = wrapped(outcome.said, f"  {mark} {outcome.call:<{wide}}  ", " " * (wide + 6))
        lines.append(told[0].replace(mark, ink(style, mark), 1))
        lines.extend(told[1:])
    return "\n".join(lines)


def summary(report: Report, ink: Ink) -> str:
    """How many findings there are, or that there is none."""
    counts, said, doubt = report.counts(), report.unexplained_text, _doubt(report)
    plural = {"silent": "silent"}
    told = ", ".join(count(n, s.value, plural.get(s)) for s, n in counts.items())
    if said:
        return ink("bold", f"{told}; {said}" if told else said)
    left_out = _left_out(report)
    if left_out:
        return ink("bold", f"{told or 'No findings of those asked for'}{doubt}; left out: {left_out}")
    if not counts:
        return ink("good", f"No findings: nothing is wrong with this call{doubt}.")
    told += f": nothing is wrong with this call{doubt}." if set(counts) == {"note"} else doubt
    lines = [ink("bold", told)]
    if report.meant is not None:
        lines.extend(wrapped(_meant(report.meant)))
    return "\n".join(lines)


def _doubt(report: Report) -> str:
    """What the findings hang on, where the lengths are guessed."""
    if report.batch.given.origin != "guessed":
        return ""
    undecided = report.layout is not None and report.layout.batch_first is None
    layout = " and batch_first=False" if undecided and not report.batch.call.batch_first else ""  # torch's default
    return f", if the guessed lengths{layout} are right"


def _meant(meant: Meant) -> str:
    """`With batch_first=True, enforce_sorted=False, 3 of them are gone: add --batch-first --no-enforce-sorted.`"""
    options = {"batch-first": meant.edit.batch_first, "enforce-sorted": meant.edit.enforce_sorted}
    typed = " ".join(f"--{'' if on else 'no-'}{name}" for name, on in options.items() if on is not None)
    gone = len(meant.gone)
    return f"With {meant.edit.label}, {gone} of them {'is' if gone == 1 else 'are'} gone: add {typed}."


def _left_out(report: Report) -> str:
    """The codes of the findings that nobody asked for."""
    return ", ".join(sorted(finding.code for finding in report.left_out))


def _finding(report: Report, finding: Finding, ink: Ink) -> str:
    head = f"{finding.severity.value.upper()}  {finding.code}"
    lines = [ink(finding.severity.value, head), *wrapped(finding.title, "  ")]
    lines.extend(wrapped(finding.detail, "    "))
    facts = (("rows", rows_of(finding)), ("cells", cells_of(report, finding)), ("torch", finding.torch))
    for label, words in facts:
        if words:
            lines.extend(wrapped(words, f"    {label:<6} ", " " * 11))
    for i, line in enumerate((finding.fix or "").splitlines()):
        lines.append((f"    {'fix':<6} " if i == 0 else " " * 11) + line)
    return "\n".join(lines)


def rows_of(finding: Finding) -> str | None:
    """The rows of a finding that is about several: `0, 3, 4`."""
    return rows_listed(finding.rows, MOST_NUMBERS).partition(" ")[2] if len(finding.rows) > 1 else None


def cells_of(report: Report, finding: Finding) -> str | None:
    """The cells as they are indexed in the layout of x: `x[2, 3:5]`."""
    if not len(finding.spans):
        return None
    told = []
    for row, first, stop in finding.spans[:MOST_SPANS].tolist():
        told.append(cells_named(report.batch, row, first, stop))
    total = f" … {count(finding.cell_count, 'cell')} in all" if len(finding.spans) > MOST_SPANS else ""
    return ", ".join(told) + total


def _numbers(values: Sequence[float]) -> str:
    """`[3, 2, 4]`, of many `[3, 2, …, 4] (64 in all)`."""
    return f"[{abridged(values, MOST_NUMBERS)}]" + _total(values)


def _total(values: Sized) -> str:
    return f" ({len(values)} in all)" if len(values) > MOST_NUMBERS else ""


def wrapped(words: str, first: str = "", later: str | None = None) -> list[str]:
    """Lines of at most WIDTH, `first` before the first one and `later` before the others, which is `first` unless
    given; one line at least."""
    indent = first if later is None else later
    lines = textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
    return lines or [first.rstrip()]
