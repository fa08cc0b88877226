"""A command in a process of its own, which has printed its first lines."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import packviz


@contextmanager
def begun(*words: str, lines: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`packviz` with these words, once it has printed so many lines, and these. No line is read ahead, which
    `communicate` would not give."""
    env = {**os.environ, "PYTHONPATH": str(Path(packviz.__file__).parents[1])}
    line = [sys.executable, "-m", "packviz", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, env=env, stdout=pipe, stderr=pipe, bufsize=0) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        assert all(said)
        yield process, b"".join(said).decode()
