"""The table of messages, and the decorator that puts one into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from packviz.core.messages.causes import CAUSES
from packviz.core.texts.docstring import docstring_of

LONGEST = 600
"""Characters around a key in which the words of one message are looked for."""

Frame = tuple[str, str]
"""A frame of a traceback: the name of its file, without folders, and of its function."""

Suspect = tuple[str, str]
"""The code of a cause, and why it fits: one or two sentences with the numbers of the message."""


@dataclass(frozen=True)
class Said:
    """One message as it was said: the groups of its pattern, the frames of its traceback, outermost first, and the line
    of code that is quoted last before it, or nothing."""

    groups: Mapping[str, str | None]
    frames: tuple[Frame, ...] = ()
    line: str = ""

    def __getitem__(self, name: str) -> str:
        return self.groups[name] or ""

    def n(self, name: str) -> int:
        """A group as a number."""
        return int(self[name])

    def sizes(self, name: str) -> tuple[int, ...]:
        """A group as a shape: the numbers in it."""
        return tuple(int(number) for number in re.findall(r"\d{1,15}", self[name]))

    def has(self, name: str) -> bool:
        """Whether the group took part in the match."""
        return self.groups[name] is not None

    def inside(self, *functions: str) -> bool:
        """Whether one of these functions was running when it was raised; where there are no frames, whether the line
        that is quoted calls one."""
        if not self.frames:
            return self.calls(*functions)
        return any(function in functions for _, function in self.frames)

    def calls(self, *functions: str) -> bool:
        """Whether the line that is quoted calls one of these functions."""
        return any(re.search(rf"(?<!\w){re.escape(function)} ?\(", self.line) for function in functions)

    @property
    def running(self) -> bool:
        """Whether a recurrent module was running."""
        return ("rnn.py", "forward") in self.frames


Meant = Callable[[Said], Iterable[Suspect]]


@dataclass(frozen=True)
class Message:
    """One message that torch, or what stands around it, raises.

    `key`: words that every wording of it holds, in lower case, by which it is found fast. `words`: the regular
    expression of all its wordings, in which a blank stands for any white space: a message may have been wrapped.
    `meant`: the causes that fit, likeliest first; none where this one has nothing to do with packing. `sample`: it, as
    it is said. `means`: what torch says with it, in a sentence.
    """

    key: str
    words: str
    meant: Meant = field(compare=False)
    sample: str
    means: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Its wordings, compiled when they are first looked for."""
        return re.compile(self.words.replace(" ", r"\s"), re.IGNORECASE)


MESSAGES: list[Message] = []


def num(name: str) -> str:
    """A pattern for a whole number that int64 can hold, as the group `name`."""
    return rf"(?P<{name}>-?\d{{1,18}})"


def shape(name: str) -> str:
    """A pattern for a shape, in any of torch's ways to write it, as the group `name`: `[3, 5]`, `(3, 5)`, `3x5`."""
    return rf"(?:torch\.Size\()?(?P<{name}>[\[(][\d, ]{{0,120}}[\])]|\d{{1,12}}(?:x\d{{1,12}}){{1,8}})\)?"


def message(key: str, pattern: str, sample: str) -> Callable[[Meant], Meant]:
    """Register a function Said -> suspects for the messages that hold `key` and match `pattern`; its docstring says
    what torch means by them. Patterns repeat nothing without a bound: a text may be hostile."""

    def register(meant: Meant) -> Meant:
        means = " ".join(docstring_of(meant).split())
        if key != key.lower() or key not in sample.lower():
            raise ValueError(f"the sample of {key!r} is not found by its own key.")
        MESSAGES.append(Message(key, pattern, meant, sample, means))
        return meant

    return register


def known(suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """The suspects, each code once. Raises KeyError for a code that no cause has."""
    found: dict[str, str] = {}
    for code, why in suspects:
        CAUSES[code]  # a code without a cause is a defect of ours
        found.setdefault(code, why)
    return tuple(found.items())
