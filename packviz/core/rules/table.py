"""The table of rules, and the decorator that puts one into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding
from packviz.core.texts.docstring import docstring_of

Look = Callable[[Evidence], Finding | None]


@dataclass(frozen=True)
class Rule:
    """One rule: the code of its finding, how it looks at a batch, and its help, for someone new to packing."""

    code: str
    look: Look
    help: str


RULES: dict[str, Rule] = {}


def rule(code: str) -> Callable[[Look], Look]:
    """Register a pure function Evidence -> Finding | None under `code`; its docstring becomes the text of its help."""

    def register(look: Look) -> Look:
        if code in RULES:
            raise ValueError(f"two rules are called {code}: {RULES[code].look.__name__} and {look.__name__}.")
        RULES[code] = Rule(code, look, docstring_of(look))
        return look

    return register
