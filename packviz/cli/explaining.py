"""What `packviz explain` is given: a message, a traceback in a file or piped in, or the code of a finding."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from packviz.api import report_on
from packviz.cli.reading import MESSAGE, Typed, look_at, read, read_stdin, reason
from packviz.core.batch import BatchError
from packviz.core.catalogue import CODES, help_text
from packviz.core.explain import Explanation, explain
from packviz.core.heard import LONGEST_TEXT
from packviz.core.messages import CAUSES

_NAME = re.compile(r"\S+\.(?:log|txt|out|err)")
_CODE = re.compile(r"[a-z]{1,20}(?:-[a-z]{1,20}){1,5}")


def code_text(words: Sequence[str]) -> str | None:
    """The help of a code; None where the words are none. Raises BatchError for what is nearly one."""
    word = words[0].strip().lower() if len(words) == 1 else ""
    if word in CODES:
        return help_text(word)
    if word in CAUSES:
        plain = CAUSES[word]
        fix = plain.fix and "\n".join(f"    {line}" for line in plain.fix.splitlines())
        return "\n\n".join(part for part in (word, f"{plain.title}.", plain.look, fix) if part)
    if not _CODE.fullmatch(word) or Path(word).is_file():
        return None
    close = difflib.get_close_matches(word, [*CODES, *CAUSES], n=1)
    hint = f"did you mean {close[0]}?" if close else "packviz check names the codes of what it finds."
    raise BatchError(f"there is no finding {word!r}: {hint}")


def message_text(words: Sequence[str]) -> str:
    """The text to explain. Raises BatchError where there is none, or the file can't be read."""
    if list(words) == ["-"]:
        return _decoded(read_stdin(MESSAGE))
    text = " ".join(words)
    if len(words) == 1 and _NAME.fullmatch(text):
        look_at(text)
    if len(words) == 1 and _is_file(text):
        try:
            with Path(text).open("rb") as file:
                file.seek(max(0, Path(text).stat().st_size - LONGEST_TEXT))
                text = _decoded(file.read())
        except OSError as error:
            raise BatchError(f"{words[0]} can't be read: {reason(error)}.") from error
    if not text.strip():
        raise BatchError("the message is empty, but a message, a traceback or the code of a finding is expected.")
    return text


def explained(text: str, batch: str | None, typed: Typed) -> Explanation:
    """The explanation, with what the batch of that name has of it. Raises BatchError where it can't be read."""
    if batch is None:
        if typed.names or typed.lengths is not None:
            raise BatchError("options of the call were given without the batch that they are for: give --batch, too.")
        return explain(text)
    return explain(text, report_on(*read(batch, typed)))


def _is_file(text: str) -> bool:
    try:
        return len(text) < 4096 and "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):  # a message is no name of a file
        return False


def _decoded(data: bytes) -> str:
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # as PowerShell pipes into files
    return data.decode("utf-16" if utf16 else "utf-8-sig", "replace")
