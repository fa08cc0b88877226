"""The corpus: batches as well-known frameworks write them, right and broken, and what is true of each.

`python tests/corpus/make.py FOLDER` writes all of them, to look at; the test builds them anew each time. The layouts
and names are those of the frameworks' public documentation; the numbers are drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":  # pragma: no cover
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.corpus import documents, features, loaders, several, tokens, videos
from tests.corpus.cases import Case

ROOMS = (features, tokens, documents, loaders, several, videos)


def cases() -> Iterator[Case]:
    """All cases, theme by theme."""
    for room in ROOMS:
        yield from room.cases()


def main(folder: Path) -> None:
    """Write every file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases():
        case.write(folder / case.name)


if __name__ == "__main__":  # pragma: no cover
    main(Path(sys.argv[1]))
