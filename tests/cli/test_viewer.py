"""The process of the window that is shown: what it says of itself, and that it is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from packviz import app
from packviz.cli import viewer
from packviz.core.batch import Call, make_batch
from packviz.core.noted import Site
from packviz.showing.handing import hand_over
from packviz.showing.listening import Listener
from packviz.showing.place import Place
from packviz.showing.shown import shown_bytes
from packviz.ui.window import Window


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="pv") as folder:
        yield Place(Path(folder), "1-test")


def said(place: Place, **environ: str) -> tuple[int, dict[str, Any]]:
    """Its exit code, and the line that it says."""
    args = [sys.executable, "-W", "error", "-m", "packviz.cli.viewer", str(place.folder), place.name]
    ran = subprocess.run(args, capture_output=True, text=True, timeout=100, env={**os.environ, **environ})
    assert ran.stderr == ""
    return ran.returncode, json.loads(ran.stdout)


def test_where_one_listens_another_says_so_and_ends(place: Place) -> None:
    listener = Listener.at(place)
    assert listener is not None
    assert said(place) == (0, {"listens": False})
    listener.close()


def test_why_it_can_not_be_shown_is_said_and_nothing_is_left(place: Place) -> None:
    _, told = said(place, QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert "no display" in told["cannot"]
    assert not place.sockets


def test_nobody_can_call_any_more_when_it_says_that_it_can_not_be_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, said_with = Listener.at(place), list[list[Path]]()
    assert listener is not None
    assert place.sockets
    monkeypatch.setattr("packviz.cli.display.no_display", lambda: "no display")
    monkeypatch.setattr(viewer, "say", lambda **_: said_with.append(list(place.sockets)))
    assert viewer.shown(listener) == 1
    assert said_with == [[]]


def test_a_folder_that_others_may_enter_is_refused(place: Place) -> None:
    place.folder.chmod(0o755)
    _, told = said(place)
    assert "its mode is 755" in told["cannot"]


def test_batches_open_in_its_window_until_it_is_closed(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, ready, seen = Listener.at(place), [], []
    assert listener is not None

    def loop(window: Window) -> int:
        import threading

        def show(number: int) -> None:
            batch = make_batch(np.full((2, 3), number, np.float32), [3, 2], Call(True, False), source=f"x{number}")
            hand_over(shown_bytes(batch, Site("train.py", number)), place)

        for number in (1, 2):
            caller = threading.Thread(target=show, args=(number,))
            caller.start()
            qtbot.waitUntil(lambda number=number: len(window.session.state.documents) == number, timeout=30_000)
            caller.join(30)
        app.settle(window.session)
        seen.extend(document.source for document in window.session.state.documents.all)
        window.close()
        assert not place.sockets  # before the work ends
        return 0

    monkeypatch.setattr(app, "loop", loop)
    assert app.run_shown(listener, lambda: ready.append(True)) == 0
    assert seen == ["x1", "x2"]
    assert ready == [True]


def test_it_says_one_line_and_then_holds_no_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    code = "from packviz.cli.viewer import say; say(listens=True); print('more')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)
    assert told.stdout == '{"listens": true}\n'
    assert viewer.say is not None
