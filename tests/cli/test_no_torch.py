"""The commands where torch can't be imported: one sentence, what the rules find, and no defect."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

import packviz
from packviz.cli.no_torch import or_rules_only, torch_missing, until_then
from packviz.core.errors import NoTorch
from tests.recorded import record

BROKEN = "torch can't be imported here (libc10.so: no such file): install it anew"
NOT_THERE = "torch is not installed here: install it"
KINDS = {
    "broken": ("raise OSError('libc10.so: no such file')", BROKEN),
    "not there": ("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')", NOT_THERE),
}


def run(kind: str, *words: str) -> tuple[int, str, str]:
    """The exit code, and what was printed, of a command without torch and without a display."""
    Path("fake").mkdir(exist_ok=True)
    Path("fake/torch.py").write_text(KINDS[kind][0])
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    del env["QT_QPA_PLATFORM"]
    env["PYTHONPATH"] = os.pathsep.join([str(Path(packviz.__file__).parents[1]), "fake"])
    found = subprocess.run([sys.executable, "-m", "packviz", *words], capture_output=True, text=True, env=env)
    return found.returncode, found.stdout, found.stderr


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.json").write_text('{"x": [[1, 2, 3], [3, 0, 0]], "lengths": [3, 2], "batch_first": true}')


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_shows_what_the_rules_find_and_says_what_it_lacks(kind: str) -> None:
    code, out, err = run(kind, "render", "x.json", "-o", "out.png", "--size", "800x600")
    assert err == f"packviz: {KINDS[kind][1]}; until then out.png shows what the rules alone find.\n"
    assert (code, out) == (2, "")
    assert QImage("out.png").width() == 800


def test_a_picture_of_what_only_torch_can_tell_is_not_drawn() -> None:
    for words in (["--probe"], ["--until", "isnan(h)"], ["--device", "cuda"]):
        code, out, err = run("broken", "render", "x.json", "-o", "out.png", *words)
        assert (code, out, err) == (2, "", f"packviz: {BROKEN}.\n")
    assert not Path("out.png").exists()


def test_where_there_is_no_display_the_rules_say_what_they_find() -> None:
    record(Path("run.packviz"), 5, bad=(4,), kept=(1,))
    for name, found in (("x.json", "length-counts-padding"), ("run.packviz", "length-not-positive")):
        code, out, err = run("broken", name)
        assert code == 2
        assert found in out
        told, lacks = err.splitlines()
        assert "no display" in told
        assert lacks == f"packviz: {BROKEN}; until then this is what the rules alone find."
    assert Path("packviz-2.png").exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_calls_of_a_recording_are_checked_by_the_rules_alone_or_not_at_all(form: str) -> None:
    record(Path("run.packviz"), 5, bad=(4,), kept=(1,))
    words = ("check", "run.packviz", "--format", form)
    assert run("broken", *words) == (2, "", f"packviz: {BROKEN}, or check with --rules-only.\n")
    code, out, err = run("broken", *words, "--rules-only")
    assert (code, err) == (1, "")
    assert "length-not-positive" in out


def test_what_is_there_is_not_missed() -> None:
    assert torch_missing() is None
    assert until_then(NoTorch("no torch."), "this is it") == "no torch; until then this is it."
    assert str(or_rules_only(NoTorch("no torch."))) == "no torch, or check with --rules-only."
