"""What a dead process has left is removed; what a living one holds stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from packviz.ui.chrome.locks import lock_of, tidy


def left_by_the_dead(path: Path) -> Path:
    """The lock of a file as a killed process leaves it."""
    held = lock_of(path)
    assert held.tryLock(0)
    said = Path(f"{path}.lock").read_text().splitlines()
    held.unlock()
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    left = Path(f"{path}.lock")
    left.write_text("\n".join([str(dead.pid), *said[1:]]) + "\n")
    return left


def test_a_lock_of_a_file_that_is_there_no_more_is_removed(tmp_path: Path) -> None:
    left = left_by_the_dead(tmp_path / "1-2.packviz")
    tidy(tmp_path)
    assert not left.exists()


def test_of_kept_work_it_stays_and_so_does_one_that_is_held(tmp_path: Path) -> None:
    left = left_by_the_dead(tmp_path / "1-2.packviz")
    (tmp_path / "1-2.packviz").touch()
    held = lock_of(tmp_path / "3-4.packviz")
    assert held.tryLock(0)
    tidy(tmp_path)
    assert left.exists()
    assert (tmp_path / "3-4.packviz.lock").exists()
    held.unlock()


def test_what_was_not_in_its_place_yet_is_removed_but_not_that_of_a_living_process(tmp_path: Path) -> None:
    dead, living = tmp_path / ".1-2.packviz.abc", tmp_path / ".3-4.packviz.abc"
    dead.touch()
    living.touch()
    held = lock_of(tmp_path / "3-4.packviz")
    assert held.tryLock(0)
    tidy(tmp_path)
    assert (dead.exists(), living.exists()) == (False, True)
    held.unlock()
