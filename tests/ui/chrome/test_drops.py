from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from packviz.ui.window import Window


def entered(window: Window, data: QMimeData) -> QDragEnterEvent:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPointF(9, 9).toPoint(), Qt.DropAction.CopyAction, data, left, none)
    event.ignore()
    QApplication.sendEvent(window, event)
    return event


def test_what_cannot_be_opened_is_not_taken(window: Window) -> None:
    assert not entered(window, QMimeData()).isAccepted()
    assert window.drop_hint.isHidden()


def test_the_hint_goes_when_the_drag_leaves(window: Window) -> None:
    data = QMimeData()
    data.setText("[[1, 2]]")
    assert entered(window, data).isAccepted()
    assert window.drop_hint.isVisible()
    assert window.drop_hint.geometry() == window.rect()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert window.drop_hint.isHidden()


def test_dropped_text_is_loaded(window: Window) -> None:
    data = QMimeData()
    data.setText("[[1, 2], [3, 0]]")
    entered(window, data)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))
    assert window.session.state.loading.request.text == "[[1, 2], [3, 0]]"
