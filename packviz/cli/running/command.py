"""The command `packviz run`."""

from __future__ import annotations

import atexit
import os
import shlex
from collections.abc import Sequence

from packviz.cli.running.program import Program, folder
from packviz.cli.running.program import run as run_program
from packviz.cli.running.watching import Wanted, Watch
from packviz.cli.running.words import typed

ENDING = ".packviz"


def run(words: Sequence[str]) -> int:
    """Runs what was typed after `packviz run`, and watches it to the end of this process; 0 where it comes to its end.

    Raises what the program raises: SystemExit or KeyboardInterrupt.
    """
    options = typed(words)
    program = Program(options.target, options.args, options.module)
    place = os.path.abspath(options.save or os.path.join(_folder(), program.name + ENDING))
    wanted = Wanted(place, shlex.join(program.words), options.keep, options.when, options.ask)
    watch = Watch(wanted)
    atexit.register(watch.end)  # before the program's own, so that it is called after them, and after all threads
    watch.wait()
    run_program(program, watch.died)
    return 0


def _folder() -> str:
    """The working directory; where no file can be made in it, or it is gone, that for temporary files."""
    if folder() and os.access(".", os.W_OK):
        return "."
    import tempfile  # with much of the library, which the program may not have loaded

    return tempfile.gettempdir()
