"""`packviz check`: the files that were named are checked, what was found is printed, and of many batches a summary."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from packviz.cli.checking.baseline import Baseline
from packviz.cli.checking.looking import Entry, Item, Job, Part, lines_of, looked
from packviz.cli.checking.merging import merged
from packviz.cli.checking.options import choice_of
from packviz.cli.checking.progress import Progress, how_far
from packviz.cli.interrupt import Pieces, last_words
from packviz.cli.printing import FAILED, OK, WRONG, complain, in_colour, note, plain
from packviz.cli.reading import Typed
from packviz.core.bucketing import WINDOW
from packviz.core.errors import BatchError
from packviz.core.samples import SAMPLE
from packviz.core.tally import Tally
from packviz.core.texts.quoting import shown
from packviz.core.texts.summary import guessed_text, many, summary_text
from packviz.files.addresses import is_address
from packviz.files.walk import files_meant

FEW = 10
"""Batches whose reports are printed whole, and which need no summary."""

EACH = 100
"""Files for which one more process is worth its start."""

MOST_JOBS = 8

MOST_A_CORE = 8
"""Processes for each core, however many are asked for: what waits for the disk or the network has work for some."""


def check(options: argparse.Namespace, typed: Typed) -> int:
    """Prints what was found in each batch; of more than FEW, a line a finding, and a summary. The worst of the exit
    codes. What can't be read is one line on standard error, and the others follow. Ctrl+C ends it with how far it came,
    and the summary of that."""
    window = getattr(options, "window", WINDOW)
    if getattr(options, "merge", False):
        return _merge(options, window)
    entries, shard = entries_of(options.files, getattr(options, "exclude", ())), getattr(options, "shard", None)
    part = None
    if shard is not None:
        part = Part.among(shard.number, shard.of, entries)
        entries = entries[shard.number - 1 :: shard.of]
    form, baseline = getattr(options, "format", None), None
    try:
        if "baseline" in options:
            baseline = Baseline(options.baseline)
    except BatchError as error:
        return complain(str(error))
    job = Job(
        typed,
        form or "lines",
        FEW if form is None and len(entries) <= FEW else 0,
        not getattr(options, "rules_only", False),
        choice_of(options),
        in_colour(),
        part,
        getattr(options, "memory", None),
        getattr(options, "seconds", None),
        (baseline and baseline.known) or frozenset(),
    )
    printer = _Printer(job, len(entries), window)
    try:
        with last_words(printer.interrupted):
            for at, item in _items(entries, job, options):
                printer.print(at, item)
                if baseline is not None:
                    baseline.add(item.checked)
        code, said = printer.end(), "" if baseline is None else baseline.end()
    except BatchError as error:  # of no batch, but of what checks them
        printer.progress.clear()
        complain(str(error))
        if printer.tally.seen:
            printer.interrupted()
        return FAILED
    if said:
        note(said)
        return code if code == FAILED else OK
    return code


def entries_of(names: Iterable[str], exclude: Sequence[str] = ()) -> list[Entry]:
    """All files that the names mean, in order, but for those that are left out, and what can't be looked into in its
    place."""
    entries: list[Entry] = []
    for name in names:
        for meant in files_meant(name, exclude) if name != "-" and not name.startswith(SAMPLE) else (name,):
            trouble = str(meant) if isinstance(meant, BatchError) else ""
            entries.append(Entry(len(entries), name if isinstance(meant, BatchError) else meant, trouble))
    return entries


def _items(entries: Sequence[Entry], job: Job, options: argparse.Namespace) -> Iterator[tuple[int, Item]]:
    """Every batch, with the place of its file among the entries, in order, wherever it is checked."""
    here = next((entry.name for entry in entries if _only_here(entry.name)), None)
    address = getattr(options, "dask", None)
    if address is not None:
        if here is not None:
            raise BatchError(f"{here} can be read in this process only: leave it or --dask out.")
        from packviz.cli.checking.cluster import on_cluster

        yield from on_cluster(entries, job, address)
        return
    jobs = jobs_of(getattr(options, "jobs", None), len(entries))
    if jobs > 1 and len(entries) > 1 and here is None:
        from packviz.cli.checking.processes import in_processes

        yield from in_processes(entries, job, jobs)
        return
    for at, entry in enumerate(entries):
        yield from ((at, item) for item in looked(entry, job))


def jobs_of(typed: int | None, files: int) -> int:
    """How many processes check so many files, where so many were typed: never more than are of any use, since each
    takes memory, and a machine that has none left is of no use to anybody."""
    return usual_jobs(files) if typed is None else min(typed, files, MOST_A_CORE * cores())


def usual_jobs(files: int) -> int:
    """How many processes check so many files, where nobody says."""
    return max(1, min(cores(), files // EACH, MOST_JOBS))


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _only_here(name: str) -> bool:
    """Whether no other process could read it: standard input, a pipe as of <(python train.py), what lies in memory."""
    return name == "-" or name.startswith("memory://") or (not is_address(name) and Path(name).is_fifo())


class _Printer:
    """Prints each batch as it comes, and the summary; nothing of them is kept but counts."""

    def __init__(self, job: Job, files: int, window: int) -> None:
        self.job, self.tally, self.progress = job, Tally(window), Progress(files)
        self._reports, self._apart = 0, ""  # how many were printed; what comes before the next line after one
        self._printed = False
        self._files, self._at = files, 0
        self._pieces = Pieces()

    def print(self, at: int, item: Item) -> None:
        """`at`: the place of its file among the entries."""
        self._pieces.print(lambda: self._print(at, item))

    def _print(self, at: int, item: Item) -> None:
        self._at = at
        self.tally.add(item.checked)
        if item.checked.trouble:
            self.progress.clear()
            note(item.checked.trouble)
        text = self._text(item)
        if text:
            self.progress.clear()
            print(text, flush=True)
            self._printed = True
        self.progress.tell(at, self.tally)

    def _text(self, item: Item) -> str:
        if self.job.form == "json":
            return item.text
        if item.text and (self.job.form == "text" or self._reports < FEW):
            self._reports += 1
            apart, self._apart = "\n" if self._reports > 1 else "", "\n"
            return apart + shown(item.text)
        lines = "\n".join(lines_of(item.checked, self.job))
        if not lines:
            return ""
        apart, self._apart = self._apart, ""
        return apart + shown(lines)

    def end(self) -> int:
        """Prints the summary of more than FEW batches; the exit code."""
        self._pieces.print(self._print_end)
        if self.tally.seen <= FEW and self.tally.guessed and self.job.form == "lines" and not self._reports:
            note(f"{guessed_text(self.tally.guessed)}.")
        return _code(self.tally.wrong, self.tally.unread)

    def _print_end(self) -> None:
        self.progress.clear()
        self._print_summary()

    def interrupted(self) -> None:
        """Says how far it came, and prints the summary of that, from any thread; nothing is printed after it."""
        self._pieces.end_with(self._print_interrupted)

    def _print_interrupted(self) -> None:
        self.progress.leave()
        within = "" if self._files > 1 else f"after {many(self.tally.seen, 'batch', 'batches')}"
        note(how_far(self._at, self._files, within))
        self._print_summary(interrupted=True)

    def _print_summary(self, *, interrupted: bool = False) -> None:
        if self.tally.seen <= FEW:
            return
        summary = self.tally.summary(interrupted=interrupted)
        if self.job.form == "json":  # standard output has lines of JSON only
            print(shown(summary_text(summary)), file=sys.stderr, flush=True)
        else:
            print("\n" * self._printed + shown(summary_text(summary, self.job.colour)), flush=True)


def _code(wrong: int, unread: int) -> int:
    return FAILED if unread else WRONG if wrong else OK


def _merge(options: argparse.Namespace, window: int) -> int:
    try:
        summary, missing = merged(options.files, choice_of(options), window)
    except BatchError as error:
        return complain(str(error))
    if getattr(options, "format", None) == "json":
        print(json.dumps(plain(summary.to_dict()), allow_nan=False), flush=True)
    else:
        print(shown(summary_text(summary, in_colour())), flush=True)
    if missing:
        return complain(missing)
    return _code(summary.wrong, summary.unread)
