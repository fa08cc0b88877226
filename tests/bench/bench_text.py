"""Ten megabytes of text of each kind, read or refused in a process of its own: its time, and its memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.table import Row

SIZE = 10_000_000
SECONDS = 2.0
MEMORY = 10 * SIZE + 100_000_000
READ = """
import json, sys, time
from pathlib import Path
import packviz.files.registry as registry
from packviz.core.errors import BatchError
def most():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) << 10
before, begun, said = most(), time.process_time(), "read"
try:
    registry.load_all(sys.argv[1])
except BatchError as error:
    said = "refused in a sentence"
print(json.dumps([time.process_time() - begun, most() - before, said]))
"""


def _row(chance: random.Random, least: int, most: int) -> str:
    return f"[{','.join(str(chance.randrange(10)) for _ in range(chance.randint(least, most)))}]"


def _print(chance: random.Random) -> str:
    a, b, c, d = (chance.randrange(100) for _ in range(4))
    return f"tensor([[{a}, {b}],\n        [{c}, {d}]])"


KINDS: dict[str, tuple[str, Callable[[random.Random], str], str, str, str]] = {
    # what: suffix, one piece, between pieces, before and after them
    "a list of rows of 2": (".json", lambda r: _row(r, 2, 2), ",", "[", "]"),
    "a ragged list, 1 or 2 a row": (".txt", lambda r: _row(r, 1, 2), ",", "[", "]"),
    "a ragged list with NaN": (".txt", lambda r: r.choice(("[nan, 1.5]", "[2]", "[inf, 0.25, -1]")), ", ", "[", "]"),
    "a one-column table": (".txt", lambda r: str(r.randrange(10)), "\n", "", ""),
    "a table of 20 floats a line": (".csv", lambda r: ",".join(repr(r.random()) for _ in range(20)), "\n", "", ""),
    "a ragged table": (".csv", lambda r: _row(r, 1, 4)[1:-1], "\n", "", ""),
    "a JSON object": (".json", lambda r: _row(r, 3, 3), ", ", '{"lengths": [3, 2], "x": [', "]}"),
    "a JSON object of many names": (".json", lambda r: f'"{r.getrandbits(64):x}": [[1, 2]]', ", ", "{", "}"),
    "JSON lines, a batch each": (".jsonl", lambda r: f'{{"x": [{_row(r, 2, 2)}], "lengths": [2]}}', "\n", "", ""),
    "prints of small tensors": (".txt", _print, "\n", "", ""),
    "assignments": (".txt", lambda r: f"x{r.randrange(9)} = {_row(r, 3, 3)}", "\n", "", ""),
    "a log with a traceback at its end": (
        ".txt",
        lambda r: f"epoch {r.random():.3f} loss",
        "\n",
        "",
        "\nValueError: x",
    ),
    "digits": (".txt", lambda r: str(r.randrange(10**9)), "", "[", "]"),
    "brackets": (".txt", lambda r: "[", "", "", ""),
}


def rows() -> list[Row]:
    """Two rows for each kind."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for what, (suffix, piece, between, before, after) in KINDS.items():
            path = Path(folder) / f"text{suffix}"
            path.write_text(before + _repeated(piece, between) + after, encoding="utf-8")
            done = subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True, text=True)
            seconds, memory, said = json.loads(done.stdout)
            size = path.stat().st_size
            note = f"{said}, {memory / size:.1f} × its size"
            found.append(Row(f"10 MB of text: {what}", "wall clock", SECONDS, seconds, note, " s"))
            found.append(Row(f"memory for {what}", "10 × its size and 100 MB", 1.0, memory / MEMORY, note))
    return found


def _repeated(piece: Callable[[random.Random], str], between: str) -> str:
    """About SIZE characters of pieces; some thousands are made, and repeated."""
    chance = random.Random(0)
    block = between.join(piece(chance) for _ in range(5000))
    return between.join([block] * max(1, SIZE // (len(block) + len(between))))


if __name__ == "__main__":
    for row in rows():
        print(row)
