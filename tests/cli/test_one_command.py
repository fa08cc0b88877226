"""One command's parser: one line of an error, and what was probably meant."""

from __future__ import annotations

import pytest

from packviz.cli.one_command import Parser, joined


@pytest.fixture
def parser() -> Parser:
    parser = Parser(prog="packviz x", usage="packviz x FILE", about="", epilog="")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--lengths")
    parser.add_argument("--save")
    return parser


def test_only_what_was_typed_is_there(parser: Parser) -> None:
    assert vars(parser.parse(["a", "--save", "b", "c"])) == {"files": ["a", "c"], "save": "b"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "FILE is missing"),
        (["a", "--saev=1"], "no option --saev, did you mean --save?"),
        (["a", "--xyz"], "--xyz;"),
    ],
)
def test_an_error_is_one_line(parser: Parser, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parser.parse(words)
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_value_may_begin_with_a_minus(parser: Parser) -> None:
    assert joined(["--lengths", "-1,2", "-x", "-1"]) == ["--lengths=-1,2", "-x", "-1"]
    assert parser.parse(["a", "--lengths", "-1"]).lengths == "-1"
