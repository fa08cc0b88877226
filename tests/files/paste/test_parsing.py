"""Pieces of code, parsed once."""

from __future__ import annotations

import ast
import gc
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.paste import parsing
from packviz.files.paste.parsing import Parser, last_name, quiet, unhurried

WORDS = [
    "the",
    "x",
    "not",
    "if",
    "in",
    "is",
    "import",
    "print",
    "3",
    "return",
    "lambda",
    "match",
    "a1",
    "é",
    "for",
    "y",
]


def test_code_that_is_alike_is_parsed_once_and_its_lists_are_numbered() -> None:
    parser = Parser("_mark_", ("f",))
    one = parser.parse("x = tensor([_mark_])")
    assert one is not None
    assert parser.parse("x = tensor([_mark_])") is one
    assert parser.parsed == 1
    two = parser.parse("x = f([_mark_], [_mark_])")
    assert two is not None
    assert ast.unparse(two.body[0]) == "x = f([_mark_0], [_mark_1])"
    assert [last_name(call.func) for call in two.calls[0]] == ["f"]
    assert two.names(two.body[0].value) == {"f", "_mark_0", "_mark_1"}  # type: ignore[attr-defined]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join))
def test_prose_is_not_parsed_and_no_code_is_taken_for_prose(text: str) -> None:
    try:
        expected = ast.dump(ast.parse(text))
    except SyntaxError:
        expected = ""
    found = Parser("_mark_", ()).parse(text)
    assert (ast.dump(ast.Module(list(found.body), [])) if found else "") == expected


def test_two_words_side_by_side_cost_nothing() -> None:
    parser = Parser("_mark_", ())
    assert parser.parse("hello world, how are you") is None
    assert parser.parsed == 0


@pytest.mark.parametrize("code", ["x = (", "-" * 100_000 + "1", "f" + "(" * 5000, "x = 1 +", "9" * 5000, "x\0y"])
def test_what_is_no_python_is_none(code: str) -> None:
    with quiet():
        assert Parser("_mark_", ()).parse(code) is None


def test_there_is_an_end_to_what_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BatchError, match="too much that is not numbers"):
        Parser("_mark_", ()).parse("x = [" + "a," * 400_000 + "]")
    monkeypatch.setattr(parsing, "MOST_PARSED", 3)
    parser = Parser("_mark_", ())
    for code in ("a=1", "b=2", "c=3", "a=1"):
        assert parser.parse(code) is not None
    with pytest.raises(BatchError, match="too much that is not numbers"):
        parser.parse("d=4")


def test_code_is_quoted_in_one_short_line_without_our_marks() -> None:
    parser = Parser("_mark_", ())
    for code in ("f([\n_mark_0], 1)", "f([_mark_], 1)"):
        assert parser.shown(code) == "f([...], 1)"
    assert len(parser.shown("x" * 10**6)) == parsing.SHOWN
    number = ast.parse(f"f(0x{'f' * 5000})").body[0].value  # type: ignore[attr-defined]
    assert re.fullmatch(r"f\(0xf+\.\.\.", parser.unparsed(number, f"f(0x{'f' * 5000})"))


def test_the_collector_of_garbage_goes_on_afterwards() -> None:
    seen = []

    def fail() -> None:
        with unhurried():
            seen.append(gc.isenabled())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (seen, gc.isenabled()) == ([False], True)
    gc.disable()
    try:
        with unhurried():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
