"""Where the files that come with packviz lie: in the checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def resource(name: str) -> Path:
    """The path of one resource, "samples/first-batch.json" say; raises FileNotFoundError where there is none.

    A wheel holds them in packviz/resources, the checkout beside the package.
    """
    inside = PACKAGE / "resources"
    path = (inside if inside.is_dir() else PACKAGE.parent / "resources") / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: packviz was not installed completely; install it again.")
    return path
