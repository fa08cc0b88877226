"""Pasted code cut into statements, without the prompts, comments and strings that are in the way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packviz.core.batch import BatchError
from packviz.files.paste.literals import TOO_MUCH

DEEPEST = 60
MOST_ASIDES = 1 << 20
MOST_STATEMENTS = 200_000
_PROMPT = re.compile(
    r"^(?:>>>|\.\.\.)(?: |$)|^ *(?:In|Out) ?\[\d+\]: ?|^ *\.\.\.: ?|^(?:\(Pdb\)|\(Pdb\+\+\)|ipdb>) ", re.M
)
_ASIDE = re.compile(r"(\"\"\"|''')[\s\S]*?\1|'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*")
_TOKEN = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|[()\[\]{}\n]")


def without_asides(text: str) -> str:
    """The text without the prompts of Python, IPython and pdb, without comments, and without strings that hold
    brackets, which would confuse the search for lists of numbers; every line stays in its place."""
    if sum(map(text.count, "'\"#")) > MOST_ASIDES:
        raise BatchError(TOO_MUCH)
    if ">>>" in text or "]:" in text or "db" in text:
        text = _PROMPT.sub("", text)
    return _ASIDE.sub(_without_brackets, text) if any(mark in text for mark in "'\"#") else text


def statements(code: str) -> Iterator[tuple[int, str]]:
    """(first line, text) of each piece of code that ends at a line break outside all brackets."""
    start, line, first, depth, opened = 0, 1, 1, 0, 1
    for token in _TOKEN.finditer(code):
        mark = token[0]
        if mark in "([{":
            opened = opened if depth else line
            depth += 1
            if depth > DEEPEST:
                raise BatchError(f"line {line}: the brackets are nested more than {DEEPEST} deep.")
        elif mark in ")]}":
            depth = max(0, depth - 1)
        elif mark == "\n":
            line += 1
            if depth == 0 and code[token.start() - 1 : token.start()] != "\\":
                chunk = code[start : token.start()]
                if chunk and not chunk.isspace():
                    yield first + _blank_lines(chunk), chunk
                start, first = token.end(), line
    if depth:
        raise BatchError(f"line {opened}: a bracket is opened there and never closed; paste the whole text.")
    if code[start:].strip():
        yield first + _blank_lines(code[start:]), code[start:]


def _blank_lines(chunk: str) -> int:
    return chunk[: len(chunk) - len(chunk.lstrip())].count("\n") if chunk[0] in " \t\n\f" else 0


def _without_brackets(aside: re.Match[str]) -> str:
    text = aside[0]
    if text[0] == "#" or text[:3] in ('"""', "'''"):
        return "\n" * text.count("\n")
    return '""' if re.search(r"[\[\](){}]", text) else text
