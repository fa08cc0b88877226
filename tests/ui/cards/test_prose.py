from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from packviz.ui.cards.prose import Flow, Prose


@pytest.mark.parametrize("width", [60, 150, 400])
def test_prose_is_as_high_as_its_text(qtbot: QtBot, width: int) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    prose = Prose(text="a_word_that_is_far_too_long_to_fit_into_one_line_of_it and others\nand a line")
    box = QVBoxLayout(holder)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(prose)
    box.addStretch(1)
    holder.resize(width, 900)
    holder.show()
    QApplication.processEvents()
    assert prose.document().size().height() <= prose.viewport().height()
    assert prose.document().idealWidth() <= prose.viewport().width() + 1


def test_flow_goes_on_in_the_next_line(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = Flow(holder)
    buttons = [QPushButton(f"button {i}") for i in range(4)]
    for button in buttons:
        flow.addWidget(button)
    width = buttons[0].sizeHint().width()
    holder.resize(2 * width + 10, flow.heightForWidth(2 * width + 10))
    holder.show()
    QApplication.processEvents()
    assert buttons[0].y() == buttons[1].y() < buttons[2].y() == buttons[3].y()
    assert buttons[3].geometry().bottom() <= holder.height()
