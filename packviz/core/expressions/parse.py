"""The grammar of expressions. Nothing of a text is ever run: it is cut into words, and these are put together.

truth:    and, or, not, < <= > >= == !=, isnan, isinf, isfinite, any, all
number:   h c i f g o r z n, step (or t), layer, direction (forward is 0, backward 1), 5, 1e-3, inf; + - * /
index:    h[2] is row 2, h[2, 7] its unit 7, h[:, 7] that unit of all rows, h[row] each row by itself
function: absmax max min mean norm sum std, of all units and rows; abs, and change since the step before
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from packviz.core.errors import BatchError
from packviz.core.expressions.tree import (
    ALL_OR_ANY,
    EACH,
    FUNCTIONS,
    NUMBERS,
    STATES,
    Both,
    Call,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Pick,
    Span,
    State,
)
from packviz.core.texts.quoting import cut

LONGEST, DEEPEST = 1000, 50
COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?)|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|==|!=|[-+*/<>()\[\],:]))"
)


class ExpressionError(BatchError):
    """An expression that is none. `at`: the character, from 0, that the sentence is about."""

    def __init__(self, text: str, at: int, said: str) -> None:
        super().__init__(f"“{cut(text)}”, at character {at + 1}: {said}.")
        self.at = at


class _Token(NamedTuple):
    kind: str  # "number", "word", "sign", "end"
    text: str
    at: int


@dataclass(frozen=True)
class Expression:
    """What was typed, and what it means; equal to any other that means the same."""

    text: str
    root: Node

    @property
    def truth(self) -> bool:
        """Whether it is true or false at a moment; else it is a number."""
        return self.root.truth

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.root == other.root

    def __hash__(self) -> int:
        return hash(self.root)

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> Expression:
    """The expression that a text is. Raises ExpressionError, one sentence that points at the character."""
    if len(text) > LONGEST:
        raise ExpressionError(text, LONGEST, f"an expression has at most {LONGEST} characters")
    parser = _Parser(text)
    root = parser.either(0)
    parser.end()
    return Expression(text.strip(), root)


def parse_truth(text: str) -> Expression:
    """As `parse`, of an expression that is true or false: what can be stopped at."""
    found = parse(text)
    if not found.truth:
        raise ExpressionError(text, 0, "this is a number, but a comparison is expected, such as absmax(h) > 5")
    return found


def _tokens(text: str) -> list[_Token]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            raise ExpressionError(text, at, f"{text[at]!r} is no part of an expression")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind)))
        place = match.end()
    return [*found, _Token("end", "", len(text.rstrip()))]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._tokens, self._place = text, _tokens(text), 0

    @property
    def _now(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, *texts: str) -> _Token | None:
        """The token, where it is one of these."""
        token = self._now
        if token.text in texts and token.kind != "end":
            self._place += 1
            return token
        return None

    def _need(self, text: str, why: str) -> None:
        if self._take(text) is None:
            raise self._error(self._now, f"{text!r} is expected {why}")

    def _error(self, token: _Token, said: str) -> ExpressionError:
        there = "the expression ends here" if token.kind == "end" else f"here stands {token.text!r}"
        return ExpressionError(self._text, token.at, f"{there}, but {said}")

    def _typed(self, node: Node, truth: bool, at: _Token, of: str) -> None:
        if node.truth != truth:
            wanted, is_ = ("a truth", "a number") if truth else ("a number", "true or false")
            raise ExpressionError(self._text, at.at, f"{of!r} takes {wanted} on either side, but one of them is {is_}")

    def end(self) -> None:
        """Nothing stands behind it."""
        if self._now.kind != "end":
            raise self._error(self._now, "the expression is complete before it")

    def either(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._error(self._now, f"brackets go at most {DEEPEST} deep")
        return self._joined("or", lambda: self._joined("and", lambda: self._negated(depth)))

    def _joined(self, word: str, part: object) -> Node:
        assert callable(part)
        first = self._now
        left: Node = part()
        while (operator := self._take(word)) is not None:
            self._typed(left, True, first, word)
            second = self._now
            right: Node = part()
            self._typed(right, True, second, word)
            left = Both(left, word, right, operator.at)
        return left

    def _negated(self, depth: int) -> Node:
        if self._take("not") is None:
            return self._compared(depth)
        if depth > DEEPEST:
            raise self._error(self._now, f"an expression goes at most {DEEPEST} deep")
        first = self._now
        inner = self._negated(depth + 1)
        if not inner.truth:
            raise ExpressionError(self._text, first.at, "'not' takes a truth, but this is a number")
        return Not(inner)

    def _compared(self, depth: int) -> Node:
        first = self._now
        left = self._sum(depth)
        operator = self._take(*COMPARISONS)
        if operator is None:
            return left
        second = self._now
        right = self._sum(depth)
        for node, token in ((left, first), (right, second)):
            self._typed(node, False, token, operator.text)
        if self._now.text in COMPARISONS:
            raise self._error(self._now, "two comparisons are joined by 'and'")
        return Both(left, operator.text, right, operator.at)

    def _sum(self, depth: int) -> Node:
        return self._computed(("+", "-"), lambda: self._computed(("*", "/"), lambda: self._signed(depth)))

    def _computed(self, signs: tuple[str, ...], part: object) -> Node:
        assert callable(part)
        first = self._now
        left: Node = part()
        while (operator := self._take(*signs)) is not None:
            second = self._now
            right: Node = part()
            for node, token in ((left, first), (right, second)):
                self._typed(node, False, token, operator.text)
            left = Both(left, operator.text, right, operator.at)
        return left

    def _signed(self, depth: int) -> Node:
        sign = self._take("-", "+")
        if sign is None:
            return self._atom(depth)
        if depth > DEEPEST:
            raise self._error(self._now, f"an expression goes at most {DEEPEST} deep")
        inner = self._signed(depth + 1)
        if inner.truth:
            raise ExpressionError(
                self._text, sign.at, f"{sign.text!r} takes a number, but what follows is true or false"
            )
        return Negative(inner) if sign.text == "-" else inner

    def _atom(self, depth: int) -> Node:
        token = self._now
        if token.kind == "number":
            self._place += 1
            return Number(float(token.text))
        if self._take("(") is not None:
            inner = self.either(depth + 1)
            self._need(")", "to close the bracket")
            return inner
        if token.kind != "word" or token.text in ("and", "or", "not"):
            raise self._error(token, "a state such as h, a number, or a function such as absmax(h) is expected")
        self._place += 1
        if token.text in FUNCTIONS:
            return self._call(token, depth)
        if token.text in STATES:
            return self._state(token)
        if token.text in NUMBERS:
            return Name("step" if token.text == "t" else token.text)
        raise ExpressionError(
            self._text,
            token.at,
            f"there is no {token.text!r}: states are {', '.join(STATES)}, functions {', '.join(FUNCTIONS)}, "
            "and there are step, layer and direction",
        )

    def _call(self, token: _Token, depth: int) -> Node:
        self._need("(", f"after {token.text}")
        first = self._now
        inner = self.either(depth + 1)
        self._need(")", f"to close {token.text}(")
        wants_truth = token.text in ALL_OR_ANY
        if inner.truth != wants_truth:
            wanted, is_ = ("a truth", "a number") if wants_truth else ("a number", "true or false")
            raise ExpressionError(self._text, first.at, f"{token.text}() takes {wanted}, but this is {is_}")
        return Call(token.text, inner)

    def _state(self, token: _Token) -> Node:
        if self._take("[") is None:
            return State(token.text, at=token.at)
        rows, units = self._index(rows=True), None
        if self._take(",") is not None:
            units = self._index(rows=False)
        self._need("]", "to close the index")
        return State(token.text, rows, units, token.at)

    def _index(self, rows: bool) -> Pick:
        if rows and self._take(EACH) is not None:
            return EACH
        first = self._whole()
        if self._take(":") is not None:
            return Span(first, self._whole())
        if first is None:
            wanted = "a row, such as 2, or 'row' for each" if rows else "a unit, such as 7"
            raise self._error(self._now, f"{wanted}, or a span such as 0:4 is expected")
        return first

    def _whole(self) -> int | None:
        minus = self._take("-")
        token = self._now
        if token.kind == "number" and token.text.isdigit() and len(token.text) < 16:
            self._place += 1
            return -int(token.text) if minus is not None else int(token.text)
        if minus is not None or token.kind == "number":
            raise self._error(token, "a whole number is expected")
        return None
