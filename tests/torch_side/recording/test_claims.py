"""Of programs that record at once each has a path of its own; one that is over, or dead, keeps nobody out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.own_folder import own_folders
from packviz.files.kept.container import whole_file
from packviz.torch_side.recording.claims import Claim, claim_at, claimed, default_path
from packviz.torch_side.recording.recorder import Recorder
from tests.torch_side.recording.programs import batch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there a file that is being written is not replaced")

HOLDS = """
import sys
from packviz.torch_side.recording.claims import claimed
claim = claimed(sys.argv[1])
print(claim is not None, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session of its own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return own_folders()[0]


def taken(path: Path) -> Claim:
    claim = claimed(str(path))
    assert claim is not None
    return claim


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """While another process holds it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_a_path_is_one_programs_until_it_ends(tmp_path: Path, own: Path) -> None:
    path, link = tmp_path / "run.packviz", tmp_path / "link.packviz"
    link.symlink_to(path)
    claim = taken(path)
    assert claimed(str(path)) is claimed(str(link)) is None
    other = taken(tmp_path / "other.packviz")
    assert len(list(own.iterdir())) == 2
    claim.end()
    claim.end()
    taken(link).end()
    other.end()
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_another_program_holds_it_until_it_is_dead(tmp_path: Path, end: int) -> None:
    path = tmp_path / "run.packviz"
    with held_elsewhere(path) as process:
        assert claimed(str(path)) is None
        process.send_signal(end)
        process.wait()
        taken(path).end()


def test_two_programs_that_record_at_once_write_two_files(tmp_path: Path) -> None:
    path, other = tmp_path / "run.packviz", tmp_path / "run-2.packviz"
    with held_elsewhere(path):
        second, third = Recorder(str(path), when="always"), Recorder(str(path), when="always")
        second.start()
        third.start()
        assert (second.path, third.path) == (str(other), str(tmp_path / "run-3.packviz"))
        third.stop()
        assert second.stop().place == str(other)
        later = Recorder(str(path), when="always")
        later.start()
        assert later.stop().place == str(other)
        assert not path.exists()
    again = Recorder(str(path), when="always")
    again.start()
    assert again.stop().place == str(path)


def test_the_child_of_a_fork_holds_nothing_of_its_parent(tmp_path: Path) -> None:
    recorder = Recorder(str(tmp_path / "run.packviz"))
    recorder.start()
    recorder.forked()
    taken(tmp_path / "run.packviz").end()
    recorder.stop()


def test_what_can_not_be_begun_keeps_nobody_out(tmp_path: Path, own: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Recorder(str(tmp_path / "none" / "run.packviz"), when="always").start()
    assert list(own.iterdir()) == []


def test_a_child_that_outlives_its_parent_does_not_hold_it(tmp_path: Path) -> None:
    path = tmp_path / "run.packviz"
    claim, (there, begins), (waits, ends) = taken(path), os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.close(ends)
        claim.forget()
        os.write(begins, b"x")
        os.read(waits, 1)
        os._exit(0)
    assert os.read(there, 1) == b"x"
    assert claimed(str(path)) is None
    os.close(claim._held)  # as when it is killed
    taken(path).end()
    os.close(ends)
    os.waitpid(child, 0)
    for end in (there, begins, waits):
        os.close(end)


def test_what_a_program_has_closed_is_not_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "run.packviz"
    claim = taken(path)
    os.close(claim._held)
    with (tmp_path / "its own").open("w") as file:
        assert file.fileno() == claim._held
        claim.end()
        file.write("whole")
    assert (tmp_path / "its own").read_text() == "whole"
    taken(path).end()


def test_without_a_place_for_locks_nobody_is_kept_out(tmp_path: Path, own: Path) -> None:
    own.write_text("")
    first, second = taken(tmp_path / "a"), taken(tmp_path / "a")
    first.end()
    second.end()
    own.unlink()
    own.mkdir(0o755)
    own.chmod(0o755)
    assert isinstance(claimed(str(tmp_path / "a")), Claim)
    assert list(own.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("runs/train.py", "train.packviz"),
        ("tool/__main__.py", "tool.packviz"),
        ("/__main__.py", "recording.packviz"),
        (None, "recording.packviz"),
    ],
)
def test_it_is_called_as_the_script(monkeypatch: pytest.MonkeyPatch, script: str | None, name: str) -> None:
    main = ModuleType("__main__")
    if script is not None:
        main.__file__ = script
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert default_path() == name


def found_there(wanted: str, found: Path, taken: Collection[str] = ()) -> None:
    path, claim = claim_at(wanted, taken)
    claim.end()
    assert path == str(found)


def test_what_is_taken_and_what_another_holds_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "run.packviz"
    found_there(str(path), path)
    found_there(str(path), tmp_path / "run-3.packviz", {str(path), str(tmp_path / "run-2.packviz")})
    claim = taken(path)
    found_there(str(path), tmp_path / "run-2.packviz")
    claim.end()


def test_a_saved_session_is_never_replaced(tmp_path: Path) -> None:
    place, other = tmp_path / "train.packviz", tmp_path / "train-2.packviz"
    for kind, found in (("recording", place), ("batch", place), ("session", other)):
        place.write_bytes(whole_file(kind, {}, {}))  # type: ignore[arg-type]
        found_there(str(place), found)
    other.write_bytes(place.read_bytes())
    with packviz.record(place, when="always") as recorded:
        pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)
    assert recorded.recording is not None
    assert recorded.recording.place == str(tmp_path / "train-3.packviz")
    assert place.read_bytes() == other.read_bytes() == whole_file("session", {}, {})
    found_there(str(tmp_path), tmp_path)
