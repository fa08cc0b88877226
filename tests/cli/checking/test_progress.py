"""The bar: on a terminal, after a moment, and never in the way of what is printed."""

from __future__ import annotations

import io

import pytest

from packviz.cli.checking import progress
from packviz.cli.checking.progress import Progress, bar_text, how_far
from packviz.core.checked import Checked
from packviz.core.tally import Tally


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LATER_S", 0.0)
    monkeypatch.setattr(progress, "OFTEN_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")


def tally(batches: int, wrong: int = 0, unread: int = 0) -> Tally:
    found = Tally()
    for i in range(batches):
        found.add(Checked(f"b{i}", 1, 1, wrong=i < wrong))
    for i in range(unread):
        found.add(Checked(f"c{i}", trouble="c: no."))
    return found


def test_it_says_how_far_it_is_and_what_was_found() -> None:
    assert bar_text(33, 100, tally(500, 3), 2.0) == (
        "███████░░░░░░░░░░░░░░░░░  33 of 100 files · 500 batches, 3 wrong · 250 a second · 0:04 left"
    )
    assert "1,234 of 9,999 files" in bar_text(1234, 9999, tally(1), 1.0)
    assert "1 batch, 0 wrong, 2 unread" in bar_text(0, 4, tally(1, 0, 2), 0.0).replace("3 batches", "1 batch")
    assert bar_text(1, 7201, tally(1), 1.0).endswith("2:00:00 left")


def test_it_is_taken_away_before_anything_else_is_printed() -> None:
    stream = Terminal()
    bar = Progress(10, stream)
    bar.tell(3, tally(3))
    assert "3 of 10 files" in stream.getvalue()
    bar.clear()
    last = stream.getvalue().split("\r")
    assert last[-1] == ""
    assert last[-2].strip() == ""
    before = stream.getvalue()
    bar.clear()
    assert stream.getvalue() == before


def test_ctrl_c_leaves_it_and_says_where_it_was() -> None:
    stream = Terminal()
    bar = Progress(10, stream)
    bar.tell(3, tally(3))
    before = stream.getvalue()
    bar.leave()
    bar.clear()
    assert stream.getvalue() == f"{before}\n"
    pipe = io.StringIO()
    Progress(10, pipe).leave()
    assert pipe.getvalue() == ""


def test_what_was_interrupted_says_how_far_it_came() -> None:
    assert how_far(1203, 5000) == "interrupted at file 1,204 of 5,000."
    assert how_far(0, 1, "after 812 batches") == "interrupted after 812 batches."
    assert how_far(1, 3, "after 5 of 9 calls") == "interrupted at file 2 of 3, after 5 of 9 calls."
    assert how_far(0, 1) == "interrupted."


@pytest.mark.parametrize(
    ("stream", "term", "total"), [(io.StringIO(), "xterm", 9), (Terminal(), "dumb", 9), (Terminal(), "xterm", 1)]
)
def test_elsewhere_nothing_is_written(
    stream: io.StringIO, term: str, total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    bar = Progress(total, stream)
    bar.tell(1, tally(1))
    bar.clear()
    assert stream.getvalue() == ""


def test_what_is_quick_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LATER_S", 1000.0)
    stream = Terminal()
    Progress(10, stream).tell(3, tally(3))
    assert stream.getvalue() == ""


def test_it_has_no_more_columns_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_columns", lambda stream: 40)
    stream = Terminal()
    Progress(10, stream).tell(3, tally(3))
    assert len(stream.getvalue().strip("\r")) == 39
