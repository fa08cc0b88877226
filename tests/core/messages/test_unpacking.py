"""What is taken apart into another number of names than it has parts: explained by the line that does it."""

import traceback
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.messages.explain import explain
from tests.core.messages.raising import X, raised

LENGTHS = torch.tensor([3, 2, 1])
lstm = torch.nn.LSTM(X.shape[-1], 2, batch_first=True)


def two_of_four() -> Any:
    packed, lengths = pack_padded_sequence(X, LENGTHS, batch_first=True)
    return packed, lengths


def two_of_a_name() -> Any:
    packed = pack_padded_sequence(X, LENGTHS, batch_first=True)
    data, sizes = packed
    return data, sizes


def three_of_a_pair() -> Any:
    packed = pack_padded_sequence(X, LENGTHS, batch_first=True)
    out, lengths, rest = pad_packed_sequence(packed)
    return out, lengths, rest


def three_of_a_module() -> Any:
    out, h_n, c_n = lstm(pack_padded_sequence(X, LENGTHS, batch_first=True))
    return out, h_n, c_n


CALLS: dict[Callable[[], Any], str] = {
    two_of_four: "four fields",
    two_of_a_name: "takes a PackedSequence apart into 2",
    three_of_a_pair: "returns a pair",
    three_of_a_module: "output and state",
}


@pytest.mark.parametrize("call", CALLS)
def test_the_line_that_is_quoted_says_what_was_taken_apart(call: Callable[[], Any]) -> None:
    error = raised(call)
    text = "".join(traceback.format_exception(error))
    tail = "\n".join(text.splitlines()[-3:])  # as it is pasted: the line, and the message
    for what in (error, text, tail):
        explanation = explain(what)
        assert [cause.code for cause in explanation.causes] == ["taken-apart"]
        assert CALLS[call].split()[-1] in explanation.causes[0].why


@pytest.mark.parametrize(
    "text",
    [
        "ValueError: too many values to unpack (expected 2)",
        "    a, b = read(x)\nValueError: too many values to unpack (expected 2)",
        "    for name, value in items:\nValueError: too many values to unpack (expected 2)",
        "    a, b, c, d = pack_padded_sequence(x, n)\nValueError: too many values to unpack (expected 4)",
        "    out, state = lstm(packed)\nValueError: not enough values to unpack (expected 2, got 1)",
    ],
)
def test_of_any_other_line_nothing_is_invented(text: str) -> None:
    assert not explain(text).known


def test_ipythons_arrow_and_the_marks_of_python_are_passed_over() -> None:
    text = (
        "      1 x = batch\n----> 2 packed, n = pack_sequence(rows)\n      3 rnn(packed)\n\n"
        "ValueError: too many values to unpack (expected 2)"
    )
    assert explain(text).known
    marked = "    packed, n = pack_sequence(rows)\n    ^^^^^^^^^\nValueError: too many values to unpack (expected 2)"
    assert explain(marked).known


def test_a_line_says_who_was_called_where_there_are_no_frames() -> None:
    text = "    packed = pack_padded_sequence(x, lengths)\nTypeError: 'str' object cannot be interpreted as an integer"
    assert [cause.code for cause in explain(text).causes] == ["lengths-not-numbers"]
    assert not explain("    n = int(text)\nTypeError: 'str' object cannot be interpreted as an integer").known
