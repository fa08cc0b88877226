"""An explanation as text for the terminal: the message, then its causes, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.texts.report import Ink, wrapped
from packviz.core.texts.wording import rows_listed

if TYPE_CHECKING:
    from packviz.core.messages.explain import Cause, Explanation

UNKNOWN = (
    "packviz knows no cause of this message. If it comes from a packed batch, give the batch, too: what torch really "
    "does with it is asked then."
)
NOT_HERE = "packviz knows no cause of this message, and found none in {}."
NO_MESSAGE = "There is no message in this text that packviz knows."
NO_CAUSE = "packviz knows no cause of this message."
MOST_BESIDE = 3
MARKS = {True: "in this batch", False: "not in this batch", None: "possible"}


def explanation_text(explanation: Explanation, colour: bool = False) -> str:
    """For the terminal, without a newline at the end. `colour`: with ANSI colours."""
    ink, parts = Ink(colour), []
    if explanation.help:
        parts.append(explanation.help)
    if explanation.message:
        parts.append(ink("bold", "\n".join(wrapped(explanation.message))))
    if explanation.means:
        parts.append("\n".join(wrapped(explanation.means, "  ")))
    if not explanation.known:
        parts.append("\n".join(wrapped(unknown_text(explanation))))
    if batch_text(explanation):
        parts.append("\n".join(wrapped(batch_text(explanation), "  ")))
    parts += [_cause(i, cause, ink) for i, cause in enumerate(explanation.causes, 1)]
    return "\n\n".join(parts)


def unknown_text(explanation: Explanation) -> str:
    """What is said where no cause is known."""
    if not explanation.message and not explanation.batch:
        return NO_MESSAGE
    if not explanation.batch:
        return UNKNOWN
    found = beside_text(explanation)
    return f"{NO_CAUSE} {found}" if found else NOT_HERE.format(explanation.batch)


def batch_text(explanation: Explanation) -> str:
    """What is said where the batch has none of the causes; nothing where it has one, or there is none."""
    if not explanation.batch or not explanation.known or any(cause.confirmed for cause in explanation.causes):
        return ""
    absent = f"In {explanation.batch} {'it was not' if explanation.help else 'none of these was'} found"
    found = beside_text(explanation)
    return f"{absent}. {found}" if found else f"{absent}."


def beside_text(explanation: Explanation) -> str:
    """What is wrong with the batch, or likely so, though it is none of the causes; nothing where nothing is."""
    beside = explanation.beside
    if not beside:
        return ""
    told = "; ".join(f"{finding.title} ({finding.code}, {finding.severity.value})" for finding in beside[:MOST_BESIDE])
    more = f"; and {len(beside) - MOST_BESIDE} more" if len(beside) > MOST_BESIDE else ""
    return f"But the checks find in {explanation.batch}: {told}{more}."


def cause_mark(cause: Cause) -> str:
    """Whether the batch has it, in a few words."""
    return (
        "torch raises just this with this batch" if cause.exact else MARKS[False if cause.absent else cause.confirmed]
    )


def _cause(number: int, cause: Cause, ink: Ink) -> str:
    mark = cause_mark(cause)
    style = {True: "error", False: "muted", None: "bold"}[cause.confirmed]
    head = f"{number}. {cause.title}"
    lines = [ink(style, line) for line in wrapped(head, "", "   ")]
    lines.append(f"   {cause.code} · {mark}")
    lines += wrapped(cause.why, "   ") if cause.why else []
    facts = []
    if cause.finding is not None:
        facts.append(("found", cause.finding.detail if cause.finding.detail != cause.why else ""))
        facts.append(("rows", rows_listed(cause.rows).partition(" ")[2] if len(cause.rows) > 1 else ""))
    elif cause.confirmed is None:
        facts.append(("look", cause.look))
    for label, words in facts:
        if words:
            lines += wrapped(words, f"     {label:<6} ", " " * 12)
    if cause.confirmed is not False:
        for i, line in enumerate((cause.fix or "").splitlines()):
            lines.append((f"     {'fix':<6} " if i == 0 else " " * 12) + line)
    return "\n".join(lines)
