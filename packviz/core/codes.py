"""The codes of findings and of causes by themselves: their help, and one line for each."""

from __future__ import annotations

import difflib
import re

from packviz.core.batch import BatchError
from packviz.core.breaches import PROBED
from packviz.core.catalogue import CODES, entry, help_text
from packviz.core.messages import CAUSES

_CODE = re.compile(r"[a-z]{1,20}(?:-[a-z]{1,20}){1,5}")


def code_asked(text: str) -> str | None:
    """The code that a text is, in lower case; None where it is none. Raises BatchError for what is nearly one."""
    word = text.strip().lower()
    if word in CODES or word in CAUSES or word in PROBED:
        return word
    if not _CODE.fullmatch(word):
        return None
    close = difflib.get_close_matches(word, [*CODES, *CAUSES, *PROBED], n=1)
    hint = f"did you mean {close[0]}?" if close else "packviz explain --codes lists them all."
    raise BatchError(f"there is no finding {word!r}: {hint}")


def code_title(code: str) -> str:
    """What it is, in one line. Raises KeyError where there is no such code."""
    if code in CODES or code in PROBED:
        return entry(code).title.rstrip(".")
    return CAUSES[code].title


def code_help(code: str) -> str:
    """All that is known of it, for the terminal, without a newline at the end. Raises KeyError for no such code."""
    if code in CODES or code in PROBED:
        return help_text(code)
    plain = CAUSES[code]
    fix = plain.fix and "\n".join(f"    {line}" for line in plain.fix.splitlines())
    return "\n\n".join(part for part in (code, f"{plain.title}.", plain.look, fix) if part)


def all_codes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The codes under their headings: the findings of a check, those of a probe, then the causes that no check of a
    batch can see."""
    elsewhere = tuple(code for code in CAUSES if code not in CODES)
    return (
        ("what packviz check finds", CODES),
        ("what packviz.probe finds", tuple(PROBED)),
        ("causes that no check of a batch can see", elsewhere),
    )


def codes_text() -> str:
    """A line for each code, for the terminal, without a newline at the end."""
    width = max(len(code) for _, codes in all_codes() for code in codes)
    parts = []
    for heading, codes in all_codes():
        parts.append("\n".join([f"{heading}:", *(f"  {code:<{width}}  {code_title(code)}" for code in codes)]))
    return "\n\n".join(parts)
