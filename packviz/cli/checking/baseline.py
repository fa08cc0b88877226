"""A baseline: what is known to be found, and is left out from then on. The first run writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from packviz.cli.reading import reason
from packviz.core.checked import Checked
from packviz.core.errors import BatchError
from packviz.core.findings import Severity
from packviz.core.report import Report
from packviz.core.texts.quoting import elided, quoted
from packviz.core.writing import write_whole

Known = frozenset[tuple[str, str]]
"""(source of a batch, code) of each finding that is known."""


class Baseline:
    """The file at `path`. `known`: what it holds; None where it is not there yet, and is written by `end`.

    Raises BatchError where it holds something else.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.known = _read(self.path) if self.path.exists() else None
        self._found: dict[str, list[str]] = {}

    def add(self, checked: Checked) -> None:
        """One more batch of the run that writes it; notes are not among what is known."""
        codes = [told.code for told in checked.findings if told.severity is not Severity.NOTE]
        if self.known is None and codes:
            self._found[checked.source] = codes

    def end(self) -> str:
        """Writes it, where it was not there; the sentence that says so, else "". Raises BatchError."""
        if self.known is not None:
            return ""
        text = json.dumps({"version": 1, "known": self._found}, indent=1)
        try:
            write_whole(self.path, f"{text}\n".encode())
        except OSError as error:
            raise BatchError(f"{elided(str(self.path))} can't be written: {reason(error)}.") from None
        count = sum(map(len, self._found.values()))
        told = f"{count:,} finding{'s' if count != 1 else ''}"
        return f"{told} written to {elided(str(self.path))}, and left out from now on where it is given."


def without(report: Report, known: Known) -> Report:
    """The report without the findings that are known, which it keeps as `left_out`."""
    source = report.batch.source.shown
    others = tuple(finding for finding in report.findings if (source, finding.code) in known)
    if not others:
        return report
    kept = tuple(finding for finding in report.findings if (source, finding.code) not in known)
    return replace(report, findings=kept, left_out=(*report.left_out, *others))


def _read(path: Path) -> Known:
    place = elided(str(path))
    try:
        held: Any = json.loads(path.read_text(encoding="utf-8"))
        if held["version"] != 1:
            raise BatchError(
                f"{place} is a baseline of version {quoted(held['version'], 40)}, but 1 is read here: write it anew."
            )
        return frozenset((str(source), str(code)) for source, codes in held["known"].items() for code in _listed(codes))
    except OSError as error:
        raise BatchError(f"{place} can't be read: {reason(error)}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BatchError):
            raise
        raise BatchError(f"{place} is no baseline of packviz check: give another name to write one.") from None


def _listed(codes: Any) -> Iterable[Any]:
    if not isinstance(codes, list):
        raise TypeError("codes are a list")
    return codes
