"""What `packviz explain` is given: a message, a traceback in a file or piped in, or the code of a finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from packviz.cli.reading import MESSAGE, Typed, look_at, read, read_stdin, reason
from packviz.core.batch import Batch, BatchError
from packviz.core.codes import code_asked
from packviz.core.messages.explain import Explanation, compared, explain, explain_code
from packviz.core.messages.heard import LONGEST_TEXT
from packviz.core.source import Source
from packviz.torch_side.asking.report import report_on

LONGEST_SESSION = LONGEST_TEXT // 4
"""Characters of a text in which a batch is looked for: of a longer one only the end may have been read."""

_NAME = re.compile(r"[^\s'\"]*(?:\.(?:log|txt|out|err|py|json|trace|traceback)|[/\\][^\s'\"]*)", re.IGNORECASE)


def asked(words: Sequence[str], batch: str | None, typed: Typed) -> Explanation:
    """The explanation of what was typed. Raises BatchError where it, or the batch, can't be read."""
    for flag in ("entry", "x", "axes"):
        if batch is None and getattr(typed, flag) is not None:
            raise BatchError(f"--{flag} was given without the file that it is for: give --batch, too.")
    text = words[0] if len(words) == 1 else ""
    code = None if not text or _is_file(text) else code_asked(text)
    if code is not None:
        _refuse_options(batch, typed)
        return explain_code(code, None if batch is None else report_on(*read(batch, typed)))
    whole = text == "-" or _is_file(text)
    return explained(message_text(words), batch, typed, whole=whole)


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


def explained(text: str, batch: str | None, typed: Typed, *, whole: bool = False) -> Explanation:
    """The explanation, with what the batch of that name has of it. Raises BatchError where it can't be read.

    `whole`: the text is all that a program or a session printed: without a batch of a name, the one in it is taken.
    """
    if batch is not None:
        return explain(text, report_on(*read(batch, typed)))
    told = explain(text)
    beside = _batch_beside(text, typed) if whole and told.message else None
    if beside is None:
        _refuse_options(batch, typed)
        return told
    return compared(told, report_on(beside, typed.spec()))


def _batch_beside(text: str, typed: Typed) -> Batch | None:
    """The batch in a text that holds a message, with what was typed; None where there is none, or it can't be read.

    Numbers that stand alone in a log are no batch: it comes with its lengths, or something is typed for it.
    """
    from packviz.files.paste.pasted import read_paste

    if len(text) > LONGEST_SESSION:
        return None
    try:
        batch = read_paste(text, typed.call, typed.names).batch
    except BatchError:
        return None
    if batch is None or (batch.given.origin == "guessed" and not typed.names and typed.lengths is None):
        return None
    batch = batch if typed.lengths is None else batch.with_lengths(typed.lengths)
    return replace(batch, source=Source("this text"))


def _refuse_options(batch: str | None, typed: Typed) -> None:
    if batch is None and (typed.names or typed.lengths is not None):
        raise BatchError("options of the call were given without the batch that they are for: give --batch, too.")


def _is_file(text: str) -> bool:
    try:
        return len(text) < 4096 and "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):  # a message is no name of a file
        return False


def _decoded(data: bytes) -> str:
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # as PowerShell pipes into files
    return data.decode("utf-16" if utf16 else "utf-8-sig", "replace")
