"""From the start of the process to the first painted window."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.bench.table import Row, interleaved

REPEATS = 7


def rows() -> list[Row]:
    """One row: the window on the sample, against importing torch."""
    window, torch = interleaved(
        lambda: python("from packviz.app import first_paint; first_paint(); import os; os._exit(0)"),
        lambda: python("import torch; import os; os._exit(0)"),
        repeats=REPEATS,
    )
    return [
        Row(
            "process start to the first painted window",
            'python -c "import torch"',
            0.6,
            window / torch,
            f"{window:.2f} s against {torch:.2f} s",
        )
    ]


def python(code: str) -> None:
    """Runs code in a process of its own, with nothing but the offscreen platform."""
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=True)
