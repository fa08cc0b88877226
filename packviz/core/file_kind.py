"""What a `.packviz` file holds, as far as its first bytes say: whoever is about to replace one asks here.

`packviz.files.kept` reads them. This loads nothing, and knows those of a newer version of the format, too.
"""

from __future__ import annotations

import re
from os import PathLike

FIRST = b"packviz.json\0"
"""How such a file begins."""
HEAD = 1024
"""Bytes that tell what it holds."""
_KIND = re.compile(rb'"kind": ?"(\w{1,20})"')


def kind_in(head: bytes) -> str:
    """`recording`, `session` or `batch`, of a file that begins so; "" of any other one."""
    found = _KIND.search(head) if head.startswith(FIRST) else None
    return "" if found is None else found[1].decode()


def head_of(path: str | PathLike[str]) -> bytes:
    """The first bytes of a file. Raises OSError."""
    with open(path, "rb") as file:  # noqa: PTH123  # without pathlib, which a program may not have loaded
        return file.read(HEAD)
