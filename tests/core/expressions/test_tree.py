"""The parts of an expression: their text is an expression again, that means the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.expressions.parse import parse
from packviz.core.expressions.tree import (
    ALL_OR_ANY,
    EACH,
    OF_NUMBERS,
    REDUCTIONS,
    STATES,
    TESTS,
    Both,
    Call,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Span,
    State,
)

whole = st.integers(-9, 9)
spans = st.builds(Span, st.none() | whole, st.none() | whole)
states = st.builds(State, st.sampled_from(STATES), st.none() | whole | st.just(EACH) | spans) | st.builds(
    State, st.sampled_from(STATES), whole | st.just(EACH) | spans, whole | spans
)
atoms: st.SearchStrategy[Node] = (
    states
    | st.builds(Number, st.floats(0, 1e300).map(lambda n: float(repr(n))))
    | st.builds(Name, st.sampled_from(["step", "layer", "direction", "forward", "backward", "inf"]))
)
numbers: st.SearchStrategy[Node] = st.recursive(
    atoms,
    lambda inner: (
        st.builds(Call, st.sampled_from([*REDUCTIONS, *OF_NUMBERS]), inner)
        | st.builds(Negative, inner)
        | st.builds(Both, inner, st.sampled_from("+-*/"), inner)
    ),
    max_leaves=6,
)
truths: st.SearchStrategy[Node] = st.recursive(
    st.builds(Both, numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers)
    | st.builds(Call, st.sampled_from(TESTS), numbers),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Both, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds(Call, st.sampled_from(ALL_OR_ANY), inner)
    ),
    max_leaves=4,
)


@settings(max_examples=300)
@given(truths | numbers)
def test_the_text_of_an_expression_means_the_same(node: Node) -> None:
    again = parse(str(node))
    assert again.root == node
    assert hash(again.root) == hash(node)
    assert again.truth == node.truth
