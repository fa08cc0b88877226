"""What the commands print: nothing that a terminal obeys, and JSON that any reader takes."""

from __future__ import annotations

import json
import math

import pytest

from packviz.cli.printing import FAILED, complain, in_colour, plain
from packviz.core.texts.quoting import shown


def test_what_a_terminal_obeys_is_not_printed() -> None:
    assert shown("a\x1b]0;title\x07b\u202e") == "a\ufffd]0;title\ufffdb\ufffd"
    assert shown("\x1b[1;31mred\x1b[0m\n\tline") == "\x1b[1;31mred\x1b[0m\n\tline"


def test_numbers_that_json_does_not_know_are_words() -> None:
    told = plain({"a": [math.nan, math.inf, -math.inf, 1.5], "b": None})
    assert json.dumps(told, allow_nan=False) == '{"a": ["nan", "inf", "-inf", 1.5], "b": null}'


def test_a_complaint_is_one_line_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert complain("a\nb   c.") == FAILED
    assert capsys.readouterr().err == "packviz: a b c.\n"


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not in_colour()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert in_colour()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not in_colour()
