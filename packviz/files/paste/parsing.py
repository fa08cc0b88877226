"""Pieces of pasted code to Python's syntax trees; those that are alike but for their numbers are parsed once."""

from __future__ import annotations

import ast
import gc
import keyword
import re
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count

from packviz.core.batch import BatchError
from packviz.core.texts.quoting import excerpt
from packviz.files.paste.literals import TOO_MUCH
from packviz.files.paste.long_lists import long_list

MOST_KEPT = 1024
LONGEST_KEPT = 512
MOST_PARSED = 60_000
"""Pieces of code of one text that are parsed: of more it has too much that is not numbers."""
MOST_NODES = 300_000
"""Words and brackets of one piece."""
LONGEST_UNPARSED = 10_000
LONG_LIST = "list"
SHOWN = 60

_KEYWORDS = "|".join((*keyword.kwlist, *keyword.softkwlist))
_WORDS = re.compile(rf"\s*(?!(?:{_KEYWORDS})\b)[A-Za-z]\w*[ \t]+(?!(?:{_KEYWORDS})\b)\w")
_NAME = re.compile(r"[^\W\d]\w*")
_NODE = re.compile(r"\w+|[(\[{]")


@dataclass(frozen=True)
class Parsed:
    """The statements of one piece of code; the calls in each, by the names that were looked for; the names that an
    expression uses, once they were asked for.

    `elements`: the code of those of a long list in it, for which the mark and LONG_LIST stand; `first`: how many lists
    of numbers there are before them.
    """

    body: tuple[ast.stmt, ...]
    calls: tuple[tuple[ast.Call, ...], ...]
    used: dict[ast.expr, frozenset[str]] = field(default_factory=dict)
    elements: tuple[str, ...] = ()
    first: int = 0

    def names(self, node: ast.expr) -> frozenset[str]:
        """The names in an expression."""
        found = self.used.get(node)
        if found is None:
            found = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
            if any(name.endswith(LONG_LIST) for name in found):
                found |= {name for element in self.elements for name in _NAME.findall(element)}
            self.used[node] = found
        return found


@dataclass
class Parser:
    """`mark`: the word that stands for a list of numbers; `called`: the functions whose calls are looked for."""

    mark: str
    called: Collection[str]
    kept: dict[str, Parsed | None] = field(default_factory=dict)
    parsed: int = 0

    def parse(self, code: str) -> Parsed | None:
        """The syntax tree of a piece of code, in which its lists of numbers are numbered from 0; None of what is none.

        Raises BatchError where there is too much of it.
        """
        if code in self.kept:
            return self.kept[code]
        if _WORDS.match(code):  # two words side by side are no Python
            return None
        self.parsed += 1
        if self.parsed > MOST_PARSED:
            raise BatchError(TOO_MUCH)
        found = self._parse(code)
        if len(code) <= LONGEST_KEPT and len(self.kept) < MOST_KEPT:
            self.kept[code] = found
        return found

    def _parse(self, code: str) -> Parsed | None:
        looked_for = any(name in code for name in self.called)
        long = None if looked_for else long_list(code, self.mark)
        if long is None:
            code = self._numbered(code, 0)
            elements, first = tuple[str, ...](), 0
        else:
            elements, first = long.elements, long.before.count(self.mark)
            within = sum(element.count(self.mark) for element in elements)
            before, after = self._numbered(long.before, 0), self._numbered(long.after, first + within)
            code = f"{before}[{self.mark}{LONG_LIST}]{after}"
        if len(code) > MOST_NODES and sum(1 for _ in _NODE.finditer(code)) > MOST_NODES:
            raise BatchError(TOO_MUCH)
        try:
            with unhurried() if len(code) > LONGEST_UNPARSED else nullcontext():
                body = ast.parse(code.strip()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        calls = tuple(tuple(self._calls(part)) if looked_for else () for part in body)
        return Parsed(tuple(body), calls, elements=elements, first=first)

    def _numbered(self, code: str, first: int) -> str:
        """The code with its lists of numbers numbered from this one on; one alone has no number."""
        if not first and code.count(self.mark) < 2:
            return code
        numbers = count(first)
        return re.sub(self.mark, lambda _: f"{self.mark}{next(numbers)}", code)

    def _calls(self, statement: ast.stmt) -> Iterator[ast.Call]:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and last_name(node.func) in self.called:
                yield node

    def shown(self, code: str) -> str:
        """A piece of code as messages quote it, in one line."""
        return excerpt(re.sub(rf"\[\s*{self.mark}(?:\d*|{LONG_LIST})\]", "[...]", code[: 4 * LONGEST_UNPARSED]), SHOWN)

    def unparsed(self, node: ast.expr, code: str) -> str:
        """The part of a piece of code that this node is, as messages quote it."""
        if len(code) <= LONGEST_UNPARSED:
            try:
                return self.shown(ast.unparse(node))
            except (ValueError, RecursionError):  # a number of thousands of digits
                pass
        return self.shown(code)


@contextmanager
def unhurried() -> Iterator[None]:
    """While many objects are made that all stay: without looking, again and again, which of them could go."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of Python's parser about what people write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def last_name(node: ast.expr) -> str:
    """The last word of a name: `tensor` of torch.tensor."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
