"""The groups of options that several commands have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from packviz.cli.groups import add_call, add_entry, add_general, add_model, version


def parsed(add: Callable[[argparse.ArgumentParser], None], *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add(parser)
    return parser.parse_args(words)


def test_what_is_not_typed_is_not_there() -> None:
    for add in (add_call, add_model, add_general, add_entry):
        assert vars(parsed(add)) == {}


def test_values_are_read_as_what_they_are() -> None:
    call = parsed(add_call, "--lengths", "3,2", "--batch-first", "--no-enforce-sorted", "--padding-value", "-1")
    assert (call.lengths, call.batch_first, call.enforce_sorted, call.padding_value) == ((3, 2), True, False, -1)
    model = parsed(add_model, "--cell", "gru", "--hidden", "8", "--bidirectional", "--proj-size", "2")
    assert (model.cell, model.hidden, model.directions, model.projection) == ("GRU", 8, 2, 2)
    general = parsed(add_general, "--memory", "2G", "--seconds", "5")
    assert (general.memory, general.seconds) == (2 << 30, 5)
    assert parsed(add_entry, "--entry", "3").entry in (3, "3")


def test_versions_are_told_without_importing_torch(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(add_general, "--version")
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == version()
    assert version().startswith("packviz ")
