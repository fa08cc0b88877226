from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from packviz import app
from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.module import Module
from packviz.core.noted import Site
from packviz.core.samples import sample
from packviz.files.kept.recordings import recorded
from packviz.session.selectors import probe_of
from packviz.session.state import State, showing
from packviz.session.store import Session
from packviz.showing.handing import hand_over
from packviz.showing.listening import Listener
from packviz.showing.place import Place, own_place
from packviz.showing.shown import shown_bytes
from packviz.ui.cards.prose import Prose
from packviz.ui.window import Window
from tests.recorded import record

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Where windows listen in this test."""
    with tempfile.TemporaryDirectory(prefix="pv") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield own_place()


@pytest.mark.parametrize("size", [(1280, 720), (400, 300)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_has_exactly_the_size_that_was_asked_for(qtbot: QtBot, tmp_path: Path, size, theme) -> None:
    found = sample("first-batch")
    app.render(found.load(), found.module, tmp_path / "out.png", step=1, size=size, theme=theme)
    image = QImage(str(tmp_path / "out.png"))
    assert (image.width(), image.height()) == size
    corner = image.pixelColor(1, size[1] - 2).lightness()
    assert corner > 200 if theme == "light" else corner < 60


def test_a_picture_that_cannot_be_written_is_an_error(qtbot: QtBot, tmp_path: Path) -> None:
    found = sample("first-batch")
    with pytest.raises(OSError, match=r"No such file or directory: '.*nowhere/out\.png'"):
        app.render(found.load(), found.module, tmp_path / "nowhere" / "out.png")


def test_a_step_that_there_is_not_is_an_error_and_no_picture_of_another_step(qtbot: QtBot, tmp_path: Path) -> None:
    found = sample("first-batch")
    with pytest.raises(BatchError, match="there is no step 4: the last one of first-batch is 3"):
        app.render(found.load(), found.module, tmp_path / "out.png", step=4)
    assert not (tmp_path / "out.png").exists()


def test_a_batch_that_torch_refuses_is_drawn_too(qtbot: QtBot, tmp_path: Path) -> None:
    batch = make_batch(np.ones((2, 3), np.float32), [0, 3], Call(True, False))
    app.render(batch, Module(), tmp_path / "out.png", size=(960, 600))
    assert (tmp_path / "out.png").exists()


def test_a_picture_shows_the_probe_and_the_message_that_were_asked_for(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[State] = []
    kept = Window.grab
    monkeypatch.setattr(Window, "grab", lambda window: seen.append(window.session.state) or kept(window))
    found = sample("beyond-the-end")
    words = "start (10) + length (1) exceeds dimension size (10)."
    app.render(found.load(), found.module, tmp_path / "out.png", message=words, probe=True)
    [state] = seen
    assert state.told is not None
    assert state.told.explanation.causes[0].code == "length-exceeds-time"
    probed = probe_of(state)
    assert probed is not None
    assert probed.result is not None or probed.failed


def test_a_message_that_nothing_is_known_of_is_an_error_and_no_picture(qtbot: QtBot, tmp_path: Path) -> None:
    found = sample("first-batch")
    with pytest.raises(BatchError, match="no message in this text"):
        app.render(found.load(), found.module, tmp_path / "out.png", message="nothing is wrong here")
    assert not (tmp_path / "out.png").exists()


def test_waiting_for_work_that_does_not_end_is_a_clear_error(qtbot: QtBot) -> None:
    session = Session(showing(sample("first-batch").load()))
    with pytest.raises(BatchError, match="given up after 0 s"):
        app.settle(session, patience_ms=0)  # the work was never begun
    session.close()


def test_what_was_typed_is_on_the_first_frame() -> None:
    state = app.first_state(("sample:simple-rnn",), Typed())
    assert state.batch is not None
    assert state.batch.lengths.tolist() == [1, 1, 1]
    assert state.module.cell == "GRU"


def test_of_several_names_none_is_there_before_all_are_read() -> None:
    names = ("sample:simple-rnn", "-", "/some/b.pt")
    state = app.first_state(names, Typed())
    assert state.batch is None
    assert state.module.cell == "GRU"
    request = app.load_request(names, Typed())
    assert (request.paths, request.lengths) == (names, (1.0, 1.0, 1.0))
    assert request.name == "3 files"


class Typed:
    entry = x = axes = None
    call, names, lengths = Call(), frozenset[str](), (1.0, 1.0, 1.0)

    def on(self, batch: Batch) -> Batch:
        return batch.with_lengths(np.array([1, 1, 1]))

    def spec(self, spec: Module | None = None) -> Module:
        return Module(cell="GRU")


def test_torch_is_not_imported_before_the_first_frame() -> None:
    code = "from packviz.app import first_paint; first_paint(); import sys; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "False"


def test_no_text_of_a_picture_is_cut(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[str] = []

    def look(window: Window) -> QPixmap:
        texts = [text for text in window.findChildren(Prose) if text.isVisible()]
        cut.extend(text.toPlainText() for text in texts if text.height() < text.heightForWidth(text.width()))
        assert len(texts) > 6
        return QWidget.grab(window)

    monkeypatch.setattr(Window, "grab", look)
    batch = make_batch(np.ones((4, 6), np.float32), [6.5, 3.2, 0.5, 1], Call(True, False))
    app.render(batch, Module(), tmp_path / "out.png", size=(1280, 720))
    assert cut == []


def test_a_picture_of_a_call_has_the_list_of_its_recording(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Window] = []
    kept = Window.grab

    def grab(window: Window) -> QPixmap:
        seen.append(window)
        assert window.docks["calls"].isVisible()
        assert window.scene is not None
        assert (window.scene.calls.open, window.scene.calls.told) == (4, "run.packviz · 5 calls · 1 kept")
        return kept(window)

    monkeypatch.setattr(Window, "grab", grab)
    found = recorded(record(tmp_path / "run.packviz", 5, bad=(4,)))
    batch, module = found.opened(found.recording.calls[3])
    assert module is not None
    app.render(batch, module, tmp_path / "out.png", size=(1280, 720), recording=found)
    assert len(seen) == 1


def opened_by_hand(monkeypatch: pytest.MonkeyPatch, do: Callable[[Window], None]) -> None:
    """Runs `packviz sample:first-batch`, and does this with its window once it is painted."""

    def loop(window: Window) -> int:
        waiting = QEventLoop()
        window.painted.connect(waiting.quit)
        waiting.exec()
        do(window)
        window.close()
        return 0

    monkeypatch.setattr(app, "loop", loop)
    assert app.run(("sample:first-batch",), Typed()) == 0


def test_a_window_that_was_opened_by_hand_takes_what_programs_show(
    qtbot: QtBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(window: Window) -> None:
        [there] = place.sockets
        assert there.stat().st_mode & 0o777 == 0o600
        data = shown_bytes(make_batch(np.ones((2, 3), np.float32), [3, 2], source="x"), Site("train.py", 3))
        caller = threading.Thread(target=hand_over, args=(data, place))
        caller.start()
        qtbot.waitUntil(lambda: len(window.session.state.documents) == 2, timeout=30_000)
        caller.join(30)
        assert [one.source for one in window.session.state.documents.all] == ["first-batch", "x"]
        assert window.session.state.documents.open == 1

    opened_by_hand(monkeypatch, show)
    assert place.sockets == ()


def test_one_that_ends_without_being_closed_listens_no_more(
    qtbot: QtBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(window: Window) -> None:
        assert len(place.sockets) == 1
        window.hide()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened_by_hand(monkeypatch, interrupted)
    assert place.sockets == ()


def test_one_that_is_opened_by_hand_takes_nothing_away_from_another_that_listens(
    qtbot: QtBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[bytes] = []
    listener = Listener.at(place)
    assert listener is not None
    listener.serve(came.append)

    def show(window: Window) -> None:
        assert len(place.sockets) == 2
        listener.used()
        hand_over(b"x", place)
        assert len(window.session.state.documents) == 1

    try:
        opened_by_hand(monkeypatch, show)
        assert place.sockets == (listener.path,)
        hand_over(b"y", place)
        assert came == [b"x", b"y"]
    finally:
        listener.close()


def test_where_it_can_not_listen_a_window_opens_all_the_same_and_says_so(
    qtbot: QtBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.folder.chmod(0o755)
    said: list[str] = []
    monkeypatch.setattr(Window, "say", lambda window, text: said.append(text))
    opened_by_hand(monkeypatch, lambda window: None)
    assert len(said) == 1
    assert said[0].endswith("its mode is 755, but 700 is expected.")
