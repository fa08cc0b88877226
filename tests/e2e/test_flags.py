"""python -O, -OO and -W error change nothing that a user sees."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

COMMANDS = (
    ("check", "sample:left-padded", "sample:beyond-the-end", "--format", "json"),
    ("explain", "padding-left"),
    ("explain", "start (10) + length (1) exceeds dimension size (10)."),
)


@cache
def said(flags: tuple[str, ...], command: tuple[str, ...]) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, *flags, "-m", "packviz", *command], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1][:12])
@pytest.mark.parametrize("flags", [("-OO",), ("-W", "error")], ids=" ".join)
def test_the_same_is_said(flags: tuple[str, ...], command: tuple[str, ...]) -> None:
    plain = said((), command)
    assert plain[1]
    assert said(flags, command) == plain
