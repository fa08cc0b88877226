"""A recording as a notebook shows it: what a program called around packing, the worst calls first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.calls.unseen import counted, sentences
from packviz.core.calls.words import beside_said
from packviz.core.damage import damage_sentences
from packviz.core.findings import Severity
from packviz.core.texts.html.page import element, facts_table, page, table, words
from packviz.core.texts.wording import count

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall, Recording

MOST_CALLS = 40
HEAD = ("call", "of", "at", "x", "lengths", "padding", "outcome", "findings")


def recording_html(recording: Recording) -> str:
    """The recording as HTML of its own; of many calls those with the worst findings."""
    calls = sorted(recording.calls, key=lambda call: (_rank(call), call.number))
    wrong = sum(call.worst not in (None, Severity.NOTE) for call in calls)
    facts = [("program", recording.program), ("torch", recording.torch), ("file", recording.place)]
    facts += [("not seen", f"{why}: {n:,}") for why, n in list(counted(recording.unseen).items())[:10]]
    facts += [("besides", sentence) for sentence in sentences(recording.unseen)]
    facts += [("beside", beside_said(recording.beside))]
    facts += [("damaged", sentence) for sentence in damage_sentences(recording.damage, recording.lost)]
    said = f"{count(len(calls), 'call')} around packing, {wrong:,} with findings above a note"
    cut = "" if recording.whole else "The program ended before the recording did."
    shown = calls[:MOST_CALLS]
    more = f"The {MOST_CALLS} worst are listed." if len(calls) > MOST_CALLS else ""
    return page(
        f"Recording of {recording.program or 'a program'}",
        facts_table((name, what) for name, what in facts if what),
        element("p", words(said), "error" if wrong else "good"),
        element("p", words(" ".join(filter(None, (cut, more)))), "muted") if cut or more else "",
        table(HEAD, map(_line, shown)) if shown else "",
    )


def _rank(call: NotedCall) -> int:
    return len(Severity) if call.worst is None else call.worst.rank


def _line(call: NotedCall) -> tuple[str, ...]:
    x = " × ".join(str(n) for n in (call.rows, call.steps, *call.features)) if call.rows else ""
    lengths = f"{call.shortest} to {call.longest}" if call.measured else ""
    codes = ", ".join(code for code, _ in call.findings)
    padding = f"{call.padding:.0%}" if call.measured else ""
    return str(call.number), call.call, call.site.shown, x, lengths, padding, call.outcome, codes
