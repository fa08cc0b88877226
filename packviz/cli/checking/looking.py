"""One file is checked, wherever that is done: in this process, in another one, on a cluster."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from packviz.cli.checking.baseline import Known, without
from packviz.cli.no_torch import or_rules_only
from packviz.cli.printing import plain
from packviz.cli.reading import Typed, read_each
from packviz.core.batch import BatchError
from packviz.core.budget import MEMORY
from packviz.core.checked import Checked, Told, line_of
from packviz.core.choice import ALL, EVERYTHING, Choice
from packviz.core.errors import NoTorch, only_batch_errors
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall
from packviz.core.patience import TIME
from packviz.core.report import Report
from packviz.core.rules.meant import with_meant
from packviz.core.texts.quoting import in_line
from packviz.core.texts.report import Ink, report_text
from packviz.torch_side.asking.report import report_on

Form = Literal["text", "lines", "json"]


class Part(NamedTuple):
    """Which part of the files a shard is: every `of`-th, beginning with file `number`, from 1. `files`: how many there
    are in all; `named`: a checksum of their names, which tells these files from others."""

    number: int
    of: int
    files: int
    named: str

    @classmethod
    def among(cls, number: int, of: int, entries: Sequence[Entry]) -> Part:
        """The same of these files. Where the folder lies that all of them are in tells nothing: it may be another on
        each machine."""
        names = [entry.name for entry in entries]
        head = len(os.path.commonprefix(names).rpartition("/")[0])  # noqa: RUF071  # back to a whole folder
        whole = "\0".join(name[head:] for name in names).encode("utf-8", "backslashreplace")
        return cls(number, of, len(names), f"{zlib.crc32(whole):08x}")


@dataclass(frozen=True)
class Job:
    """How each file is checked, and what is made of its batches to be printed.

    `form`: "text" for a report of each, "json" for a line of JSON, "lines" for nothing: lines are made of what is kept.
    `whole`: of so many first batches of a file the report all the same. `ask`: torch, too. `shard`: a line of JSON says
    where in it its batch stands; None where that is not wanted. `memory`, `seconds`: as of `--memory` and `--seconds`,
    None for the environment's. `known`: findings that are left out.
    """

    typed: Typed
    form: Form = "text"
    whole: int = 0
    ask: bool = True
    choice: Choice = EVERYTHING
    colour: bool = False
    shard: Part | None = None
    memory: int | None = None
    seconds: float | None = None
    known: Known = frozenset()


class Entry(NamedTuple):
    """A file to check: which one of all, from 0, and its name; or why there is none in its place, a sentence."""

    number: int
    name: str
    trouble: str = ""


class Item(NamedTuple):
    """One batch, and its report or its line of JSON; "" where the job wants neither."""

    checked: Checked
    text: str = ""


def looked(entry: Entry, job: Job) -> Iterator[Item]:
    """Every batch of the file, checked, or why it can't be read in its place. Raises NoTorch where torch is to be asked
    and is not there."""
    if entry.trouble:
        yield unread(entry, entry.trouble, 0, job)
        return
    with MEMORY.within(job.memory), TIME.within(job.seconds):
        number = 0
        try:
            for loaded, spec in read_each(entry.name, job.typed):
                try:
                    with only_batch_errors():
                        found = report_on(loaded.made(), spec, ask=job.ask)
                    report = without(job.choice.of(found), job.known)
                except NoTorch:  # so it is with all of them
                    raise
                except BatchError as error:
                    yield unread(entry, str(error), number, job)
                else:
                    call = None if loaded.whole is None else loaded.whole.call
                    yield Item(Checked.of(report, job.choice, call), _text(report, call, (entry.number, number), job))
                number += 1
        except BatchError as error:  # of the file: what comes after it can't be read
            if isinstance(error, NoTorch) and job.ask:
                raise or_rules_only(error) from None
            yield unread(entry, str(error), number, job)


def unread(entry: Entry, why: str, number: int, job: Job) -> Item:
    """What can't be read, with the sentence that says why; of a shard it is a line of JSON, too. `number`: of the batch
    in its file."""
    line = ""
    if job.form == "json" and job.shard is not None:
        line = _line({"version": 1, "source": entry.name, "trouble": why}, (entry.number, number), job)
    return Item(Checked(entry.name, trouble=why), line)


def _text(report: Report, call: NotedCall | None, place: tuple[int, int], job: Job) -> str:
    if job.form == "json":
        return _line(line_of(report, call), place, job)
    return report_text(with_meant(report), job.colour) if job.form == "text" or place[1] < job.whole else ""


def _line(told: Mapping[str, Any], place: tuple[int, int], job: Job) -> str:
    at = {} if job.shard is None else {"at": list(place), "shard": job.shard._asdict()}
    return json.dumps(plain({**told, **at}), allow_nan=False)


def lines_of(checked: Checked, job: Job) -> list[str]:
    """A line a finding: of all but notes, and of these where findings were selected."""
    ink, lines, source = Ink(job.colour), list[str](), in_line(checked.source)
    for told in checked.findings:
        if told.severity is Severity.NOTE and job.choice.select == (ALL,):
            continue
        head = ink(told.severity.value, f"{told.severity.value.upper()} {told.code}")
        lines.append(f"{source}: {head}: {told.title}{_rows(told)}")
    if checked.raised:
        lines.append(f"{source}: {ink('error', 'ERROR')}: {checked.raised}")
    return lines


def _rows(told: Told) -> str:
    if told.row_count < 2:
        return ""
    more = ", …" if told.row_count > len(told.rows) else ""
    return f" (rows {', '.join(map(str, told.rows))}{more})"
