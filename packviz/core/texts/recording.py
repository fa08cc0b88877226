"""A recording as text for the terminal: the sites of its calls, what is wrong at them, and where the recording lies."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packviz.core.calls.unseen import COMPILED, SCRIPTED, counted, sentences
from packviz.core.calls.words import beside_said
from packviz.core.codes import code_title
from packviz.core.damage import damage_sentences
from packviz.core.findings import Severity
from packviz.core.texts.quoting import cut, elided
from packviz.core.texts.report import WIDTH, Ink, wrapped
from packviz.core.texts.wording import count

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall, Recording, Site

MOST_LINES = 12
"""Sites, and kinds of findings, that are listed; of more it is said how many."""

OURS = "inside packviz"
"""With these words begins what could not be seen because packviz itself failed."""

UNWRITTEN = "not written"
"""With these words begins why the recording lacks what was found."""

RAISED = "raised"


@dataclass(frozen=True)
class Kind:
    """One kind of finding at one site: its code, or what was raised there; in how many calls, and the first."""

    code: str
    severity: Severity
    first: NotedCall
    calls: int


def noteworthy(recording: Recording, when: str) -> bool:
    """Whether there is something to say: with `when` "error" an error, with "finding" anything above a note, with
    "always" in any case. Where packviz itself failed, where the recording could not be written, and where torch.compile
    runs calls by itself, that is always said; where TorchScript does, only if no call was seen: programs have it made
    of what they run without it."""
    why = tuple(recording.unseen or {})
    loud = (OURS, UNWRITTEN, COMPILED) if recording.calls else (OURS, UNWRITTEN, COMPILED, SCRIPTED)
    if when == "always" or any(one.startswith(loud) for one in why):
        return True
    worst = {call.worst for call in recording.calls}
    return bool(worst & ({Severity.ERROR} if when == "error" else set(Severity) - {Severity.NOTE}))


def recording_text(recording: Recording, colour: bool = False) -> str:
    """The summary of a recording, without a newline at the end. `colour`: with ANSI colours."""
    ink = Ink(colour)
    kinds, named = kinds_of(recording.calls), _Names(recording.calls)
    parts = [ink("bold", _headline(recording)), _sites(recording.calls, named)]
    parts += [_kinds(kinds, named, ink)]
    parts += [_end(recording)]
    return "\n\n".join(part for part in parts if part)


def kinds_of(calls: Iterable[NotedCall]) -> tuple[Kind, ...]:
    """What is wrong, by code and site, notes left out; worst first, and of one severity the earliest first.

    A call that raised, though nothing was found in its batch, is a kind of its own.
    """
    first: dict[tuple[str, Severity, Site], NotedCall] = {}
    counts: Counter[tuple[str, Severity, Site]] = Counter()
    for call in calls:
        found = [(code, severity) for code, severity in call.findings if severity is not Severity.NOTE]
        if call.error and all(severity is not Severity.ERROR for _, severity in found):
            found.append((RAISED, Severity.ERROR))
        for code, severity in found:
            key = (code, severity, call.site)
            counts[key] += 1
            first.setdefault(key, call)
    kinds = [Kind(code, severity, call, counts[code, severity, site]) for (code, severity, site), call in first.items()]
    return tuple(sorted(kinds, key=lambda kind: (kind.severity.rank, kind.first.number)))


def _headline(recording: Recording) -> str:
    wrong = sum(call.worst not in (None, Severity.NOTE) for call in recording.calls)
    calls = f"{len(recording.calls):,} {'call' if len(recording.calls) == 1 else 'calls'} around packing"
    if not recording.calls:
        return "packviz: no call around packing was seen."
    if not wrong:
        return f"packviz: {calls}, nothing is wrong with them."
    return f"packviz: {wrong:,} of {calls} {'is' if wrong == 1 else 'are'} wrong, or likely so."


class _Names:
    """What sites are called: by the file's name alone, with its folder where two files have the same."""

    def __init__(self, calls: Iterable[NotedCall]) -> None:
        sites = {call.site for call in calls}
        paths: Mapping[str, set[str]] = {site.shown: set() for site in sites}
        for site in sites:
            paths[site.shown].add(site.path)
        self._twice = {shown for shown, found in paths.items() if len(found) > 1}

    def of(self, site: Site) -> str:
        name = f"{site.path}:{site.line}" if site.shown in self._twice else site.shown
        return elided(name, WIDTH // 2)


def _sites(calls: Iterable[NotedCall], named: _Names) -> str:
    counts = Counter((call.site, call.call) for call in calls)
    raised = Counter((call.site, call.call) for call in calls if call.error)
    rows = []
    for (site, name), n in list(counts.items())[:MOST_LINES]:
        function = f"in {cut(site.function, 30)}" if site.function not in ("", "<module>") else ""
        told = f"{n:,} {'call' if n == 1 else 'calls'}"
        told += f", {raised[site, name]:,} raised" if raised[site, name] else ""
        rows.append((named.of(site), cut(name, 30), told, function))
    return "\n".join([*_columns(rows), *_more(len(counts), "site")])


def _kinds(kinds: tuple[Kind, ...], named: _Names, ink: Ink) -> str:
    lines: list[str] = []
    width = max((len(kind.code) for kind in kinds[:MOST_LINES]), default=0)
    for kind in kinds[:MOST_LINES]:
        call = kind.first
        times = f"{kind.calls:,} calls, the first is {call.number:,}" if kind.calls > 1 else f"call {call.number:,}"
        where = f"at {named.of(call.site)} in {times}{_sizes(call)}"
        lines.append(f"  {ink(kind.severity.value, f'{kind.severity.value:<8}')} {kind.code:<{width}}  {where}")
        lines += wrapped(_said(kind), " " * 11)
    return "\n".join([*lines, *_more(len(kinds), "kind of finding", "kinds of findings")])


def _said(kind: Kind) -> str:
    if kind.code == RAISED:
        return cut(" ".join(kind.first.error.split()))
    try:
        said = f"{code_title(kind.code)}."
    except KeyError:  # of a newer version
        said = ""
    raised = " ".join(kind.first.error.split())
    return f"{said} {cut(raised)}".strip() if raised and kind.severity is Severity.ERROR else said


def _sizes(call: NotedCall) -> str:
    """` (32 × 60, lengths 3 to 61)`, as far as they are known."""
    if not call.rows:
        return ""
    lengths = f", lengths {call.shortest} to {call.longest}" if call.measured else ""
    return f" ({call.rows} × {call.steps}{lengths})"


def _end(recording: Recording) -> str:
    lines = []
    if recording.place:
        place = shlex.quote(recording.place)
        kept = count(len(recording.kept), "batch", "batches")
        lines += [f"The recording is {place}, with {kept}:", f"  packviz {place}", f"  packviz check {place}"]
    unseen = counted(recording.unseen)
    told = ", ".join(f"{n:,} {cut(' '.join(why.split())).rstrip('.')}" for why, n in unseen.items())
    lines += wrapped(f"Not seen: {told}.") if told else []
    lines += [line for sentence in sentences(recording.unseen) for line in wrapped(sentence)]
    lines += [line for said in damage_sentences(recording.damage, recording.lost) for line in wrapped(said)]
    lines += wrapped(beside_said(recording.beside)) if recording.beside else []
    if not recording.whole:
        lines.append("The recording has no end: the program was killed.")
    return "\n".join(lines)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _more(n: int, one: str, many: str | None = None) -> list[str]:
    return [f"  and {count(n - MOST_LINES, one, many)} more"] if n > MOST_LINES else []
