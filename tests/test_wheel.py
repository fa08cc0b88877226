"""The wheel works outside the checkout, resources included."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    site = folder / "site"
    zipfile.ZipFile(wheel).extractall(site)
    return site


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run([sys.executable, *words], cwd=installed.parent, env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_the_wheel_brings_its_resources_along(installed: Path) -> None:
    assert run(installed, "-c", "import packviz; print(packviz.__file__)").stdout.startswith(str(installed))
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}
    assert {f"packviz/{name}" for name in shipped} <= {
        p.relative_to(installed).as_posix() for p in installed.rglob("*")
    }


@pytest.mark.slow
def test_a_batch_and_a_sample_are_checked_outside_the_checkout(installed: Path) -> None:
    batch = installed.parent / "batch.json"
    batch.write_text('{"x": [[1, 2, 3], [4, 5, 0]], "lengths": [3, 2], "batch_first": true}')
    told = run(installed, "-m", "packviz", "check", str(batch), "sample:first-batch")
    assert told.stderr == ""
    assert told.returncode == 0


@pytest.mark.slow
def test_the_window_is_drawn_outside_the_checkout(installed: Path) -> None:
    told = run(installed, "-m", "packviz", "render", "sample:real-lengths", "-o", "out.png")
    assert told.stderr == ""
    assert (installed.parent / "out.png").stat().st_size > 10_000
