"""Fuzzing that is led by coverage: `python -m tests.fuzz.guided paste -runs=100000`, with atheris, an extra of its own.

What it finds is written to a file and raised; libFuzzer's options follow the kind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["packviz"]):
    from packviz.core.errors import BatchError
    from packviz.files.paste.pasted import read_paste
    from packviz.files.registry import loads_all

from tests.fuzz.test_fuzz import short


def a_paste(data: bytes) -> None:
    """A text of any kind."""
    try:
        read_paste(atheris.FuzzedDataProvider(data).ConsumeUnicode(len(data)))
    except BatchError as error:
        short(error)


def a_file(data: bytes) -> None:
    """Bytes of any format."""
    try:
        loads_all(data, "standard input")
    except BatchError as error:
        short(error)


KINDS: dict[str, Callable[[bytes], None]] = {"paste": a_paste, "file": a_file}

if __name__ == "__main__":
    kind, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], KINDS[kind])
    atheris.Fuzz()
