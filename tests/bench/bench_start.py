"""From the start of the process to the first painted window."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.bench.table import Row, interleaved

REPEATS = 7


def rows() -> list[Row]:
    """One row: the window on the sample, against importing torch; both compiled before, as what is installed is."""
    with tempfile.TemporaryDirectory() as compiled:
        window, torch = interleaved(
            lambda: python("from packviz.app import first_paint; first_paint(); import os; os._exit(0)", compiled),
            lambda: python("import torch; import os; os._exit(0)", compiled),
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


def python(code: str, compiled: str) -> None:
    """Runs code in a process of its own, with nothing but the offscreen platform. `compiled`: a folder for bytecode."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    own = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": compiled}
    subprocess.run([sys.executable, "-c", code], env={**given, **own}, check=True)
