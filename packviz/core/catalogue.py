"""All findings that the checks know: their help, their severities, the public threads that they answer, their samples.

Nothing is listed here: the codes and their help are those of the rules, all else is said by the sample of each.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from packviz.core.batch import BatchError
from packviz.core.breaches import PROBED
from packviz.core.findings import Severity
from packviz.core.rules import ROOMS, RULES, Rule
from packviz.core.samples import SAMPLE, Sample, finding_samples

WIDTH = 100
"""Of the help in the terminal, in characters."""

MEANINGS: Mapping[Severity, str] = {
    Severity.ERROR: "torch raises, in this call or in one that follows",
    Severity.SILENT: "torch says nothing, and the result is wrong",
    Severity.WARNING: "torch says nothing; it is likely wrong, but the data alone cannot prove it",
    Severity.NOTE: "nothing is wrong; it is worth knowing",
}
"""What torch does about a finding of each severity."""


@dataclass(frozen=True)
class Entry:
    """One finding that the checks know.

    `title`: one sentence, the rule. `body`: the rest of its help, in paragraphs. `severities`: worst first; of several,
    torch or the data decide. `pains`: public threads, as owner/repository#number. `sample`: a batch that has it; None
    of what a probe finds in a function, which no batch has.
    """

    code: str
    title: str
    body: str
    severities: tuple[Severity, ...]
    pains: tuple[str, ...]
    sample: Sample | None

    @property
    def torch(self) -> tuple[str, ...]:
        """What torch does, a line for each severity."""
        return tuple(MEANINGS[severity] for severity in self.severities)


def _place(rule: Rule) -> int:
    """The room in which a rule stands; within a room, the rules stay as they are."""
    return next(i for i, room in enumerate(ROOMS) if room.__name__ == rule.look.__module__)


CODES: tuple[str, ...] = tuple(rule.code for rule in sorted(RULES.values(), key=_place))
"""The codes of all findings, theme by theme."""


@cache
def entry(code: str) -> Entry:
    """The entry of a code, of the checks or of the probe. Raises BatchError where there is no such finding."""
    if code in PROBED:
        breach = PROBED[code]
        fix = "\n".join(f"    {line}" for line in (breach.fix or "").splitlines())
        return Entry(code, breach.title, f"{breach.body}\n\n{fix}", (breach.severity,), (), None)
    if code not in RULES:
        close = difflib.get_close_matches(code, CODES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(CODES)}."
        raise BatchError(f"there is no finding {code!r}: {hint}")
    first, _, rest = RULES[code].help.partition("\n\n")
    sample = finding_samples()[code]
    severities = tuple(sorted(map(Severity, sample.severities), key=lambda severity: severity.rank))
    return Entry(code, " ".join(first.split()), _paragraphs(rest), severities, sample.pains, sample)


def help_text(code: str) -> str:
    """The help of a finding for the terminal, wrapped, without a newline at the end. Raises BatchError."""
    about = entry(code)
    parts = [code, wrapped(about.title)]
    parts += [wrapped(paragraph) for paragraph in about.body.split("\n\n") if paragraph]
    severities = zip(about.severities, about.torch, strict=True)
    parts.append("\n".join(wrapped(f"{severity}: {does}.", "    ") for severity, does in severities))
    if about.pains:
        parts.append(wrapped(f"Asked about in {', '.join(about.pains)}.", "    "))
    if about.sample is not None:
        look = textwrap.indent(wrapped(about.sample.look, width=WIDTH - 4), "    ")
        parts.append(f"packviz check {SAMPLE}{code}\n{look}")
    return "\n\n".join(parts)


def _paragraphs(text: str) -> str:
    """Each paragraph on one line; a paragraph that is indented is code, and keeps its lines."""
    kept = (
        part if part.startswith("    ") else " ".join(part.split()) for part in re.split(r"\n{2,}", text.strip("\n"))
    )
    return "\n\n".join(kept)


def wrapped(text: str, hang: str = "", width: int = WIDTH) -> str:
    """A paragraph in lines; one that is indented is code, and stays as it is."""
    if text.startswith("    "):
        return text
    return textwrap.fill(text, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)
