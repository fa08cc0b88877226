"""The summary of a recording: its sites, what is wrong at them, worst first, and where it lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.calls.unseen import compiled, scripted
from packviz.core.catalogue import CODES
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Recording, Site
from packviz.core.texts.recording import MOST_LINES, RAISED, kinds_of, noteworthy, recording_text
from packviz.core.texts.report import WIDTH

PACK, LSTM = Site("/home/me/train.py", 31, "collate"), Site("/home/me/train.py", 33)
CUTS, WASTE = ("length-cuts-data", Severity.SILENT), ("padding-waste", Severity.NOTE)
BEYOND = ("length-exceeds-time", Severity.ERROR)


def call(number: int, site: Site = PACK, *findings: tuple[str, Severity], error: str = "", **more: object) -> NotedCall:
    name = "pack_padded_sequence" if site is PACK else "nn.LSTM"
    return NotedCall(number, name, site, error=error, findings=findings, **more)  # type: ignore[arg-type]


FINE = Recording("", (call(1), call(2, LSTM), call(3, PACK, WASTE)))
WRONG = Recording(
    "train.packviz",
    (
        call(1),
        call(2, LSTM),
        call(3, PACK, CUTS, rows=32, steps=60, total=900, shortest=3, longest=60, reason="first"),
        call(4, PACK, CUTS, WASTE),
        call(5, PACK, BEYOND),
        call(6, LSTM, error="RuntimeError: start (10) + length (1) exceeds dimension size (10).", reason="raised"),
    ),
    unseen={"while compiling": 1200},
)


def test_kinds_are_by_code_and_site_worst_first_and_notes_are_none() -> None:
    kinds = [(kind.code, kind.first.number, kind.calls) for kind in kinds_of(WRONG.calls)]
    assert kinds == [("length-exceeds-time", 5, 1), (RAISED, 6, 1), ("length-cuts-data", 3, 2)]
    assert kinds_of(FINE.calls) == ()


def test_a_call_that_raised_what_was_found_is_one_kind() -> None:
    [kind] = kinds_of([call(1, PACK, BEYOND, error="RuntimeError: x")])
    assert kind.code == "length-exceeds-time"
    assert "RuntimeError: x" in recording_text(Recording("", (kind.first,)))


@pytest.mark.parametrize(
    ("calls", "worth"),
    [
        (FINE.calls, "always"),
        ([call(1, PACK, CUTS)], "always finding"),
        ([call(1, PACK, ("x", Severity.WARNING))], "always finding"),
        ([call(1, PACK, BEYOND)], "always finding error"),
        ([call(1, PACK, error="ValueError: x")], "always finding error"),
        ([], "always"),
    ],
)
def test_what_is_worth_a_word_depends_on_what_was_asked_for(calls: list[NotedCall], worth: str) -> None:
    for when in ("always", "finding", "error"):
        assert noteworthy(Recording("", tuple(calls)), when) == (when in worth.split())


def test_a_failure_of_ours_is_always_worth_a_word() -> None:
    for when in ("always", "finding", "error"):
        assert noteworthy(Recording("", unseen={"inside packviz: TypeError x": 2}), when)
        assert noteworthy(Recording("", unseen={"not written: no space left on device": 1}), when)
    assert not noteworthy(Recording("", unseen={"while compiling": 2}), "finding")


def test_calls_that_a_compiler_runs_by_itself_are_worth_a_word() -> None:
    """TorchScript's only where nothing else was seen: programs have it made of what they run without it."""
    site = Site("/a/train.py", 31)
    for unseen, alone, beside in (
        ({compiled("nn.LSTM", site): 1}, True, True),
        ({scripted("nn.LSTM", site): 1}, True, False),
    ):
        for when in ("finding", "error"):
            assert noteworthy(Recording("", unseen=unseen), when) == alone
            assert noteworthy(Recording("", FINE.calls, unseen=unseen), when) == beside
    told = recording_text(Recording("", unseen={compiled("nn.LSTM", site): 1, "while tracing": 2}))
    assert "Not seen: 2 while tracing." in told
    assert "1 call was compiled into a graph by torch.compile, its runs are not seen" in " ".join(told.split())


def test_the_text_says_where_what_and_where_it_lies() -> None:
    told = recording_text(WRONG)
    assert told == TOLD
    assert max(len(line) for line in told.splitlines()) <= WIDTH
    assert "\x1b[1;31merror" in recording_text(WRONG, colour=True)


TOLD = """\
packviz: 4 of 6 calls around packing are wrong, or likely so.

  train.py:31  pack_padded_sequence  4 calls            in collate
  train.py:33  nn.LSTM               2 calls, 1 raised

  error    length-exceeds-time  at train.py:31 in call 5
           No length may be larger than T, the number of steps of x.
  error    raised               at train.py:33 in call 6
           RuntimeError: start (10) + length (1) exceeds dimension size (10).
  silent   length-cuts-data     at train.py:31 in 2 calls, the first is 3 (32 × 60, lengths 3 to 60)
           Cells beyond the length of a row hold data: the length is too small.

The recording is train.packviz, with 2 batches:
  packviz train.packviz
  packviz check train.packviz
Not seen: 1,200 while compiling."""


def test_where_nothing_is_wrong_that_is_said() -> None:
    assert recording_text(FINE).startswith("packviz: 3 calls around packing, nothing is wrong with them.\n\n  train")
    assert recording_text(Recording("")) == "packviz: no call around packing was seen."


def test_a_line_of_the_script_itself_is_in_no_function() -> None:
    for name, told in (("", ""), ("<module>", ""), ("fit", "in fit")):
        text = recording_text(Recording("", (call(1, Site("/home/me/train.py", 31, name), CUTS),)))
        [line] = [line for line in text.splitlines() if "1 call" in line and "train.py:31" in line]
        assert line.rstrip().endswith(told or "1 call")
        assert "<module>" not in text


def test_sizes_are_said_as_far_as_they_are_known() -> None:
    for sizes, told in (
        ({}, "in call 1"),
        ({"rows": 3, "steps": 6}, "in call 1 (3 × 6)"),
        ({"rows": 3, "steps": 6, "total": 9, "shortest": 1, "longest": 5}, "in call 1 (3 × 6, lengths 1 to 5)"),
        ({"rows": 3, "steps": 6, "longest": 5}, "in call 1 (3 × 6, lengths 0 to 5)"),
    ):
        text = recording_text(Recording("", (call(1, PACK, CUTS, **sizes),)))
        assert [line for line in text.splitlines() if line.endswith(f"at train.py:31 {told}")]


def test_two_files_of_one_name_are_told_apart() -> None:
    other = Site("/home/you/train.py", 31)
    told = recording_text(Recording("", (call(1, PACK, CUTS), call(2, other, CUTS))))
    assert "at /home/me/train.py:31 in call 1" in told
    assert "at /home/you/train.py:31 in call 2" in told


def test_of_many_sites_and_kinds_the_first_are_listed() -> None:
    calls = [call(i, Site("a.py", i), (code, Severity.SILENT)) for i, code in enumerate(CODES, 1)]
    told = recording_text(Recording("", tuple(calls)))
    assert f"  and {len(CODES) - MOST_LINES} sites more" in told
    assert f"  and {len(CODES) - MOST_LINES} kinds of findings more" in told


def test_an_unfinished_recording_is_told_so() -> None:
    assert recording_text(Recording("a b.packviz", FINE.calls, whole=False)).endswith(
        "packviz check 'a b.packviz'\nThe recording has no end: the program was killed."
    )


words = st.text(max_size=300)
calls = st.builds(
    NotedCall,
    st.integers(1, 10**9),
    words,
    st.builds(Site, words, st.integers(1, 10**6), words),
    words,
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    findings=st.lists(st.tuples(words | st.sampled_from(CODES), st.sampled_from(Severity)), max_size=3).map(tuple),
)


@given(st.lists(calls, max_size=40), words, st.dictionaries(words, st.integers(0, 10**9), max_size=5), st.booleans())
def test_any_recording_has_a_text_of_bounded_size(
    made: list[NotedCall], place: str, unseen: dict[str, int], whole: bool
) -> None:
    told = recording_text(Recording(place, tuple(made), whole=whole, unseen=unseen))
    assert len(told) < 20_000
    assert noteworthy(Recording(place, tuple(made)), "finding") == bool(kinds_of(made))
