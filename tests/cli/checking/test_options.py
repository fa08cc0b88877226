"""What can be typed of `packviz check`."""

from __future__ import annotations

import pytest

from packviz.cli.checking.options import Shard, choice_of
from packviz.cli.parser import parse
from packviz.core.choice import EVERYTHING, Choice
from packviz.core.findings import Severity


def choice(*words: str) -> Choice:
    return choice_of(parse(["check", "a.pt", *words]))


def test_nothing_typed_is_everything() -> None:
    assert choice() == EVERYTHING


def test_codes_are_gathered_from_all_that_is_typed() -> None:
    typed = choice(
        "--select", "padding-left,lengths", "--select", "last-output", "--ignore", "padding", "--fail-on", "note"
    )
    assert typed == Choice(("padding-left", "lengths", "last-output"), ("padding",), Severity.NOTE)
    assert choice("--fail-on", "never").fail_on is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--select", "padding-lft"),
            "argument --select: there is no finding 'padding-lft': did you mean padding-left?;",
        ),
        (("--ignore", ","), "argument --ignore: ',' names no code"),
        (("--fail-on", "bad"), "argument --fail-on: invalid choice: 'bad'"),
        (("--shard", "0/4"), "argument --shard: '0/4' is no part such as 1/4: the first of four;"),
        (("--shard", "5/4"), "argument --shard: '5/4' is no part"),
        (("--jobs", "0"), "argument --jobs: '0' is not a whole number of 1 or more;"),
        (("--window", "x"), "argument --window: 'x' is not a number;"),
        (("--merge", "--jobs", "2"), "--merge checks nothing, it reads what was printed: leave --jobs out;"),
        (("--merge", "--baseline", "b"), "--merge checks nothing, it reads what was printed: leave --baseline out;"),
        (("--selct", "padding"), "there is no option --selct, did you mean --select?"),
    ],
)
def test_what_means_nothing_is_refused_in_a_line(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(["check", "a.pt", *words])
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_shard_is_one_of_several() -> None:
    assert parse(["check", "a.pt", "--shard", "2/4"]).shard == Shard(2, 4)
