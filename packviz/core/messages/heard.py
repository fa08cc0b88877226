"""Which message a text or an exception holds: of several exceptions in a chain, the last that is known.

A text may be long and hostile: it is searched for a few words of each message, never matched as a whole.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from packviz.core.messages import MESSAGES, Frame, Message, Said, Suspect, known
from packviz.core.messages.table import LONGEST

LONGEST_TEXT = 4 << 20
"""Characters of a text that are searched: its end, where the last exception stands."""
TRIES = 40  # places of one text at which the words of a message are looked at
FARTHEST = 24_000  # characters before a message in which its traceback is looked for
MOST_LINKS = 50  # exceptions of a chain
MOST_FRAMES = 400
LONGEST_SHOWN = 400

_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\xa0": " ", "\0": " "})
_ANSI = re.compile(r"\x1b\[[\d;]{0,20}m")
_START = "traceback (most recent call last)"
_FRAME = re.compile(
    r"([\w.-]{1,60}\.py)[\"']?(?::\d{1,9})?(?:,\sline\s\d{1,9})?,?\sin\s(?:[\w<>]{1,60}\.){0,8}(\w{1,60})"
)
_ARROW = re.compile(r"^\s?(?:-{1,6}>\s?(?:\d{1,6}\s)?|>\s)")
_NUMBERED = re.compile(r"^\s?\d{1,6}(?:\s|$)")  # the lines around it, as IPython shows them
_MARKS = re.compile(r"[\s~^]*")
_CODE = re.compile(r"\w\s?(?:=|\()|\bin\s")
_NAME = re.compile(r"\b((?:[A-Za-z_]\w{0,60}\.){0,6}[A-Za-z_]\w{0,60}(?:Error|Exception)): ?")


@dataclass(frozen=True)
class Heard:
    """A message that is known: as it was said, what torch means by it, and what fits, likeliest first."""

    said: str
    means: str
    suspects: tuple[Suspect, ...]


def heard(what: str | BaseException) -> Heard | None:
    """The last known message of a text, or of an exception and those behind it; None where none is known."""
    if isinstance(what, BaseException):
        found = (_in_text(text, frames, line) for text, frames, line in _chain(what))
        return next((message for message in found if message is not None), None)
    return _in_text(what, None)


def exception_named(what: str | BaseException) -> str:
    """The last exception of a text, or the exception itself, as it is shown where it is not known; or nothing."""
    if isinstance(what, BaseException):
        return _shown(next(_chain(what))[0])
    text = _tidied(what)
    place = max(text.rfind("Error: "), text.rfind("Exception: "))
    names = list(_NAME.finditer(text, max(0, place - LONGEST_SHOWN), place + 11)) if place >= 0 else []
    return _shown(_to_line_end(text, names[-1].start(), names[-1].end())) if names else ""


def _in_text(text: str, frames: tuple[Frame, ...] | None, line: str | None = None) -> Heard | None:
    text = _tidied(text)
    low = text.lower()
    if len(low) != len(text):  # a letter whose small form is longer: places would no longer be the same
        text = low
    low = low.replace("\n", " ")
    best: tuple[int, int, Heard] | None = None
    for message in MESSAGES:
        for match in _matches(message, text, low):
            if best is not None and (match.start(), match.end()) <= best[:2]:
                break
            behind = _frames(text, low, match.start()) if frames is None else frames
            quoted = _line_before(text, match.start()) if line is None else line
            suspects = known(message.meant(Said(match.groupdict(), behind, quoted)))
            if suspects:
                best = match.start(), match.end(), Heard(_quoted(text, match), message.means, suspects)
                break
    return None if best is None else best[2]


def _matches(message: Message, text: str, low: str) -> Iterator[re.Match[str]]:
    """Where the text says the message, the last place first."""
    end = len(low)
    for _ in range(TRIES):
        at = low.rfind(message.key, 0, end)
        if at < 0:
            return
        start = max(0, at - LONGEST)
        last = None
        for last in message.pattern.finditer(text, start, at + LONGEST):
            if last.start() > at:
                break
        if last is not None:
            yield last
        end = at


def _tidied(text: str) -> str:
    """The end of a text with one blank or one line break between words, so that a message that was wrapped is found."""
    text = text[-LONGEST_TEXT:].translate(_QUOTES)
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    lines = (" ".join(line.split()) for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def _frames(text: str, low: str, at: int) -> tuple[Frame, ...]:
    """The frames of the traceback that ends at this place."""
    start = low.rfind(_START, max(0, at - FARTHEST), at)
    if start < 0:
        return ()
    return tuple((found[1], found[2]) for found in _FRAME.finditer(text, start, at))[-MOST_FRAMES:]


def _line_before(text: str, at: int) -> str:
    """The line of code that a traceback quotes last before this place; nothing where none stands there."""
    start = text.rfind("\n", 0, at) + 1
    for line in reversed(text[max(0, start - LONGEST_SHOWN * 2) : start].split("\n")):
        bare = _ARROW.sub("", line).strip()
        if _MARKS.fullmatch(bare) or _NUMBERED.match(line):
            continue
        return bare if _CODE.search(bare) and not _FRAME.search(bare) else ""
    return ""


def _quoted(text: str, match: re.Match[str]) -> str:
    """The message to the end of its line, with the name of its exception before it, where that stands there."""
    start = match.start()
    for name in _NAME.finditer(text, max(0, start - LONGEST_SHOWN), start):
        if "\n" not in text[name.end() : start]:
            start = name.start()
            break
    return _shown(_to_line_end(text, start, match.end()))


def _to_line_end(text: str, start: int, end: int) -> str:
    stop = text.find("\n", end, end + 4 * LONGEST_SHOWN)
    return text[start : stop if stop >= 0 else end + 4 * LONGEST_SHOWN]


def _shown(text: str) -> str:
    text = " ".join(text[: 4 * LONGEST_SHOWN].split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _chain(error: BaseException) -> Iterator[tuple[str, tuple[Frame, ...], str]]:
    """The text, the frames and the innermost line of an exception, then of those that it came from, the nearest
    first."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < MOST_LINKS:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield f"{type(link).__name__}: {_words(link)}", _frames_of(link.__traceback__), _line_of(link.__traceback__)
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions[:MOST_LINKS]
        behind = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        if behind is not None:
            waiting.append(behind)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception whose own text can't be made says nothing
        return ""


def _line_of(at: TracebackType | None) -> str:
    """The line of code that was running innermost, as a traceback quotes it; nothing where its file is not there."""
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "" if at is None else " ".join(linecache.getline(at.tb_frame.f_code.co_filename, at.tb_lineno).split())


def _frames_of(at: TracebackType | None) -> tuple[Frame, ...]:
    frames: list[Frame] = []
    while at is not None:
        code = at.tb_frame.f_code
        frames.append((re.split(r"[\\/]", code.co_filename)[-1], code.co_name))
        at = at.tb_next
    return tuple(frames[-MOST_FRAMES:])
