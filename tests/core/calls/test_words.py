"""What a list says of a call: short, and in one line a column."""

from __future__ import annotations

from hypothesis import given

from packviz.core.calls.choosing import COLUMNS
from packviz.core.calls.words import NO_END, beside_it, beside_said, count_of, none_kept, said, summed_up, told
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Recording
from tests.core.test_noted import calls as noted_calls
from tests.recorded import RAISED, call_of


def test_each_column_says_one_thing_in_a_few_words() -> None:
    call = call_of(1200, bad=True)._replace(
        findings=(("b", Severity.ERROR), ("a", Severity.NOTE), ("b", Severity.NOTE))
    )
    assert {column: said(call, column) for column in COLUMNS} == {
        "found": "b, a",
        "number": "1,200",
        "site": "train.py:31",
        "call": "nn.LSTM",
        "shape": "3 × 6 × 2",
        "lengths": "0 to 6",
        "padding": "44%",
        "outcome": f"raised {RAISED}",
    }
    assert said(call._replace(shortest=6), "lengths") == "6"


def test_a_call_that_raised_says_so_where_nothing_found_does() -> None:
    raised = call_of(1)._replace(error="ValueError: no such thing")
    assert said(raised, "found") == "raised ValueError"
    assert (
        said(raised._replace(findings=(("last-output", Severity.NOTE),)), "found") == "raised ValueError, last-output"
    )
    assert said(raised._replace(error="Odd\nError"), "found") == "raised Odd Error"
    assert said(call_of(1, bad=True), "found") == "length-not-positive"


def test_what_could_not_be_told_is_left_out() -> None:
    call = call_of(1)._replace(rows=0, steps=0, features=())
    assert [said(call, column) for column in ("shape", "lengths", "padding", "found")] == ["", "", "", ""]


def test_lengths_that_could_not_be_told_are_not_said_to_be_0() -> None:
    """Those of fractions, of a mask or on a GPU: neither the lengths nor what is padding is known."""
    call = call_of(1)._replace(total=0, shortest=0, longest=0)
    assert [said(call, column) for column in ("shape", "lengths", "padding")] == ["3 × 6 × 2", "", ""]
    assert "padding" not in told(call)
    assert "lengths" not in told(call).partition("\n")[2].partition("Its lengths")[0]


def test_all_of_it_is_told_to_whoever_points_at_it() -> None:
    text = told(call_of(3, bad=True)._replace(worker=2, process=77, thread="loader"))
    for part in ("Call 3: nn.LSTM", "train.py:31, in step", "3 × 6 × 2", "N = 10", "raised RuntimeError", "worker 2"):
        assert part in text
    assert "can't be opened" not in text
    assert "its batch was not kept: it can't be opened" in told(call_of(3, kept=False))


@given(noted_calls)
def test_whatever_a_file_holds_every_column_is_one_short_line(call: NotedCall) -> None:
    for column in COLUMNS:
        assert len(said(call, column).splitlines()) <= 1 or column in ("found", "site")
    assert told(call)


def test_calls_are_counted() -> None:
    assert (count_of(1), count_of(2), count_of(2000)) == ("1 call", "2 calls", "2,000 calls")
    assert summed_up(Recording("a", (call_of(1), call_of(2, kept=False)))) == "2 calls, 1 of them kept"
    assert summed_up(Recording("a", (call_of(2, kept=False),))) == "1 call, none of them kept"


def test_why_no_call_can_be_opened_is_said_as_it_is() -> None:
    noted = (call_of(1, kept=False), call_of(2, kept=False))
    assert none_kept(Recording("a", noted)).endswith("noted 2 calls and kept the batch of none: record with keep=200")
    assert none_kept(Recording("a", noted, whole=False)).endswith(NO_END)
    assert none_kept(Recording("a")) == "it has noted no call"
    assert NO_END in none_kept(Recording("a", whole=False))


def test_parts_that_lie_beside_a_recording_are_told() -> None:
    assert beside_said(()) == beside_it(Recording("run.packviz")) == ""
    assert beside_it(Recording("run.packviz", beside=("a.part",))) == (
        "run.packviz: 1 part, with calls that another process noted, lies beside it and is not in it: a.part. "
        "It opens as a recording."
    )
    assert beside_said(list("abcdef")) == (
        "6 parts, with calls that other processes noted, lie beside it and are not in it: a, b, c, d and 2 more. "
        "Each opens as a recording."
    )
