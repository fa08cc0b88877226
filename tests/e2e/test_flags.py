"""python -O, -OO and -W error change nothing that a user sees."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

COMMANDS = (
    ("check", "sample:padding-left", "sample:beyond-the-end", "--format", "json"),
    ("explain", "padding-left"),
    ("explain", "start (10) + length (1) exceeds dimension size (10)."),
)


RUN = """
import json, runpy, sys
for command in json.loads(sys.argv[1]):
    sys.argv = ["packviz", *command]
    try:
        runpy.run_module("packviz", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        print(end.code, chr(0), flush=True)
        print(chr(0), file=sys.stderr, flush=True)
"""


@cache
def said(flags: tuple[str, ...]) -> list[tuple[str, str]]:
    """What python -m packviz prints of each command, its exit code, and its errors: one process loads torch once."""
    line = [sys.executable, *flags, "-c", RUN, json.dumps(COMMANDS)]
    done = subprocess.run(line, capture_output=True, text=True)
    return list(zip(done.stdout.split("\0"), done.stderr.split("\0"), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("flags", [("-OO",), ("-W", "error")], ids=" ".join)
def test_the_same_is_said(flags: tuple[str, ...]) -> None:
    plain = said(())
    assert len(plain) == len(COMMANDS) + 1
    assert [out.splitlines()[-1].strip() for out, _ in plain[:-1]] == ["1", "0", "0"]
    assert said(flags) == plain
