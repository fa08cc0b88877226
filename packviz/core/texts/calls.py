"""The calls of a recording as a table for the terminal: those that were noted, by their site, and those that are kept,
worst first.

No line is longer than WIDTH, and nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from packviz.core.calls.choosing import Order, Which, codes_of, places_of, sites_of
from packviz.core.calls.unseen import counted, sentences
from packviz.core.calls.words import NO_END, beside_said, count_of, lengths_said, said, shape_said, summed_up
from packviz.core.damage import damage_sentences
from packviz.core.findings import Severity
from packviz.core.texts.quoting import cut, elided
from packviz.core.texts.report import WIDTH, Ink, wrapped
from packviz.core.texts.wording import listed

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall, Recording

Found = Sequence[tuple[str, Severity]]

LONGEST = (12, 24, 20, 18, 14)
"""Characters of each column of the kept calls, at most."""
MOST_KEPT = 40
"""Kept calls that are listed where none is asked for; of more, how many there are."""
NOTHING = "nothing found"


def recording_text(recording: Recording, colour: bool = False) -> str:
    """All of it as it was noted, without a newline at the end. `colour`: with ANSI colours."""
    ink = Ink(colour)
    kept = worst_first(recording)
    widths = Widths(kept)
    lines = [noted_text(recording, colour)]
    if kept:
        lines += ["", ink("bold", "Kept calls, worst first"), widths.head(ink)]
        for call in kept[:MOST_KEPT]:
            lines += widths.lines(call, call.findings, ink)
        more = len(kept) - MOST_KEPT
        lines += [f"  … and {count_of(more)} more"] if more > 0 else []
    return "\n".join(lines)


def noted_text(recording: Recording, colour: bool = False) -> str:
    """What is said of the whole: the program, and the calls by their site, each with what was found there."""
    ink = Ink(colour)
    head = wrapped(elided(recording.place, 90) or "a recording that was not written")
    lines = [ink("bold", head[0]), *head[1:]]
    about = [cut(recording.program, 60), f"torch {cut(recording.torch, 20)}" if recording.torch else ""]
    lines += wrapped(", ".join(filter(None, (*about, summed_up(recording)))), "  ")
    for sentence in damage_sentences(recording.damage, recording.lost):
        lines += [ink("error", line) for line in wrapped(sentence, "  ", "    ")]
    if not recording.whole:
        lines += [ink("warning", line) for line in wrapped(f"{NO_END[0].upper()}{NO_END[1:]}.", "  ")]
    if recording.beside:
        lines += [ink("warning", line) for line in wrapped(beside_said(recording.beside), "  ", "    ")]
    for why, many in counted(recording.unseen).items():
        lines += wrapped(f"Not seen: {count_of(many)} ({why})", "  ", "    ")
    for sentence in sentences(recording.unseen):
        lines += wrapped(sentence, "  ", "    ")
    by_site = [(site, [call for call in recording.calls if call.site == site]) for site, _ in sites_of(recording.calls)]
    for site, calls in by_site:
        function = f" in {cut(site.function, 40)}" if site.function else ""
        kept = sum(call.kept for call in calls)
        lines += ["", *_bold(wrapped(f"{cut(site.shown, 60)}{function}: {count_of(len(calls))}, {kept:,} kept"), ink)]
        lines += [line for finding in _found_at(calls, ink) for line in finding] or [f"  {NOTHING}"]
    return "\n".join(lines)


def worst_first(recording: Recording) -> list[NotedCall]:
    """The kept calls, worst first, then by number."""
    kept = recording.kept
    return [kept[place] for place in places_of(kept, Which(), Order()).tolist()]


def _found_at(calls: Sequence[NotedCall], ink: Ink) -> Iterator[list[str]]:
    """What was found in the calls of a site, and what they raised, with the first call of each."""
    raised = [call for call in calls if call.error]
    if raised:
        word = ink("error", "RAISED")
        said = f"{count_of(len(raised))}, first {raised[0].number:,}: {' '.join(raised[0].error.split())}"
        lines = wrapped(cut(said, 240), "  RAISED  ", " " * 10)
        yield [lines[0].replace("RAISED", word, 1), *lines[1:]]
    for code, severity, many in codes_of(calls):
        first = next(call.number for call in calls if code in dict(call.findings))
        name = severity.value.upper()
        line = wrapped(f"{cut(code, 40)}: {count_of(many)}, first {first:,}", f"  {name:<7} ", " " * 10)
        yield [line[0].replace(name, ink(severity.value, name), 1), *line[1:]]


def _bold(lines: list[str], ink: Ink) -> list[str]:
    return [ink("bold", lines[0]), *lines[1:]]


class Widths:
    """The columns of the kept calls, each as wide as it has to be, so that they can be printed one by one."""

    NAMES = ("call", "where", "function", "shape", "lengths")

    def __init__(self, calls: Sequence[NotedCall]) -> None:
        told = [self.NAMES, *map(_columns, calls)]
        self._wide = [max(len(row[place]) for row in told) for place in range(len(self.NAMES))]

    def head(self, ink: Ink) -> str:
        """Their names."""
        return ink("muted", self._row(self.NAMES))

    def lines(self, call: NotedCall, found: Found, ink: Ink) -> list[str]:
        """A call, and below it what it raised and what was found in it; beside it where that is no more than a note."""
        row = self._row(_columns(call))
        lines = [row]
        light = not call.error and all(severity is Severity.NOTE for _, severity in found)
        notes = ", ".join(dict.fromkeys(" ".join(code.split()) for code, _ in found))
        beside = f"note: {notes}" if found else NOTHING
        if light and len(row) + 2 + len(beside) <= WIDTH:
            return [f"{row}  {ink('note' if found else 'good', beside)}"]
        if call.error:
            lines += [ink("error", line) for line in wrapped(cut(" ".join(call.outcome.split()), 240), " " * 8)]
        told = list(dict.fromkeys((severity, code) for code, severity in found))
        for severity in Severity:
            codes = [cut(code, 40) for one, code in told if one is severity]
            if codes:
                said = wrapped(listed(codes), f"        {severity.value.upper():<7} ", " " * 16)
                lines += [said[0].replace(severity.value.upper(), ink(severity.value, severity.value.upper()), 1)]
                lines += said[1:]
        return lines if len(lines) > 1 else [*lines, f"        {ink('good', NOTHING)}"]

    def _row(self, row: Sequence[str]) -> str:
        first, *rest = (f"{text:<{wide}}" for text, wide in zip(row, self._wide, strict=True))
        return f"  {first.strip():>{self._wide[0]}}  {'  '.join(rest)}".rstrip()


def _columns(call: NotedCall) -> tuple[str, ...]:
    row = (said(call, "number"), call.site.shown, call.call, shape_said(call), lengths_said(call))
    return tuple(cut(" ".join(text.split()), most) for text, most in zip(row, LONGEST, strict=True))
