"""Walks through the real program: the command line, the window, the keys, as a user does it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz import app, cli
from packviz.core.cancel import Cancelled
from packviz.session.loads import LoadRequest
from packviz.session.selectors import answers
from packviz.ui.window import Window

Key, Mod = Qt.Key, Qt.KeyboardModifier
Walk = Callable[[Window], None]
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


@pytest.fixture
def walk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `packviz ARGS` and the steps of a walk in its window, which is closed afterwards."""

    def run(steps: Walk, *args: str) -> int:
        def loop(window: Window) -> int:
            with qtbot.waitActive(window):
                window.activateWindow()
            try:
                steps(window)
            finally:
                window.close()
            return 0

        monkeypatch.setattr(app, "loop", loop)
        return cli.main(list(args))

    return run


def press(qtbot: QtBot, window: Window, key: Qt.Key, mods: Qt.KeyboardModifier = Mod.NoModifier) -> None:
    qtbot.keyClick(window, key, mods)


def settled(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: window.session.state.torch is not None, timeout=60_000)
    app.settle(window.session)


def lengths(window: Window) -> list[int]:
    assert window.session.state.batch is not None
    return window.session.state.batch.lengths.tolist()


def test_from_the_sample_to_a_broken_length_and_back(walk: Callable[..., int], qtbot: QtBot) -> None:
    def steps(window: Window) -> None:
        settled(qtbot, window)
        press(qtbot, window, Key.Key_End)
        assert window.session.state.cursor.step == 3
        assert window.toolbar.step.text() == "t = 3 / 3"
        assert "✓" in window.scene.states.footer
        window.menus.do("lengths_text")
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
        dialog = QApplication.activeModalWidget()
        dialog.field.setText("3, 2, 5")
        dialog.accept()
        with qtbot.waitActive(window):
            window.activateWindow()
        assert lengths(window) == [3, 2, 5]
        settled(qtbot, window)
        card = window.findings.cards[0]
        assert card.finding.code == "length-counts-padding"
        card.fix.click()
        assert lengths(window) == [3, 2, 4]
        settled(qtbot, window)
        assert "length-counts-padding" not in [card.finding.code for card in window.findings.cards]
        press(qtbot, window, Key.Key_Z, Mod.ControlModifier)
        assert lengths(window) == [3, 2, 5]
        press(qtbot, window, Key.Key_Z, Mod.ControlModifier)
        assert lengths(window) == [3, 2, 4]

    assert walk(steps) == 0


def test_a_pasted_batch_is_opened_with_the_options_of_its_call(walk: Callable[..., int], qtbot: QtBot) -> None:
    call = "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
    text = f"x = torch.tensor({X})\nlengths = [3, 2, 4]\n{call}"

    def steps(window: Window) -> None:
        QGuiApplication.clipboard().setText(text)
        press(qtbot, window, Key.Key_V, Mod.ControlModifier)
        settled(qtbot, window)
        batch = window.session.state.batch
        assert batch.grid.tolist() == X
        assert lengths(window) == [3, 2, 4]
        assert batch.call.batch_first
        assert not batch.call.enforce_sorted
        assert window.toolbar.batch_first.isChecked()
        assert not window.toolbar.enforce_sorted.isChecked()

    assert walk(steps) == 0


def write_pt(path: Path) -> None:
    torch.save((torch.tensor(X, dtype=torch.float32), torch.tensor([3, 2, 4])), path)


def write_npz(path: Path) -> None:
    np.savez(path, x=np.array(X, np.float32), lengths=np.array([3, 2, 4]))


def write_json(path: Path) -> None:
    path.write_text(json.dumps({"x": X, "lengths": [3, 2, 4]}))


def write_csv(path: Path) -> None:
    path.write_text("\n".join(",".join(map(str, row)) for row in X))


WRITERS = {
    "b.pt": write_pt,
    "b.pth": write_pt,
    "b.npz": write_npz,
    "b.npy": lambda path: np.save(path, np.array(X, np.float32)),
    "b.json": write_json,
    "b.csv": write_csv,
    "b.tsv": lambda path: path.write_text("\n".join("\t".join(map(str, row)) for row in X)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_of_each_format_is_opened(walk: Callable[..., int], qtbot: QtBot, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)

    def steps(window: Window) -> None:
        qtbot.waitUntil(lambda: window.session.state.batch is not None, timeout=60_000)
        assert window.session.state.batch.grid.tolist() == X
        assert lengths(window) == [3, 2, 4]
        assert window.windowTitle().startswith(str(path)) or name in window.windowTitle()

    assert walk(steps, str(path), "--batch-first", "--no-enforce-sorted") == 0


def test_a_corrupt_file_keeps_the_open_batch_and_says_one_sentence(
    walk: Callable[..., int], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "corrupt.npz"
    path.write_bytes(b"PK\x03\x04 this is no archive")

    def steps(window: Window) -> None:
        before = window.session.state.batch
        window.opening.open_paths(str(path))
        qtbot.waitUntil(lambda: window.session.state.loading is None, timeout=60_000)
        assert window.session.state.batch is before
        assert window.banner.isVisible()
        said = window.banner.text.toPlainText()
        assert "corrupt.npz" in said
        assert "\n" not in said
        assert window.banner.objectName() == "banner_bad"

    assert walk(steps) == 0


def test_closing_while_a_load_runs(walk: Callable[..., int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(self: LoadRequest, watch: object) -> None:
        begun.set()
        pause = threading.Event()
        while not watch.cancelled():  # type: ignore[attr-defined]
            pause.wait(0.005)
        ended.set()
        raise Cancelled

    monkeypatch.setattr(LoadRequest, "do", endless)

    def steps(window: Window) -> None:
        window.menus.do("sample.pack-sequence")
        qtbot.waitUntil(begun.is_set, timeout=30_000)
        assert window.banner.isVisible()
        assert window.banner.button.text() == "Cancel"

    assert walk(steps) == 0
    assert ended.is_set()


def test_a_load_can_be_cancelled(walk: Callable[..., int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(self: LoadRequest, watch: object) -> None:
        pause = threading.Event()
        while not watch.cancelled():  # type: ignore[attr-defined]
            pause.wait(0.005)
        raise Cancelled

    monkeypatch.setattr(LoadRequest, "do", endless)

    def steps(window: Window) -> None:
        before = window.session.state.batch
        window.menus.do("sample.pack-sequence")
        window.banner.button.click()
        assert window.session.state.loading is None
        assert window.session.state.batch is before
        qtbot.waitUntil(lambda: not window.session.jobs.busy or "load" not in window.session.jobs._running)

    assert walk(steps) == 0


def test_a_dropped_file_is_opened(walk: Callable[..., int], qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "dropped.npz"
    write_npz(path)

    def steps(window: Window) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        at, left = QPointF(400, 400), Qt.MouseButton.LeftButton
        enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, left, Mod.NoModifier)
        QApplication.sendEvent(window, enter)
        QApplication.sendEvent(window, QDropEvent(at, Qt.DropAction.CopyAction, data, left, Mod.NoModifier))
        qtbot.waitUntil(lambda: "dropped.npz" in window.windowTitle(), timeout=60_000)
        assert lengths(window) == [3, 2, 4]

    assert walk(steps) == 0


def test_every_sample_opens_from_its_menu(walk: Callable[..., int], qtbot: QtBot) -> None:
    def steps(window: Window) -> None:
        for name in [name for name in window.menus.commands if name.startswith("sample.")]:
            window.menus.do(name)
            settled(qtbot, window)
            assert window.session.state.batch.source.shown == name.removeprefix("sample.")
            failed = [answer.why for answer in answers(window.session.state) if answer.failed]
            assert failed == [] or name == "sample.beyond-the-end"

    assert walk(steps) == 0


def test_a_pasted_traceback_is_explained_by_the_row_of_the_batch_beside_it(
    walk: Callable[..., int], qtbot: QtBot
) -> None:
    raised = "RuntimeError: start (10) + length (1) exceeds dimension size (10)."
    told = (
        f'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    out = lstm(packed)\n{raised}'
    )

    def paste(window: Window, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        with qtbot.waitActive(window):
            window.activateWindow()
        press(qtbot, window, Key.Key_V, Mod.ControlModifier)
        qtbot.waitUntil(lambda: window.session.state.loading is None, timeout=30_000)
        settled(qtbot, window)

    def steps(window: Window) -> None:
        settled(qtbot, window)
        window.toggle_part("findings")
        paste(window, told)
        assert window.docks["findings"].isVisible()
        explained = window.findings.explained
        assert explained.isVisible()
        assert explained.message.toPlainText() == raised
        assert lengths(window) == [3, 2, 4]  # the batch is as it was
        paste(
            window, f">>> x = {X}\n>>> lengths = [3, 2, 6]\n>>> batch_first = True\n{told}\n>>> enforce_sorted = False"
        )
        assert lengths(window) == [3, 2, 6]
        cause = explained.causes[0]
        assert (cause.cause.code, cause.cause.rows) == ("length-exceeds-time", (2,))
        cause.show_cell.click()
        assert window.session.state.cursor.row == 2
        explained.dismiss.click()
        assert not explained.isVisible()

    assert walk(steps) == 0


def test_files_of_the_command_line_are_recent_and_one_that_is_not_there_is_said_in_the_window(
    walk: Callable[..., int], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text(json.dumps({"x": X, "lengths": [3, 2, 4], "batch_first": True}))

    def steps(window: Window) -> None:
        settled(qtbot, window)
        assert window.opening.recent()[0] == str(tmp_path / "a.json")
        said = window.scene.banner
        assert said.bad
        assert "none.json: there is no such file" in said.text

    assert walk(steps, "none.json", "a.json") == 2
