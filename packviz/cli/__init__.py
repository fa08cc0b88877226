"""The command `packviz`: the window, `check`, `run` and the others, in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

PIPE_CLOSED = 128 + 13  # as the shell reports a command that SIGPIPE ended


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line, without the program's name, and gives its exit code.

    Where it is `run`, the program's own SystemExit or KeyboardInterrupt is raised.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["run"]:  # streams and signals are the program's
        from packviz.cli.running.command import run

        return run(words[1:])
    try:
        from packviz.cli.interrupt import ends_at_once

        with ends_at_once():
            return _run(words)
    except KeyboardInterrupt:  # before or after that, or of a caller's own handler
        from packviz.cli.interrupt import INTERRUPTED

        print(file=sys.stderr)
        return INTERRUPTED


def _run(words: Sequence[str]) -> int:
    from packviz.cli.commands import FAILED, run
    from packviz.cli.parser import parse

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: nobody reads it
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # it stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ✓ gets a question mark, not a traceback
    try:
        code = run(parse(words))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _give_up_on_output()
        return PIPE_CLOSED
    except (OSError, ImportError) as error:
        return _failed(error)
    except Exception as error:  # THE place where a defect of ours ends: said, with what to send, and no batch is blamed
        from packviz.core.errors import Defect, defect_text

        print(str(error) if isinstance(error, Defect) else defect_text(error), file=sys.stderr)
        return FAILED


def _failed(error: OSError | ImportError) -> int:
    """Says what can't be imported, read or written; the exit code."""
    from packviz.cli.printing import FAILED
    from packviz.core.errors import defect_text, no_torch

    told = no_torch(error)
    if told is not None:
        print(f"packviz: {told}", file=sys.stderr)
    elif isinstance(error, ImportError):
        print(defect_text(error), file=sys.stderr)
    else:
        what = f"{error.filename} can't be read" if error.filename else "standard output can't be written"
        print(f"packviz: {what}: {(error.strerror or str(error)).lower()}.", file=sys.stderr)
        _give_up_on_output()
    return FAILED


def _give_up_on_output() -> None:
    """What is left in the buffer can go nowhere: the interpreter must not try again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
