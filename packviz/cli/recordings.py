"""The calls of a recording in the terminal: each kept one checked, as a table, or as a line of JSON each."""

from __future__ import annotations

import argparse
import glob
import json
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from packviz.cli.checking.progress import below_the_keys, how_far
from packviz.cli.interrupt import Pieces, last_words
from packviz.cli.no_torch import or_rules_only, torch_missing
from packviz.cli.printing import FAILED, OK, WRONG, in_colour, note, plain
from packviz.cli.reading import STDIN, Typed
from packviz.core.batch import Batch, BatchError
from packviz.core.calls.choosing import worst_kept
from packviz.core.calls.modules import ran_on
from packviz.core.calls.words import beside_it, damage_said, none_kept
from packviz.core.checked import line_of
from packviz.core.choice import EVERYTHING, Choice
from packviz.core.damage import Damage
from packviz.core.module import Module
from packviz.core.noted import NotedCall
from packviz.core.places import entry_word
from packviz.core.report import Report
from packviz.core.source import Source
from packviz.core.texts.calls import Widths, noted_text, worst_first
from packviz.core.texts.quoting import shown
from packviz.core.texts.report import Ink
from packviz.core.texts.summary import many
from packviz.files.addresses import is_address
from packviz.files.walk import files_meant
from packviz.torch_side.asking.report import report_on

if TYPE_CHECKING:
    from packviz.files.kept.recordings import Recorded


def in_a_table(options: argparse.Namespace) -> bool:
    """Whether recordings are printed as what they are: not where only some findings or files are wanted, or a line a
    finding, or what was printed is merged. Then each of their batches is one as any other."""
    if getattr(options, "format", None) == "lines":
        return False
    narrowing = ("exclude", "select", "ignore", "baseline", "window", "merge", "shard", "dask")
    return not any(getattr(options, name, None) for name in narrowing)


def check_recordings(
    names: Sequence[str], typed: Typed, form: str | None, *, ask: bool, choice: Choice = EVERYTHING
) -> tuple[int, list[str]]:
    """Prints the calls of those that are recordings, as a table or as JSON lines; the worst of the exit codes, and the
    other names. Of `choice` it counts how bad a finding must be. Raises NoTorch where torch is to be asked and is not
    there, as it is with all of them."""
    printer, others, asked = _Printer(len(names), form), list[str](), False
    with last_words(printer.interrupted):
        for name in names:
            try:
                found = recording_of(name, typed.piped)
                if found is None or (typed.entry is not None and form != "json"):
                    others.append(name)
                    continue
                checking = RecordingCheck(found, typed, ask, choice)
            except BatchError as error:
                printer.refuse(str(error))
                continue
            if ask and not asked and (missing := torch_missing()) is not None:
                raise or_rules_only(missing)
            asked = True
            printer.print(checking)
    return printer.code, others


class _Printer:
    """Prints the calls of one recording after the other, a piece at a time. `code`: the worst of the exit codes."""

    def __init__(self, files: int, form: str | None) -> None:
        self.code = OK
        self._files, self._form = files, form
        self._done, self._printed = 0, False  # how many files are; whether a recording is
        self._checking: RecordingCheck | None = None
        self._told = 0  # calls of that one
        self._pieces = Pieces()

    def refuse(self, why: str) -> None:
        """What can't be read is said, in its place."""
        self._pieces.print(lambda: note(why))
        self.code, self._done = FAILED, self._done + 1

    def print(self, checking: RecordingCheck) -> None:
        """All of one recording, as it is checked."""
        self._checking, self._told = checking, 0
        if self._form == "json":
            lines: Iterator[str] = (json.dumps(plain(line), allow_nan=False) for line in checking.objects())
        else:
            lines = checking.lines(in_colour())
            print("\n" if self._printed else "", end="")
        for line in lines:
            self._pieces.print(partial(self._print, line, checking))
        if self._form == "json" and checking.beside:  # which the table says itself
            self._pieces.print(partial(note, checking.beside))
        self._pieces.print(self._print_troubles)
        code = FAILED if checking.troubles else WRONG if checking.wrong else OK
        self.code, self._done, self._printed, self._checking = max(self.code, code), self._done + 1, True, None

    def _print(self, line: str, checking: RecordingCheck) -> None:
        print(shown(line), flush=True)
        self._told = checking.told

    def _print_troubles(self) -> None:
        for trouble in () if self._checking is None else self._checking.troubles:
            note(trouble)

    def interrupted(self) -> None:
        """Says what could not be read, and how far it came, from any thread; nothing is printed after it."""
        self._pieces.end_with(self._print_interrupted)

    def _print_interrupted(self) -> None:
        below_the_keys()
        self._print_troubles()
        checking = self._checking
        within = "" if checking is None else f"after {self._told:,} of {many(checking.total, 'call')}"
        note(how_far(self._done, self._files, within))


def named(name: str) -> list[str]:
    """The files that a pattern means, as if the shell had put them in its place; any other name as it is."""
    if name == "-" or is_address(name) or not glob.has_magic(name) or os.path.lexists(name):
        return [name]
    found = list(files_meant(name))
    return [name] if any(isinstance(one, BatchError) for one in found) else [str(one) for one in found]


def recording_of(name: str, piped: bytes | None = None) -> Recorded | None:
    """The recording in the file of that name, or, of `-`, in what was piped in, where that has been read; None of
    anything else. Raises BatchError where it can't be read."""
    from packviz.files.kept.recordings import recording_at, recording_in

    if name == "-" and piped is not None:
        return recording_in(piped, STDIN)
    return recording_at(name)


def batch_of(found: Recorded, call: NotedCall, typed: Typed, *, like: bool = False) -> tuple[Batch, Module]:
    """The batch of a kept call, with the options that were typed, and the module to step: its own; `like`: of one that
    packs one like that which ran on it. Raises BatchError."""
    if typed.lengths is not None or typed.x is not None or typed.axes is not None:
        place = found.recording.place
        raise BatchError(f"{place} is a recording, which says itself what x and its lengths are: leave that out.")
    batch, module = found.opened(call)
    module = ran_on(found.recording.calls, call) if module is None and like else module
    return batch.with_call(**{name: getattr(typed.call, name) for name in sorted(typed.names)}), typed.spec(module)


def call_named(found: Recorded, entry: str | None) -> NotedCall:
    """The kept call of that name, `17 train.py:31`, or of that number, 17; the worst one where none is named. Raises
    BatchError where there is no such call, or its batch was not kept."""
    recording = found.recording
    if entry is not None:
        return found.named(entry)
    worst = worst_kept(recording.calls)
    if worst is None:
        raise BatchError(f"{recording.place}: {none_kept(recording)}.")
    return worst


class RecordingCheck:
    """Checks the kept calls of a recording, or the one that was named, one after the other, as they are printed.

    `wrong`: something is, in any call, kept or not, that is as bad as `choice` says. `troubles`: what could not be
    read, so far: of a damaged recording that comes first, unless one call was named. `told`: so many of the `total`
    calls are in what was given until now. `beside`: which parts of it lie beside it, in a sentence. Raises BatchError
    where there is no call of that name.
    """

    def __init__(self, found: Recorded, typed: Typed, ask: bool, choice: Choice = EVERYTHING) -> None:
        self._found, self._typed, self._ask, self._choice = found, typed, ask, choice
        named = typed.entry
        self._calls = worst_first(found.recording) if named is None else [call_named(found, named)]
        self.told, self.total = 0, len(self._calls)
        noted = found.recording.calls if named is None else ()
        self.wrong = any(choice.fails((s for _, s in call.findings), bool(call.error)) for call in noted)
        self.beside = beside_it(found.recording) if named is None else ""
        self._damage = found.recording.damage if named is None else ()
        self.troubles = list(filter(None, [damage_said(found.recording)])) if self._damage else []

    def objects(self) -> Iterator[dict[str, Any]]:
        """The object of each part that is damaged, and of each call, for JSON, in the order of their numbers."""
        yield from map(self._damaged, self._damage)
        for call in sorted(self._calls, key=lambda call: call.number):
            report = self._report(call)
            if report is not None:
                yield line_of(report, call)

    def _damaged(self, one: Damage) -> dict[str, Any]:
        recording = self._found.recording
        call = next((call for call in recording.calls if call.number == one.call), None)
        source = recording.place if call is None else Source(recording.place, entry=call.name).shown
        line = {"version": 1, "source": source, "trouble": f"{source}: {one}."}
        line |= {"damage": {"record": one.record or None, "at": one.at, "bytes": one.size}}
        return {**line, "lost": asdict(recording.lost), "call": None if call is None else call.told()}

    def lines(self, colour: bool) -> Iterator[str]:
        """The table, some lines at a time."""
        ink, recording, calls = Ink(colour), self._found.recording, self._calls
        yield noted_text(recording, colour)
        if not calls:
            return
        widths = Widths(calls)
        yield f"\n{ink('bold', 'Kept calls as they are checked now, worst first')}\n{widths.head(ink)}"
        for call in calls:
            report = self._report(call)
            if report is not None:
                lines = widths.lines(call, [(f.code, f.severity) for f in report.findings], ink)
                unexplained = report.unexplained_text
                yield "\n".join([*lines, *([f"        {unexplained}"] if unexplained else [])])
        place = "-" if recording.place == STDIN else shlex.quote(recording.place)
        yield f"\nAll of one call: packviz check {place} --entry {entry_word(calls[0].name)}"

    def _report(self, call: NotedCall) -> Report | None:
        self.told += 1
        try:
            batch, module = batch_of(self._found, call, self._typed)
            report = report_on(batch, module, ask=self._ask)
        except BatchError as error:
            self.troubles.append(str(error))
            return None
        raised = report.unexplained is not None
        self.wrong = self.wrong or self._choice.fails((f.severity for f in report.findings), raised)
        return report
