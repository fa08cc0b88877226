"""Messages are heard in texts of any kind, in exceptions and in those behind them, and in hostile texts quickly."""

import time
import traceback

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from packviz.core.messages import MESSAGES
from packviz.core.messages.heard import LONGEST_TEXT, exception_named, heard
from tests.core.messages.raising import pack, raised

TOO_LONG = "RuntimeError: start (10) + length (1) exceeds dimension size (10)."


def codes(what: str | BaseException) -> list[str]:
    found = heard(what)
    return [] if found is None else [code for code, _ in found.suspects]


def text_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def chained() -> Exception:
    """A long length, and two exceptions that are raised while it is dealt with."""

    def run() -> None:
        try:
            nn.GRU(2, 4)(pack([3, 2, 6]))
        except RuntimeError as error:
            try:
                raise ValueError("the batch is bad") from error
            except ValueError:
                raise KeyError("step")  # noqa: B904  # it is said to have happened during the other

    return raised(run)


def test_an_exception_and_its_printed_traceback_are_heard_alike() -> None:
    error = raised(lambda: nn.Embedding(3, 2)(torch.tensor([7])))
    assert codes(error) == codes(text_of(error)) == ["embedding-index"]


def test_an_exception_that_is_not_known_gives_way_to_the_one_behind_it() -> None:
    error = chained()
    assert codes(error)[0] == codes(text_of(error))[0] == "length-exceeds-time"
    found = heard(error)
    assert found is not None
    assert found.said == TOO_LONG


def test_of_several_known_exceptions_the_last_is_heard() -> None:
    during = "During handling of the above exception, another exception occurred:"
    both = f"{TOO_LONG}\n\n{during}\n\nCannot pack empty tensors."
    assert codes(both)[0] == "batch-empty"
    assert (
        codes(f"Cannot pack empty tensors.\n{TOO_LONG}\n>>> 1 / 0\nZeroDivisionError: division by zero")[0]
        == codes(TOO_LONG)[0]
    )


def test_a_suppressed_context_is_not_looked_at() -> None:
    def run() -> None:
        try:
            nn.GRU(2, 4)(pack([3, 2, 6]))
        except RuntimeError:
            raise ValueError("another thing") from None

    assert heard(raised(run)) is None


def test_a_group_is_looked_into_and_a_circle_ends() -> None:
    assert codes(ExceptionGroup("two", [ValueError("a"), RuntimeError(TOO_LONG)]))[0] == "length-exceeds-time"
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__context__ = two, one
    assert heard(one) is None


def test_an_exception_without_words_says_nothing() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert heard(Mute()) is None
    assert exception_named(Mute()) == "Mute:"


@pytest.mark.parametrize(
    "text",
    [
        TOO_LONG.upper(),
        f"E       {TOO_LONG}",
        "\x1b[0;31mRuntimeError\x1b[0m: start (\x1b[1m10\x1b[0m) + length (1) exceeds dimension size (10).",
        "RuntimeError: start (10) + length (1)\n      exceeds dimension\r\n size (10).",
        "[rank0]: RuntimeError: start (10) + length (1) exceeds dimension size (10).",
        f"İ {TOO_LONG}",
    ],
)
def test_a_message_is_heard_however_it_was_copied(text: str) -> None:
    assert codes(text)[0] == "length-exceeds-time"


def test_curly_quotes_are_read_as_plain_ones() -> None:
    assert codes("RuntimeError: shape ‘[3, 1, 1]’ is invalid for input of size 2")[0] == "length-exceeds-time"


def test_what_was_said_ends_with_its_line_and_begins_with_its_name() -> None:
    found = heard(f"why?\n{TOO_LONG}\nplease help")
    assert found is not None
    assert found.said == TOO_LONG


def test_an_exception_that_is_not_known_is_named() -> None:
    assert exception_named("x\nfoo.BarError: no idea\nmore") == "foo.BarError: no idea"
    assert exception_named(ValueError("a\nb")) == "ValueError: a b"
    assert exception_named("nothing of the kind") == ""


@pytest.mark.parametrize(
    "text", ["", " ", "hello", "x = [[1, 2, 3]]", "Error: ", "RuntimeError:", "start (", "[" * 999]
)
def test_what_is_no_message_is_not_heard(text: str) -> None:
    assert heard(text) is None


@given(st.text(), st.sampled_from([entry.key for entry in MESSAGES]), st.text())
def test_no_text_around_the_words_of_a_message_raises(before: str, key: str, after: str) -> None:
    heard(before + key + after)
    exception_named(before + key + after)


@given(st.text(alphabet="0123456789()[]x, -.:\nE"), st.sampled_from(MESSAGES))
def test_no_numbers_in_a_message_raise(numbers: str, entry: object) -> None:
    sample = entry.sample  # type: ignore[attr-defined]
    heard(sample.replace("3", numbers[:40] or "9" * 18))


@pytest.mark.parametrize(
    "unit",
    [
        "dtype ",
        "a",
        "Error: ",
        "start (1",
        "1, ",
        "x\n",
        "shape '[",
        "İ",
        "Traceback (most recent call last)\n",
        "in x.py in a",
    ],
)
def test_a_hostile_text_of_megabytes_is_read_at_once(unit: str) -> None:
    text = unit * (3 * LONGEST_TEXT // len(unit))
    start = time.thread_time()
    heard(text)
    exception_named(text)
    assert time.thread_time() - start < 5
    assert codes(f"{text}\n{TOO_LONG}")[0] == "length-exceeds-time"
