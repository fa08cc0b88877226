"""Tracebacks and error messages in a pasted text, cut out of it: they are explained, not read as data."""

from __future__ import annotations

import re

from packviz.core.messages.heard import heard

START = "Traceback (most recent call last)"
MOST_LINES = 200  # a text of more is searched for exceptions that bear a name, not for bare messages
MOST_SAID = 40  # lines that the message of one exception may have
WINDOW = 2048
LONGEST_LINE = 2000  # characters; a longer line is data

_ERROR = re.compile(
    r"^\s{0,8}(?:E\s{1,8}|[|+>#\s-]{1,12}|\[[\w ]{1,20}\]: ?)?(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Za-z_]\w{0,60}"
    r"(?:Error|Exception|Interrupt|Iteration|Exit|Group)(?::\s|:?\s{0,4}$)"
)
_MARK = re.compile(  # each of these stands in the first line of what is cut out
    r"Traceback \(most recent call last\)|^(?:During handling of|The above exc)|(?:Error|Exception|Interrupt|Iteration"
    r"|Exit|Group)(?=:|\s|$)",
    re.M,
)
_END = re.compile(r"^[A-Za-z_][\w.]{0,120}(?::\s|:?$)")  # how a traceback ends: any name of a class
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. |In ?\[\d+\]:|Out ?\[\d+\]:|\(Pdb|ipdb>)")
_DATA = re.compile(r"^\s{0,40}(?:[A-Za-z_][\w.]{0,60}\s{0,4}=(?!=)|tensor\(|array\(|PackedSequence\(|\[)")
_FRAME = re.compile(
    r"^(?:\s|[|+-]|File |Input In |Cell |Input |~|/|[A-Z]:\\|<ipython|\[Previous line|\w+Error\b|\.\.\. |frames? )"
)
_LINK = ("During handling of the above exception", "The above exception was the direct cause")
_CALL = re.compile(r"\b(?:pack_padded_sequence|pack_sequence|pad_packed_sequence)\(")
_OPTION = re.compile(r"\b(batch_first|enforce_sorted|total_length)\s{0,4}=\s{0,4}(True|False|\d{1,9})\b")


def without_tracebacks(text: str) -> tuple[str, str]:
    """The text without tracebacks and error messages, and these alone; nothing where there are none.

    Every line stays in its place. A line of a traceback that packs leaves the options of its call behind, as
    `batch_first = True`.
    """
    if text.count("\n") < MOST_LINES:
        return by_lines(text, short=True)
    return by_marks(text) if any(mark in text for mark in ("Error", "Exception", START)) else (text, "")


def by_lines(text: str, *, short: bool) -> tuple[str, str]:
    """The same, where every line is looked at; `short`: whether messages may stand without a name."""
    lines = text.split("\n")
    kept, told = list(lines), list[str]()
    at = 0
    while at < len(lines):
        stop = _stop(lines, at, short)
        for i in range(at, stop):
            kept[i] = _options(lines, i, at)
        told += lines[at:stop]
        at = max(stop, at + 1)
    return ("\n".join(kept), "\n".join(told)) if told else (text, "")


def by_marks(text: str) -> tuple[str, str]:
    """The same, where only the lines are looked at in which a traceback or a message with a name begins."""
    kept, told, done, at = list[str](), list[str](), 0, 0
    while (mark := _MARK.search(text, at)) is not None:
        start, at = text.rfind("\n", 0, mark.start()) + 1, _line_end(text, mark.start())
        lines, window, stop = [text[start:at]], WINDOW, 1
        if not _stop(lines, 0, False):
            continue
        while stop == len(lines) and at < len(text):  # it may go on behind what was looked at
            at = _line_end(text, start + window)
            lines, window = text[start:at].split("\n"), 8 * window
            stop = _stop(lines, 0, False)
        kept += [text[done:start], "\n".join(_options(lines, i, 0) for i in range(stop))]
        told += lines[:stop]
        done = at = start + sum(map(len, lines[:stop])) + stop - 1
    return ("".join([*kept, text[done:]]), "\n".join(told)) if told else (text, "")


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _stop(lines: list[str], at: int, short: bool) -> int:
    """The line after the traceback or message that begins here; `at` itself where none does."""
    line = lines[at]
    if len(line) > LONGEST_LINE:
        return at
    if START in line:
        return _after_traceback(lines, at + 1)
    if line.startswith(_LINK):
        return at + 1
    if _ERROR.match(line):
        return _after_message(lines, at + 1)
    return at + 1 if short and line.strip() and not _PROMPT.match(line) and heard(line) is not None else at


def _after_traceback(lines: list[str], at: int) -> int:
    """After its frames, and the exception that ends it."""
    while at < len(lines):
        line = lines[at]
        if _PROMPT.match(line) or len(line) > LONGEST_LINE:
            return at
        if _END.match(line) and not line.startswith("File "):
            return _after_message(lines, at + 1)
        if line.strip() and not _FRAME.match(line):
            return _after_message(lines, at + 1) if _ERROR.match(line) else at
        at += 1
    return at


def _after_message(lines: list[str], at: int) -> int:
    """After the further lines of a message: it ends at a blank line, a prompt, or where data begins."""
    for end in range(at, min(len(lines), at + MOST_SAID)):
        line = lines[end]
        if not line.strip() or len(line) > LONGEST_LINE or START in line:
            return end
        if _PROMPT.match(line) or _DATA.match(line) or line.startswith(_LINK):
            return end
    return min(len(lines), at + MOST_SAID)


def _options(lines: list[str], at: int, first: int) -> str:
    """What is left in the place of one line of a traceback: the options of its call, if it packs and is not torch's."""
    if not _CALL.search(lines[at]):
        return ""
    frame = next((line for line in reversed(lines[max(first, at - 8) : at]) if ".py" in line or "File " in line), "")
    if re.search(r"torch[\\/]nn[\\/]", frame):
        return ""
    return "; ".join(f"{name} = {value}" for name, value in _OPTION.findall(lines[at]))
