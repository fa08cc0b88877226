"""What a list of calls says of each of them, in a few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from packviz.core.calls.choosing import Column
from packviz.core.damage import damage_sentences
from packviz.core.findings import Severity
from packviz.core.texts.quoting import cut, elided
from packviz.core.texts.wording import count, listed

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall, Recording, Tier

NOT_KEPT = "noted, but its batch was not kept"
DAMAGED = "noted, but its batch is damaged"
LOOKED: Mapping[Tier, str] = {
    "invariants": "Its lengths were looked at, and the cells at their ends; other rules were not.",
    "sample": "All rules have looked at a part of its cells.",
}
"""What is said of calls that were not looked at as a whole."""
MOST_BESIDE = 4
"""Parts that are named; of more it is said how many."""
NONE_LISTED = "No call is of the site, the finding and the severity that are chosen"
NO_END = "it has no end: the program was killed, or is still running"


def not_kept(call: NotedCall) -> str:
    """Why a call has no batch."""
    return DAMAGED if call.damaged else NOT_KEPT


def nearest_said(asked: NotedCall, call: NotedCall) -> str:
    """That another call than the one asked for is opened, and why."""
    return f"Call {asked.number:,} was {not_kept(asked)}: this is call {call.number:,}, the nearest one that was kept."


def shape_said(call: NotedCall) -> str:
    """`32 × 60 × 16`; nothing where it could not be told."""
    return " × ".join(f"{n:,}" for n in (call.rows, call.steps, *call.features)) if call.rows or call.steps else ""


def lengths_said(call: NotedCall) -> str:
    """`5 to 60`, `60` where all are; nothing where they could not be told."""
    if not call.measured:
        return ""
    same = call.shortest == call.longest
    return f"{call.longest:,}" if same else f"{call.shortest:,} to {call.longest:,}"


def found_said(call: NotedCall) -> str:
    """The codes that were found, the worst first, each once; before them what it raised, where no error was found that
    says why."""
    codes = dict.fromkeys(code for code, _ in call.findings)
    if call.error and all(severity is not Severity.ERROR for _, severity in call.findings):
        kind = cut(" ".join(call.error.partition(":")[0].split()), 40)
        codes = {f"raised {kind}": None, **codes}
    return ", ".join(codes)


def said(call: NotedCall, column: Column) -> str:
    """What stands in a column of the list."""
    return _SAID[column](call)


_SAID: Mapping[Column, Callable[[NotedCall], str]] = {
    "found": found_said,
    "number": lambda call: f"{call.number:,}",
    "site": lambda call: call.site.shown,
    "call": lambda call: call.call,
    "shape": shape_said,
    "lengths": lengths_said,
    "padding": lambda call: f"{call.padding:.0%}" if call.measured else "",
    "outcome": lambda call: cut(("batch damaged, " if call.damaged else "") + " ".join(call.outcome.split()), 120),
}


def told(call: NotedCall) -> str:
    """A call in a few lines, for whoever points at it."""
    where = f"{call.site.path}:{call.site.line}" + (f", in {call.site.function}" if call.site.function else "")
    sizes = ", ".join(
        filter(
            None,
            (
                shape_said(call),
                call.dtype,
                call.device if call.device != "cpu" else "",
                f"lengths {lengths_said(call)}" if lengths_said(call) else "",
                f"N = {call.total:,}" if call.total else "",
                f"{call.padding:.0%} padding" if call.measured else "",
            ),
        )
    )
    found = ", ".join(f"{code} ({severity.value})" for code, severity in call.findings)
    ran = [f"process {call.process}"] if call.process else []
    ran += [f"thread {call.thread}"] if call.thread and call.thread != "MainThread" else []
    ran += [f"worker {call.worker}"] if call.worker >= 0 else []
    lines = [
        f"Call {call.number:,}: {call.call}",
        cut(where, 200),
        sizes,
        cut(call.module, 200),
        cut(" ".join(call.outcome.split()), 300),
        cut(found, 300),
        LOOKED.get(call.tier, ""),
        ", ".join([f"{call.time:.3f} s", *(cut(one, 60) for one in ran)]),
        "" if call.kept else f"It was {not_kept(call)}: it can't be opened.",
    ]
    return "\n".join(filter(None, lines))


def summed_up(recording: Recording) -> str:
    """`2,000 calls, 12 of them kept`, and the batches of how many are damaged."""
    calls, kept = len(recording.calls), len(recording.kept)
    damaged = sum(call.damaged for call in recording.calls)
    worse = f", {count(damaged, 'batch is', 'batches are')} damaged" if damaged else ""
    return f"{count_of(calls)}, {f'{kept:,}' if kept else 'none'} of them kept{worse}"


def none_kept(recording: Recording) -> str:
    """Why no call of a recording can be opened: `it has noted 30 calls and kept the batch of none: …`, what to do."""
    calls = len(recording.calls)
    if recording.damage:
        said = [sentence.removesuffix(".") for sentence in damage_sentences(recording.damage, recording.lost)]
        return f"it has no batch that can be read: {'; '.join(said)}"
    if not calls:
        return "it has noted no call" + ("" if recording.whole else f"; {NO_END}")
    why = "record with keep=200" if recording.whole else f"those of the last calls are written at its end, but {NO_END}"
    return f"it has noted {count_of(calls)} and kept the batch of none: {why}"


def damage_said(recording: Recording) -> str:
    """What of its file is damaged and what is lost by that, in some sentences; nothing where nothing is."""
    said = damage_sentences(recording.damage, recording.lost)
    return " ".join([f"{elided(recording.place)} is damaged.", *said]) if said else ""


def beside_said(names: Sequence[str]) -> str:
    """Which parts of a recording lie beside it; nothing where none do. `names`: of their files."""
    if not names:
        return ""
    more = len(names) - MOST_BESIDE
    named = [*(cut(name, 100) for name in names[:MOST_BESIDE]), *([f"{more:,} more"] if more > 0 else [])]
    parts, one = count(len(names), "part"), len(names) == 1
    return (
        f"{parts}, with calls that {'another process' if one else 'other processes'} noted, "
        f"{'lies' if one else 'lie'} beside it and {'is' if one else 'are'} not in it: {listed(named)}. "
        f"{'It opens' if one else 'Each opens'} as a recording."
    )


def beside_it(recording: Recording) -> str:
    """The same with the name of the recording."""
    said = beside_said(recording.beside)
    return f"{elided(recording.place)}: {said}" if said else ""


def count_of(calls: int) -> str:
    """`1 call`, `2,000 calls`."""
    return count(calls, "call") if calls < 1000 else f"{calls:,} calls"
