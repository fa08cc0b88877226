"""A list of thousands of tensors in a piece of code: cut out of it, so that its elements are parsed one by one, and
those that are alike but for their numbers once."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONG = 1 << 14
"""Characters of a piece of code in which a long list is looked for."""
MOST_LEFT = 1 << 10
MOST_ELEMENTS = 200_000

_TOKEN = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|[()\[\]{},]")


@dataclass(frozen=True)
class LongList:
    """`before`, `after`: the code around the list; `elements`: the code of each of its elements."""

    before: str
    elements: tuple[str, ...]
    after: str


def long_list(code: str, mark: str) -> LongList | None:
    """The list that is nearly all of a long piece of code, or None; `mark`: what stands in the place of numbers."""
    start = _start(code, mark)
    if len(code) < LONG or start is None:
        return None
    elements, depth, begin = list[str](), 0, start + 1
    for token in _TOKEN.finditer(code, start):
        sign = token[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if not depth:
                elements.append(code[begin : token.start()])
                after = code[token.end() :]
                if not elements[-1].strip():  # behind the last comma
                    elements.pop()
                blank = any(not element or element.isspace() for element in elements)
                if len(after) > MOST_LEFT or blank or sign != "]" or not 1 < len(elements) <= MOST_ELEMENTS:
                    return None
                return LongList(code[:start], tuple(elements), after)
        elif sign == "," and depth == 1:
            elements.append(code[begin : token.start()])
            begin = token.end()
    return None


def _start(code: str, mark: str) -> int | None:
    """Where the first bracket opens that is not that of numbers."""
    openings = (found for found in re.finditer(r"\[\s*", code[: 2 * MOST_LEFT]) if found.start() <= MOST_LEFT)
    return next((found.start() for found in openings if not code.startswith(mark, found.end())), None)
