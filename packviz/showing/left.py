"""What is left of `packviz.show` where no window can be shown: the report, the batch in a file, and the line that opens
it elsewhere."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packviz.core.batch import Batch, BatchError
from packviz.core.module import Module
from packviz.core.texts.quoting import shown
from packviz.files.kept.container import whole_file
from packviz.torch_side.asking.report import report_on

NAME = "batch.packviz"


def leave(data: bytes, batch: Batch, why: str, *, module: Any = None, hx: Any = None) -> None:
    """Print the report on the batch, `why` no window shows it, where it lies now, and how to open it elsewhere.

    `data`: the batch as bytes. Raises BatchError where it can't be written.
    """
    report = report_on(batch, Module(), own=module, hx=hx)
    path = written(data)
    told = f"packviz: {why}: above are the findings, and the batch lies in {path}. Where there is a display:"
    say(f"{report}\n\n{told}\n  {line_elsewhere(path)}\n")


def written(data: bytes) -> Path:
    """The batch as a file in a new folder that only this user can enter. Raises BatchError where that can't be."""
    try:
        path = Path(tempfile.mkdtemp(prefix="packviz-"), NAME)
        path.write_bytes(whole_file("batch", {}, {"batch.safetensors": data}))
    except OSError as error:
        where = error.filename or tempfile.gettempdir()
        raise BatchError(f"{where} can't be written: {(error.strerror or str(error)).lower()}.") from None
    return path


def line_elsewhere(path: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The line that opens the file on another machine: as somebody got here by ssh, or by the name of this one."""
    place = environ.get("SSH_CONNECTION", "").split()  # their address and port, then those of this machine
    host, port = (place[2], place[3]) if len(place) == 4 else (socket.gethostname(), "22")
    other = "" if port == "22" else f"-p {shlex.quote(port)} "
    return f"ssh {other}{shlex.quote(f'{_user()}@{host}')} cat {shlex.quote(str(path))} | packviz -"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "you"


def say(text: str) -> None:
    """Write it to standard output, wherever that goes now, if anywhere; a terminal that lacks a letter gets a question
    mark."""
    stream, text = sys.stdout, shown(text)
    if stream is None:  # as in a program without a console on Windows
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
