"""The options of `packviz check`, beside those that all commands have."""

from __future__ import annotations

import argparse
import re
from typing import NamedTuple

from packviz.cli.values import positive
from packviz.core.bucketing import WINDOW
from packviz.core.choice import ALL, Choice
from packviz.core.errors import BatchError
from packviz.core.findings import Severity
from packviz.core.texts.quoting import cut

NEVER = "never"
SEVERITIES = (*(severity.value for severity in Severity), NEVER)


class Shard(NamedTuple):
    """Every `of`-th file, beginning with file `number`, from 1."""

    number: int
    of: int


def add_checking(parser: argparse.ArgumentParser) -> None:
    """Which findings count, what is printed, and who does the work."""
    parser.add_argument(
        "--exclude", metavar="GLOB", action="append", help="leave out files of that name, or in a folder\nof that name"
    )
    group = parser.add_argument_group("findings", "CODES are codes, or what they begin with: padding-left,lengths")
    group.add_argument("--select", metavar="CODES", type=codes_typed, action="extend", help="only these (default: ALL)")
    group.add_argument("--ignore", metavar="CODES", type=codes_typed, action="extend", help="all but these")
    group.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=SEVERITIES,
        help="the least bad one with exit code 1: error, silent,\nwarning, note or never (default: silent)",
    )
    group.add_argument(
        "--baseline", metavar="FILE", help="findings that are known, and left out; written\nwhere there is no such file"
    )
    group.add_argument("--rules-only", action="store_true", help="without asking torch: fast, for many files")
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format",
        choices=("text", "lines", "json"),
        help="a report a batch, a line a finding, or JSON lines\n(default: text, and lines where there are many)",
    )
    group.add_argument(
        "--window",
        metavar="N",
        type=positive,
        help=f"batches whose rows the summary sorts together\n(default: {WINDOW})",
    )
    group.add_argument("--merge", action="store_true", help="the summary of FILEs that --format json printed")
    group = parser.add_argument_group("work")
    group.add_argument(
        "--jobs", metavar="N", type=positive, help="processes, at most 8 a core (default: by the files\nand the cores)"
    )
    group.add_argument("--shard", metavar="I/N", type=shard_typed, help="only the I-th of every N files, from 1")
    group.add_argument("--dask", metavar="ADDRESS", help="on the Dask cluster whose scheduler is there")


def codes_typed(text: str) -> tuple[str, ...]:
    from packviz.core.choice import codes_named

    try:
        return codes_named(text)
    except BatchError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def shard_typed(text: str) -> Shard:
    match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is no part such as 1/4: the first of four")
    return Shard(int(match[1]), int(match[2]))


def choice_of(options: argparse.Namespace) -> Choice:
    """What was typed of --select, --ignore and --fail-on."""
    fail_on = getattr(options, "fail_on", Severity.SILENT.value)
    return Choice(
        tuple(getattr(options, "select", ())) or (ALL,),
        tuple(getattr(options, "ignore", ())),
        None if fail_on == NEVER else Severity(fail_on),
    )
