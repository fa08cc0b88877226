"""Texts as expressions: what they mean, and the character that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.errors import BatchError
from packviz.core.expressions.parse import DEEPEST, LONGEST, Expression, ExpressionError, parse, parse_truth
from packviz.core.expressions.tree import Both, Call, Not, Number, State


def test_the_usual_ones_mean_what_they_say() -> None:
    assert parse("absmax(h) > 5").root == Both(Call("absmax", State("h")), ">", Number(5))
    assert parse("h[2, 7] < 0").root == Both(State("h", 2, 7), "<", Number(0))
    assert parse("norm(c[row])>3").root == Both(Call("norm", State("c", "row")), ">", Number(3))
    assert parse("isnan(h)").root == Call("isnan", State("h"))
    assert parse("not isnan(h) and t >= 3").root == Both(Not(Call("isnan", State("h"))), "and", parse("step >= 3").root)
    assert parse(" direction == backward ").text == "direction == backward"


def test_products_bind_before_sums_these_before_comparisons_and_or_last() -> None:
    same = {
        "1 + 2 * 3 < 4": "(1 + (2 * 3)) < 4",
        "1 - 2 - 3 < 4": "((1 - 2) - 3) < 4",
        "isnan(h) or isnan(c) and isnan(f)": "isnan(h) or (isnan(c) and isnan(f))",
        "not isnan(h) or isnan(c)": "(not isnan(h)) or isnan(c)",
        "-1 * 2 < +3": "((-1) * 2) < 3",
    }
    for text, brackets in same.items():
        assert parse(text) == parse(brackets)
        assert hash(parse(text)) == hash(parse(brackets))
    assert parse("1 - 2") != parse("2 - 1")


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "the expression ends here, but a state such as h"),
        ("absmax(h", 8, "the expression ends here, but ')' is expected to close absmax("),
        ("h[2,, 7] < 0", 4, "here stands ',', but a unit, such as 7"),
        ("h[2.5] < 0", 2, "a whole number is expected"),
        ("h[] < 0", 2, "a row, such as 2, or 'row' for each"),
        ("hidden > 3", 0, "there is no 'hidden': states are h, c, "),
        ("h > 3 > 2", 6, "two comparisons are joined by 'and'"),
        ("h > 3 h", 6, "the expression is complete before it"),
        ("isnan(h) > 3", 0, "'>' takes a number on either side, but one of them is true or false"),
        ("h and c", 0, "'and' takes a truth on either side, but one of them is a number"),
        ("not h", 4, "'not' takes a truth"),
        ("absmax(h > 3)", 7, "absmax() takes a number, but this is true or false"),
        ("any(h)", 4, "any() takes a truth"),
        ("-isnan(h)", 0, "'-' takes a number"),
        ("h > 3; import os", 5, "';' is no part of an expression"),
        ("__import__('os')", 11, "is no part of an expression"),
        ("__import__(os)", 0, "there is no '__import__'"),
        ("h.T > 3", 1, "'.' is no part of an expression"),
        ("1" * 1001, 1000, "at most 1000 characters"),
        ("(" * 60 + "h" + ")" * 60 + " > 1", DEEPEST + 1, "brackets go at most"),
        ("not " * 60 + "isnan(h)", 4 * (DEEPEST + 2), "at most"),
        ("-" * 60 + "h > 1", DEEPEST + 2, "at most"),
    ],
)
def test_a_wrong_one_gets_one_sentence_that_points_at_the_character(text: str, at: int, said: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert raised.value.at == at
    assert f"at character {at + 1}: " in str(raised.value)
    assert said in str(raised.value)
    assert str(raised.value).endswith(".")


def test_only_a_truth_can_be_stopped_at() -> None:
    assert parse_truth("absmax(h) > 5") == parse("absmax(h) > 5")
    with pytest.raises(ExpressionError, match="this is a number, but a comparison is expected"):
        parse_truth("absmax(h)")


letters = st.text("hcifgorzn019.<>=!+-*/()[],: rowabsmaxnormandornotisnan", max_size=60)


@settings(max_examples=500)
@given(letters | st.text(max_size=40))
def test_any_text_is_an_expression_or_one_sentence(text: str) -> None:
    found: object
    try:
        found = parse(text)
    except BatchError as error:
        assert isinstance(error, ExpressionError)  # noqa: PT017
        found = error.at
        assert 0 <= error.at <= len(text)  # noqa: PT017
        assert len(str(error)) < 2 * LONGEST  # noqa: PT017
    assert isinstance(found, int | Expression)
