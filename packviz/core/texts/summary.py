"""A summary as text for the terminal: how many batches, what was found and where, the lengths, the padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.findings import Severity
from packviz.core.texts.quoting import in_line
from packviz.core.texts.report import WIDTH, Ink, wrapped
from packviz.core.texts.wording import MOST_NAMED

if TYPE_CHECKING:
    from packviz.core.summary import Occurring, Place, Summary

BAR = 32
BLOCKS = " ▏▎▍▌▋▊▉█"
MOST_TROUBLES = 5


def summary_text(summary: Summary, colour: bool = False) -> str:
    """For the terminal, without a newline at the end. `colour`: with ANSI colours."""
    ink = Ink(colour)
    parts = [_head(summary, ink)]
    if summary.findings or summary.raised_in:
        parts.append("\n".join([*_findings(summary, ink), *_raised(summary, ink)]))
    elif summary.batches:
        parts.append(ink("good", "No findings."))
    if summary.troubles:
        parts.append("\n".join(_troubles(summary)))
    if summary.lengths.rows:
        parts.append("\n".join(_lengths(summary)))
        parts.append("\n".join(_padding(summary)))
    return "\n\n".join(parts)


def _head(summary: Summary, ink: Ink) -> str:
    clean = summary.batches - summary.wrong
    told = [f"{clean:,} {'is' if clean == 1 else 'are'} fine", f"{summary.wrong:,} wrong"]
    if summary.unread:
        told.append(f"{summary.unread:,} can't be read")
    if summary.stopped:
        told.append("stopped at the limit, there may be more")
    if summary.interrupted:
        told.append("interrupted, there may be more")
    asked = {0: "torch was not asked", summary.batches: "torch was asked about each"}
    said = asked.get(summary.asked, f"torch was asked about {summary.asked:,} of them")
    seen = summary.batches + summary.unread
    head = f"{many(seen, 'batch', 'batches')}, {many(summary.rows, 'row')}: {', '.join(told)}"
    lines = [ink("bold", head), *([ink("muted", said)] if summary.batches else [])]
    if summary.guessed:
        lines.append(guessed_text(summary.guessed))
    return "\n".join(lines)


def guessed_text(batches: int) -> str:
    """That the lengths of so many batches are none that anybody gave."""
    named, them = many(batches, "batch", "batches"), "it" if batches == 1 else "them"
    return f"the lengths of {named} are guessed from the padding: what is said of {them} holds if they are right"


def _findings(summary: Summary, ink: Ink) -> list[str]:
    wide = max((len(found.code) for found in summary.findings), default=0)
    most = max((len(_batches(found)) for found in summary.findings), default=0)
    lines = []
    for found in summary.findings:
        mark = ink(found.severity.value, f"{_severity(found.severity):<8}")
        lines.append(f"{mark} {found.code:<{wide}}  {_batches(found):>{most}}  {_places(found.places, found.batches)}")
    return lines


def _severity(severity: Severity) -> str:
    return severity.value.upper()


def _batches(found: Occurring) -> str:
    return many(found.batches, "batch", "batches")


def _places(places: tuple[Place, ...], count: int) -> str:
    """`a.npz rows 2, 5; b.npz row 0; … (9 in all)`: as many as a line has room for, one at least."""
    told: list[str] = []
    for place in places:
        word = place_text(place)
        if told and len("; ".join([*told, word])) > WIDTH - 30:
            break
        told.append(word)
    return "; ".join(told) + ("; …" if len(told) < count else "")


def place_text(place: Place) -> str:
    """`a.npz[3] rows 2, 5`, of many rows `a.npz[3] rows 2, 5, …`."""
    source = in_line(place.source)
    if not place.rows:
        return source
    shown = place.rows[:MOST_NAMED]
    more = ", …" if place.row_count > len(shown) else ""
    return f"{source} row{'s' if place.row_count > 1 else ''} {', '.join(map(str, shown))}{more}"


def _raised(summary: Summary, ink: Ink) -> list[str]:
    if not summary.raised_in:
        return []
    mark = ink("error", f"{'ERROR':<8}")
    named = many(summary.raised_in, "batch", "batches")
    return [f"{mark} torch raises, and no finding explains it: {named}  {_places(summary.raised, summary.raised_in)}"]


def _troubles(summary: Summary) -> list[str]:
    lines = [f"{many(summary.unread, 'batch or file', 'batches and files')} can't be read:"]
    for trouble in summary.troubles[:MOST_TROUBLES]:
        lines.extend(wrapped(in_line(" ".join(trouble.split())), "  ", "    "))
    more = summary.unread - min(len(summary.troubles), MOST_TROUBLES)
    return lines if not more else [*lines, f"  … and {more:,} more"]


def _lengths(summary: Summary) -> list[str]:
    lengths = summary.lengths
    spans = lengths.histogram()
    least, longest = spans[0][0], spans[-1][1]
    lines = [
        f"lengths   {least:,} to {longest:,}, mean {lengths.mean:,.1f}; half of the rows have at most "
        f"{lengths.quantile(0.5):,}, 99 % at most {lengths.quantile(0.99):,}"
    ]
    most, wide = max(rows for *_, rows in spans), len(f"{longest:,}")
    for start, end, rows in spans:
        eighths = -(-8 * BAR * rows // most)
        bar = BLOCKS[8] * (eighths // 8) + BLOCKS[eighths % 8].strip()
        span = f"{start:>{wide},} – {end:>{wide},}" if end > start else f"{start:>{wide},}   {'':>{wide}}"
        lines.append(f"  {span}  {bar:<{BAR}}  {rows:,}")
    return lines


def _padding(summary: Summary) -> list[str]:
    padding = summary.padding
    of = "" if summary.measured == summary.batches else f" of {many(summary.measured, 'batch', 'batches')}"
    lines = [f"padding   {padding.padding:.1%} of the {padding.cells:,} cells{of}; it would be"]
    for cells, how in (
        (padding.cut, "with each batch cut at its longest row"),
        (padding.windowed, f"with rows sorted by length within each {padding.window:,} batches"),
        (padding.sorted, "with all rows sorted by length"),
    ):
        lines.append(f"  {padding.share(cells):>6.1%}  {how}, which saves {padding.saved(cells):.1%} of the cells")
    lines.append(
        "  Counted for batches of the sizes that they have now; a packed run itself takes no steps on padding."
    )
    return lines


def many(n: int, one: str, several: str | None = None) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"
