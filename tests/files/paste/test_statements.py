"""Pasted code cut into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.paste.statements import statements, without_asides


def test_statements_end_at_line_breaks_outside_brackets():
    code = "a = 1\n\nb = f(\n  2,\n)\nc = 3 + \\\n 4"
    assert list(statements(code)) == [(1, "a = 1"), (3, "b = f(\n  2,\n)"), (6, "c = 3 + \\\n 4")]


@pytest.mark.parametrize(
    "text",
    [
        ">>> x = f(1,\n...       2)\n3",
        "In [1]: x = f(1,\n   ...:       2)\nOut[1]: 3",
        "(Pdb) x = f(1,\n      2)\n3",
    ],
)
def test_prompts_are_taken_away(text):
    assert [chunk.replace(" ", "") for _, chunk in statements(without_asides(text))] == ["x=f(1,\n2)", "3"]


def test_comments_and_brackets_in_strings_are_taken_away_and_lines_stay():
    text = 'x = 1  # see [1\n"""doc [\n(more"""\ny = "a]b"\nz = "kept"'
    assert without_asides(text) == 'x = 1  \n\n\ny = ""\nz = "kept"'


@pytest.mark.parametrize(("code", "said"), [("a\nf(\n1", "line 2: .*never closed"), ("(" * 99, "nested more than")])
def test_brackets_that_can_not_be_read_are_named_with_their_line(code, said):
    with pytest.raises(BatchError, match=said):
        list(statements(code))


@given(st.text(alphabet="ab()[]{}'\"#\\\n .>"))
def test_all_text_outside_blank_lines_is_kept_in_order(text):
    try:
        found = list(statements(text))
    except BatchError:
        return
    assert "".join("".join(chunk for _, chunk in found).split()) == "".join(text.split())
    for line, chunk in found:
        assert text.splitlines()[line - 1].strip()[:1] == chunk.strip()[:1] if "\r" not in text else True
