"""The elements of long arrays and objects."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled, Watch
from packviz.files.formats import elements
from packviz.files.formats.elements import Elements, deepest
from packviz.files.formats.json_file import parse_json

TEXT = st.text(alphabet='ab,:[]{}"\\ \n', max_size=6)
VALUE = st.recursive(
    st.integers(-9, 9) | TEXT | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(VALUE, min_size=1, max_size=8) | st.dictionaries(TEXT, VALUE, min_size=1, max_size=8),
    st.sampled_from([1, 9, 1 << 20]),
    st.booleans(),
)
@example([["\\"], '"', "]"], 1, False)
def test_they_are_those_of_json(value: Any, size: int, indented: bool) -> None:
    text = json.dumps(value, indent=1 if indented else None, ensure_ascii=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elements, "PIECE", size)
        patch.setattr(elements, "AT_ONCE", size)
        found = Elements.of(f" {text}\n")
        assert found is not None
        assert len(found) == len(value)
        some = list(found.some())
    if isinstance(value, list):
        assert list(chain.from_iterable(some)) == value
        assert [found.read(index) for index in range(len(value))] == value
    else:
        assert {name: part for named in some for name, part in named.items()} == value
        assert [found.read(index) for index in range(len(value))] == [{name: part} for name, part in value.items()]


@pytest.mark.parametrize("text", ["[1] [2]", "[1", "[1]]", "1, 2", '{"a": 1}\n{"b": 2}', '["', "", "]", "[[1]"])
def test_a_text_that_is_not_one_array_or_object_has_none(text: str) -> None:
    assert Elements.of(text) is None


@pytest.mark.parametrize(
    "text", ["[{},\n {}, \n {oops}, {}]", '[{"é": 1},\n\n  {"a" 1}]', "[{}, , {}]", '["a",\n "b\nc"]']
)
def test_an_error_is_named_with_the_place_that_json_says(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    found = Elements.of(text)
    assert found is not None
    with pytest.raises(BatchError) as raised:
        list(found.some())
    assert (
        str(raised.value)
        == f"line {expected.value.lineno}, column {expected.value.colno}: {expected.value.msg}; it is no JSON."
    )


def test_numbers_and_lists_beyond_reading_are_refused() -> None:
    for text, said in (
        ("[" + "9" * 5000 + "]", "can't be read as JSON"),
        ("[" * 3000 + "]" * 3000, "nested far deeper"),
    ):
        found = Elements.of(text)
        assert found is not None
        with pytest.raises(BatchError, match=said):
            found.read(0)
    assert deepest("[{[]}]") == 3


def test_it_can_be_cancelled_between_two_pieces() -> None:
    found = Elements.of("[1, 2]")
    assert found is not None
    with pytest.raises(Cancelled):
        list(found.some(Watch(cancelled=lambda: True)))


@pytest.mark.parametrize("value", [[1, [2, [3]]], {"x": [1, {"y": [2]}]}])
def test_json_that_is_nested_deep_from_its_second_element_on_is_refused(value: Any) -> None:
    for _ in range(100):
        value = [1, value]
    with pytest.raises(BatchError, match="nested far deeper"):
        parse_json(json.dumps(value))
    with pytest.raises(BatchError, match="holds"):
        parse_json(json.dumps("[" * 100))
