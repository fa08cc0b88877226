"""The examples of the help are command lines that are understood."""

import shlex

import pytest

from packviz.cli import manual
from packviz.cli.parser import parse

ENDS = (
    manual.WINDOW_ENDS,
    manual.CHECK_ENDS,
    manual.EXPLAIN_ENDS,
    manual.RENDER_ENDS,
    manual.RUN_ENDS,
    manual.TRACE_ENDS,
)


def examples() -> list[str]:
    """What stands after `packviz` in each example, without the remark beside it."""
    found = []
    for end in ENDS:
        lines = end.partition("examples:\n")[2].split("\n\n")[0].splitlines()
        for line in lines:
            command = line.partition("packviz")[2].split("  ")[0].partition("|")[0].strip()
            found.append(command)
    return found


@pytest.mark.parametrize("words", examples())
def test_an_example_parses(words: str) -> None:
    parse(shlex.split(words))


def test_there_are_examples_of_each_command() -> None:
    first = {words.split()[0] for words in examples() if words}
    assert {"check", "explain", "render", "run", "trace", "batch.pt"} <= first
