from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from packviz.cli.groups import version
from packviz.cli.parser import COMMANDS, Parser, check_parser, parse, render_parser, trace_parser, window_parser
from packviz.core.batch import Call


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on standard error with which a command line is refused."""
    with pytest.raises(SystemExit) as stop:
        parse(words)
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], "window"),
        (["batch.pt"], "window"),
        (["-"], "window"),
        (["./check"], "window"),
        (["a.pt", "b.pt"], "window"),
        (["check", "a.pt", "b.pt"], "check"),
        (["explain", "index", "out", "of", "range", "--batch", "a.pt"], "explain"),
        (["render", "a.pt", "-o", "a.png"], "render"),
    ],
)
def test_the_first_word_chooses_the_command(words: list[str], command: str) -> None:
    assert parse(words).command == command


def test_only_what_was_typed_is_in_the_options() -> None:
    options = vars(parse(["check", "a.pt", "--no-enforce-sorted"]))
    assert options == {"command": "check", "files": ["a.pt"], "enforce_sorted": False}


@pytest.mark.parametrize("command", [[], ["check"]])
def test_files_may_stand_before_and_after_the_options(command: list[str]) -> None:
    for words in ("a.pt b.pt - --batch-first", "--batch-first a.pt b.pt -", "a.pt --batch-first b.pt --lengths 3 -"):
        assert parse([*command, *words.split()]).files == ["a.pt", "b.pt", "-"]
    assert parse([]).files == []


def test_a_file_named_almost_like_a_command_may_be_the_first_of_several(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "did you mean check?" in refused(capsys, "checks.pt", "a.pt")
    Path("checks.pt").touch()
    assert parse(["checks.pt", "a.pt"]).files == ["checks.pt", "a.pt"]


@pytest.mark.parametrize("words", ["a.pt", "check a.pt", "render a.pt -o a.png", "explain text --batch a.pt"])
def test_one_of_several_batches_is_named_by_its_name_or_its_number(words: str) -> None:
    assert parse([*words.split(), "--entry", "3"]).entry == "3"
    assert parse([*words.split(), "--entry", "-1"]).entry == "-1"
    assert parse([*words.split(), "--entry", "the worst"]).entry == "the worst"


def test_the_options_of_the_call_have_torchs_names() -> None:
    words = "a.pt --lengths 3,2,4 --batch-first --no-enforce-sorted --padding-value 0.5 --total-length 7"
    options = parse(words.split())
    assert options.lengths == (3, 2, 4)
    assert options.batch_first is True
    assert options.enforce_sorted is False
    assert options.padding_value == 0.5
    assert options.total_length == 7


def test_the_last_of_two_opposite_options_wins() -> None:
    assert parse(["a.pt", "--batch-first", "--no-batch-first"]).batch_first is False


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("3,2,4", (3, 2, 4)), ("[3, 2, 4]", (3, 2, 4)), ("3 2", (3, 2)), ("3,2.5", (3, 2.5)), ("-1,0", (-1, 0))],
)
def test_lengths_are_read_as_people_type_them(text: str, lengths: tuple[float, ...]) -> None:
    assert parse(["a.pt", "--lengths", text]).lengths == lengths


def test_whole_lengths_stay_whole() -> None:
    assert [type(n) for n in parse(["a.pt", "--lengths", "3,2"]).lengths] == [int, int]


@pytest.mark.parametrize("value", ["-1", "-0.5", "-inf"])
def test_a_padding_value_may_be_negative(value: str) -> None:
    assert parse(["a.pt", "--padding-value", value]).padding_value == float(value)


def test_size_is_width_by_height() -> None:
    assert parse(["render", "a.pt", "-o", "a.png", "--size", "1280x720"]).size == (1280, 720)


def test_a_misspelt_option_is_answered_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no option --bacth-first, did you mean --batch-first?" in refused(capsys, "a.pt", "--bacth-first")
    assert "did you mean --lengths?" in refused(capsys, "check", "a.pt", "--length=3,2")


def test_a_misspelt_command_is_answered_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no command chekc, did you mean check?" in refused(capsys, "chekc", "a.pt")


def test_a_command_after_its_options_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "check comes before its options" in refused(capsys, "--batch-first", "check", "a.pt")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("render a.pt b.pt -o a.png", "one FILE is expected, but 'b.pt' came after it"),
        ("- a.pt -", "standard input can be read only once"),
        ("a.pt b.pt --entry 3", "--entry names a batch of one FILE, but there are 2"),
        ("a.pt --entry=", "the name of the batch is empty"),
        ("check", "FILE is missing"),
        ("render a.pt", "-o/--output is missing"),
        ("-x", "there is no option -x"),
        ("check - -", "standard input can be read only once"),
        ("a.pt --lengths 3,x", "'3,x' is not a list of numbers such as 3,2,4"),
        ("a.pt --lengths ,", "is not a list of numbers"),
        ("a.pt --total-length 0", "'0' is not a whole number of 1 or more"),
        ("a.pt --hidden 2.5", "'2.5' is not a whole number of 1 or more"),
        ("a.pt --padding-value zero", "'zero' is not a number"),
        ("a.pt --cell lstn", "LSTN"),
        ("render a.pt -o a.png --size 12", "'12' is not a size such as 1600x1000"),
        ("render a.pt -o a.png --size 99999x99999", "is not between"),
        ("render a.pt -o a.png --step -1", "-1"),
        ("check a.pt --format yaml", "yaml"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    assert said in refused(capsys, *words.split())


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["render", "-h"]])
def test_help_is_printed_and_fits_a_terminal(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(words)
    assert stop.value.code == 0
    told = capsys.readouterr().out
    assert "examples:" in told
    assert "--lengths" in told
    assert max(len(line) for line in told.splitlines()) <= 90


def test_the_help_of_check_tells_the_exit_codes() -> None:
    told = check_parser().format_help()
    assert all(f"\n  {code}  " in told for code in (0, 1, 2))


DEFAULTS = {"batch_first": "no", "enforce_sorted": "yes", "padding_value": "0", "total_length": "the longest"}


@pytest.mark.parametrize("make", [window_parser, check_parser, render_parser])
def test_the_help_tells_torchs_defaults(make: Callable[[], Parser]) -> None:
    assert Call() == Call(batch_first=False, enforce_sorted=True, padding_value=0, total_length=None)
    told = {action.dest: action.help for action in make()._actions}
    for name, said in DEFAULTS.items():
        assert str(told[name]).endswith(f"(default: {said})")


EXAMPLE = re.compile(r"^  (?:.*\| )?packviz( \S.*?)?(?: \| .*)?(?:  .*)?$", re.MULTILINE)


@pytest.mark.parametrize("make", [window_parser, check_parser, render_parser, trace_parser])
def test_every_example_in_the_help_can_be_parsed(make: Callable[[], Parser]) -> None:
    examples = EXAMPLE.findall(str(make().epilog))
    assert len(examples) >= 2
    for words in examples:
        assert parse(shlex.split(words)).command in ("window", *COMMANDS)


def test_every_option_has_a_help_text() -> None:
    for parser in (window_parser(), check_parser(), render_parser(), trace_parser()):
        assert [action.dest for action in parser._actions if not action.help] == []


def test_version_names_torch_without_importing_it() -> None:
    from importlib import metadata

    assert f"torch {metadata.version('torch')}" in version()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check a.pt --total-length 99999999999999999999999", "is not a number of at most 64 bits"),
        ("check a.pt --total-length 9223372036854775808", "is more than 9223372036854775807"),
        ("check a.pt --padding-value 99999999999999999999999", "is not a number of at most 64 bits"),
        ("render a.pt -o a.png --hidden 100000", "is more than 4096"),
        ("render a.pt -o a.png --seed 2147483648", "is more than 2147483647"),
    ],
)
def test_a_number_that_torch_or_the_window_can_not_take_is_refused(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
