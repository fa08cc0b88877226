"""A paste as the window takes it: a batch, an error message to explain, or both."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.messages.explain import Explanation, explain
from packviz.files.paste.paste import parse_paste
from packviz.files.paste.tracebacks import without_tracebacks

LONGEST_MESSAGE = 1 << 16
"""Characters of a text that is no batch and may hold a message, wrapped anywhere."""


@dataclass(frozen=True, eq=False)
class Pasted:
    """What a paste holds: a batch, or None; an explanation of its error message, or None.

    `trouble`: why what stands beside the message can't be read as a batch, in a sentence, or nothing.
    """

    batch: Batch | None
    explanation: Explanation | None = None
    trouble: str = ""


def read_paste(
    text: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    watch: Watch = UNWATCHED,
) -> Pasted:
    """The batch in a text, and what its error message means, where it has one.

    Raises BatchError, one sentence, where it holds neither, and Cancelled when `watch` says so.
    """
    rest, told = without_tracebacks(text)
    if not told:
        return _unnamed(text, call, options_given, watch)
    explanation = explain(told)
    if "[" not in rest:
        return Pasted(None, explanation)
    try:
        return Pasted(parse_paste(rest, call, options_given, watch=watch), explanation)
    except BatchError as error:
        return Pasted(None, explanation, str(error))


def _unnamed(text: str, call: Call | None, options_given: frozenset[str], watch: Watch) -> Pasted:
    """No line of the text is a message; a short one may be, as a whole, one that was wrapped."""
    explanation = explain(text) if len(text) <= LONGEST_MESSAGE else None
    if explanation is None or not explanation.known:
        return Pasted(parse_paste(text, call, options_given, watch=watch))
    if 2 * len(explanation.message) >= len(text):
        return Pasted(None, explanation)
    try:
        return Pasted(parse_paste(text, call, options_given, watch=watch), explanation)
    except BatchError:
        return Pasted(None, explanation)
