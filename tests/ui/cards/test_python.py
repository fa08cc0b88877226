from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from packviz.session.scene.resolve import Scene
from packviz.ui.cards.python import TOKEN, PythonView


def test_the_code_is_shown_and_copied_whole(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = PythonView()
    qtbot.addWidget(view)
    scene = scene_of("first-batch")
    view.draw(scene, None)
    assert view.code.toPlainText() == scene.python
    assert view.code.isReadOnly()
    view.copy.click()
    assert QGuiApplication.clipboard().text() == scene.python
    assert view.copy.text() == "Copied"


def test_tokens_are_told_apart() -> None:
    found = [(m.lastgroup, m.group()) for m in TOKEN.finditer("import torch  # from 3\nx = 'import 3' + 4.5")]
    assert found == [("keyword", "import"), ("comment", "# from 3"), ("string", "'import 3'"), ("number", "4.5")]


@given(st.lists(st.text("ab\n", max_size=12), min_size=1, max_size=6))
def test_replacing_the_code_line_by_line_ends_with_exactly_the_new_text(qapp: object, texts: list[str]) -> None:
    view = PythonView()
    for text in texts:
        view._replace(text)
        assert view.code.toPlainText() == text
    view.deleteLater()
