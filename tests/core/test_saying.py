from __future__ import annotations

import io
from typing import Any

import pytest

from packviz.core.saying import say


def test_it_is_written_without_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    say("row \x1b]0;title\x07 2")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "row \N{REPLACEMENT CHARACTER}]0;title\N{REPLACEMENT CHARACTER} 2\n")


class Odd:
    """A standard error of a program's own."""

    def write(self, text: str) -> Any:
        raise LookupError(text)


def test_standard_error_may_be_gone_closed_narrow_or_the_programs_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = io.StringIO()
    closed.close()
    narrow = io.TextIOWrapper(io.BytesIO(), "ascii")
    for stream in (None, closed, narrow, Odd(), object()):
        monkeypatch.setattr("sys.stderr", stream)
        say("row 2 × 3")
    monkeypatch.delattr("sys.stderr")
    say("row 2")
    assert capsys.readouterr().out == ""
