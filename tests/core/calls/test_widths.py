"""The longest text of each column is found without putting every call into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.calls.choosing import COLUMNS, Column
from packviz.core.calls.widths import widest
from packviz.core.calls.words import said
from packviz.core.noted import NotedCall
from tests.core.test_noted import calls as noted_calls
from tests.recorded import call_of


@given(st.lists(noted_calls, max_size=8))
def test_they_are_the_longest_that_any_call_says(some: list[NotedCall]) -> None:
    assert widest(some) == {column: max((len(said(call, column)) for call in some), default=0) for column in COLUMNS}


def test_calls_that_are_alike_are_put_into_words_once(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [call_of(1)._replace(number=number) for number in range(1, 1001)]
    asked: list[Column] = []

    def counted(call: NotedCall, column: Column) -> str:
        asked.append(column)
        return said(call, column)

    monkeypatch.setattr("packviz.core.calls.widths.said", counted)
    assert widest(many)["number"] == len("1,000")
    assert len(asked) <= 4 + len(COLUMNS)
