"""Lists of numbers found in a text."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.paste import literals
from packviz.files.paste.literals import NumberList, extract

NESTED = st.recursive(st.integers(-(2**60), 2**60) | st.floats(), lambda inner: st.lists(inner, min_size=1, max_size=4))


def plain(nested: object) -> object:
    """Lists of floats, so that a row may be held as whole numbers or as fractions."""
    if isinstance(nested, np.ndarray | list):
        return [plain(row) for row in nested]
    return float(nested)


def test_the_outermost_lists_are_cut_out_and_lines_stay_true():
    text = "x = f([[1, 2],\n [3, 4]], [b, [5]])\ny = [6]"
    rest, lists = extract(text, "[_{}]")
    assert rest == "x = f([\n_0], [b, [_1]])\ny = [_2]"
    assert [(found.text, found.line) for found in lists] == [("[[1, 2],\n [3, 4]]", 1), ("[5]", 2), ("[6]", 3)]


@given(st.lists(NESTED, min_size=1, max_size=5), st.sampled_from([1, 7, 1 << 20]))
def test_numbers_come_back_exactly_in_pieces_of_any_size(value, piece):
    value = [row if isinstance(row, list) else [row] for row in value]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "PIECE", piece)
        found = NumberList(repr(value), 1).read()
    expected = NumberList(repr(value), 1).read()
    assert repr(plain(found)) == repr(plain(expected))
    if not isinstance(expected, list) and expected.dtype.kind == "i":
        assert repr(expected.tolist()) == repr(value)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[1., .5, -2.e+03]", [1.0, 0.5, -2000.0]),
        ("[+1, 2,]", [1, 2]),
        ("[[1. 2.]\n [3. -4.]]", [[1.0, 2.0], [3.0, -4.0]]),
        ("[True, False]", [True, False]),
        ("[  1,\n   10]", [1, 10]),
        ("[]", []),
    ],
)
def test_numbers_as_python_torch_and_numpy_print_them(text, numbers):
    assert NumberList(text, 1).read().tolist() == numbers


def test_infinities_and_nan_as_they_are_printed():
    assert repr(NumberList("[nan, inf, -inf, NaN, Infinity]", 1).read().tolist()) == "[nan, inf, -inf, nan, inf]"


@pytest.mark.parametrize("text", ["[1, 2, ..., 9]", "[[1., 2.],\n ...,\n [3., 4.]]", "[1. 2. ... 9.]"])
def test_a_summarised_print_is_refused_with_both_ways_out(text):
    with pytest.raises(BatchError, match=r"line 4: .*set_printoptions\(profile=\"full\"\).*torch\.save"):
        NumberList(text, 4).read()


@pytest.mark.parametrize(("text", "said"), [("x\n[[1]", "line 2: a '['"), ("[1]\n\n]", "line 3: a ']'")])
def test_a_bracket_without_its_twin_is_named_with_its_line(text, said):
    with pytest.raises(BatchError) as raised:
        extract(text, "[_{}]")
    assert said in str(raised.value)


@given(st.text(alphabet="[]0123456789., \n-+eEnaifTrulsx") | st.text())
def test_any_text_raises_nothing_but_batch_error(text):
    with suppress(BatchError):
        _, lists = extract(text, "[_{}]")
        for found in lists:
            with suppress(BatchError):
                found.read()
