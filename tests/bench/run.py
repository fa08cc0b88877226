"""`make bench`: measures, and prints the figures beside their targets. It judges nothing: machines differ."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from tests.bench.table import Row, table


def main(words: list[str]) -> int:
    """Runs tests/bench/bench_*.py, or those whose name has one of the words in it."""
    rows: list[Row] = []
    failed = 0
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if words and not any(word in path.stem for word in words):
            continue
        print(f"measuring {path.stem.removeprefix('bench_')} …", file=sys.stderr, flush=True)
        try:
            rows += importlib.import_module(f"tests.bench.{path.stem}").rows()
        except Exception as error:
            failed += 1
            print(f"  {type(error).__name__}: {error}", file=sys.stderr)
    print(f"\n{machine()}\n\n{table(rows)}")
    return 1 if failed else 0


def machine() -> str:
    """What it ran on, in one line."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "numpy", "PySide6_Essentials"))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} {platform.machine()}, {processor()}, {cores} cores; "
        f"Python {platform.python_version()}, {versions}; one thread each"
    )


def processor() -> str:
    """The name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "processor unknown")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
