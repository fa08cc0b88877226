"""Files and folders for the tests of what a name means."""

from __future__ import annotations

from pathlib import Path


def put(*names: str) -> None:
    """Empty files of these names, in the folders that they say."""
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
