"""What the commands print, and the exit codes that they end with."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING, Any

from packviz.core.texts.quoting import in_line

if TYPE_CHECKING:
    from packviz.core.report import Report

OK, WRONG, FAILED = 0, 1, 2


def complain(sentence: str) -> int:
    """One line on standard error; the exit code of what can't be read or written."""
    note(sentence)
    return FAILED


def note(sentence: str) -> None:
    """One line on standard error."""
    print(in_line("packviz: " + " ".join(sentence.split())), file=sys.stderr, flush=True)


def plain(value: Any) -> Any:
    """For JSON, which knows no NaN and no infinity: these as the strings "nan", "inf" and "-inf"."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def report_words(report: Report) -> str:
    """The report as text, in colour where a terminal shows it and NO_COLOR is not set."""
    from packviz.core.texts.report import report_text

    return report_text(report, in_colour())


def in_colour() -> bool:
    """Whether a terminal shows what is printed, and shows it in colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
