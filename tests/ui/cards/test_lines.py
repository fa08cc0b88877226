"""A line of the panel: what it says, from which hit on, and how its name is typed over."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.expressions.parse import parse
from packviz.core.look.colour import DARK
from packviz.core.stop_list import MOST_HITS
from packviz.core.stops import RowEnds, Where
from packviz.session.scene.stops import StopLine, WatchLine, stop_text
from packviz.ui.cards.lines import Hits, StopRow, WatchRow

Key = Qt.Key
WHERE, OTHER = Where(parse("absmax(h) > 5")), Where(parse("isnan(h)"))


def line(stop: Where | RowEnds = WHERE, first: int = 1, told: str = "2 of 7") -> StopLine:
    return StopLine(stop, stop_text(stop), True, told, first=first)


def watch(text: str = "norm(h)", value: str = "0.5", trouble: str = "") -> WatchLine:
    return WatchLine(parse(text), value, "+0.1", np.arange(4.0), 1, trouble)


@pytest.fixture
def row(qtbot: QtBot) -> StopRow:
    made = StopRow()
    qtbot.addWidget(made)
    made.show_line(line())
    made.show()
    return made


@pytest.fixture
def watched(qtbot: QtBot) -> WatchRow:
    made = WatchRow()
    qtbot.addWidget(made)
    made.show_line(watch(), DARK)
    made.show()
    return made


def asked_by(row: StopRow) -> list[int]:
    asked: list[int] = []
    row.hits.valueChanged.connect(asked.append)
    return asked


def test_the_hit_is_read_in_words_and_takes_no_more_room_than_they_need(row: StopRow) -> None:
    hits = row.hits
    assert (hits.text(), row.told.text()) == ("every hit", "2 of 7")
    wide = hits.width()
    row.show_line(line(first=3))
    assert hits.text() == "from hit 3"
    row.show_line(line(first=MOST_HITS))
    assert hits.text() == "from hit 999999"
    assert wide < hits.width() < 140
    assert hits.accessibleName() == "Stop from which hit on: absmax(h) > 5"
    assert "1: at every hit" in hits.toolTip()
    assert hits.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_hit_is_typed_and_taken_by_enter_and_stepped_by_the_arrows(row: StopRow, qtbot: QtBot) -> None:
    asked = asked_by(row)
    row.hits.selectAll()
    qtbot.keyClicks(row.hits, "12")
    assert asked == []
    qtbot.keyClick(row.hits, Key.Key_Return)
    assert asked == [12]
    qtbot.keyClick(row.hits, Key.Key_Up)
    qtbot.keyClick(row.hits, Key.Key_Down)
    assert asked == [12, 13, 12]


def test_showing_a_line_asks_for_nothing_and_keeps_what_is_half_typed(row: StopRow, qtbot: QtBot) -> None:
    asked = asked_by(row)
    row.hits.selectAll()
    qtbot.keyClicks(row.hits, "4")
    row.show_line(line(told="3 of 7"))
    assert "4" in row.hits.text()
    row.show_line(line(OTHER))  # that is another one: what was typed was not for it
    assert row.hits.text() == "every hit"
    qtbot.keyClick(row.hits, Key.Key_Return)
    row.show_line(line(OTHER, first=5))
    assert asked == []


def test_a_row_that_goes_asks_for_nothing_that_is_half_typed(row: StopRow, qtbot: QtBot) -> None:
    asked = asked_by(row)
    row.hits.selectAll()
    qtbot.keyClicks(row.hits, "4")
    row.go()
    assert row.isHidden()
    assert asked == []


def test_the_wheel_scrolls_the_panel_unless_the_field_has_the_focus(qtbot: QtBot) -> None:
    hits = Hits()
    qtbot.addWidget(hits)
    hits.show()
    hits.clearFocus()

    def turn() -> int:
        at = QPointF(5, 5)
        none, held = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(at, at, QPoint(), QPoint(0, 120), none, held, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(hits, event)
        return hits.value()

    assert turn() == 1
    hits.activateWindow()
    hits.setFocus()
    qtbot.waitUntil(hits.hasFocus)
    assert turn() == 2


def test_a_name_is_typed_over_in_its_place(row: StopRow, qtbot: QtBot) -> None:
    typed, edited = list[str](), list[bool]()
    row.retyped.connect(typed.append)
    row.edited.connect(lambda: edited.append(True))
    qtbot.keyClick(row.on, Key.Key_F2)
    assert row.on.isHidden()
    assert not row.editor.isHidden()
    assert row.editor.text() == row.editor.selectedText() == "absmax(h) > 5"
    qtbot.keyClicks(row.editor, "h > 6")
    assert edited
    row.show_line(line(told="3 of 7"))  # a step further
    assert row.editor.text() == "h > 6"
    qtbot.keyClick(row.editor, Key.Key_Return)
    assert typed == ["h > 6"]
    assert not row.editor.isHidden()  # until somebody has taken it
    row.leave()
    assert row.editor.isHidden()
    assert not row.on.isHidden()


def test_the_same_text_and_escape_are_no_change(row: StopRow, watched: WatchRow, qtbot: QtBot) -> None:
    for one, name in ((row, row.on), (watched, watched.name)):
        typed: list[str] = []
        one.retyped.connect(typed.append)
        qtbot.keyClick(name, Key.Key_Return)
        qtbot.keyClick(one.editor, Key.Key_Return)
        assert one.editor.isHidden()
        qtbot.keyClick(name, Key.Key_F2)
        qtbot.keyClicks(one.editor, "c > 1")
        qtbot.keyClick(one.editor, Key.Key_Escape)
        assert one.editor.isHidden()
        assert not name.isHidden()
        assert typed == []
        qtbot.keyClick(name, Key.Key_F2)
        assert one.editor.text() == name.full


def test_a_line_of_another_one_ends_the_typing(row: StopRow, watched: WatchRow) -> None:
    row.edit()
    row.show_line(line(OTHER))
    assert row.editor.isHidden()
    assert row.on.full == "isnan(h)"
    watched.edit()
    watched.show_line(watch("mean(h)"), DARK)
    assert watched.editor.isHidden()
    watched.edit()
    watched.go()
    assert watched.isHidden()


def test_only_an_expression_is_typed_over(row: StopRow, qtbot: QtBot) -> None:
    row.show_line(line(RowEnds()))
    qtbot.keyClick(row.on, Key.Key_F2)
    assert row.editor.isHidden()
    assert "F2" not in row.on.toolTip()
    row.show_line(line())
    assert "F2" in row.on.toolTip()


def test_a_double_click_on_the_text_leaves_the_box_as_it_was(row: StopRow, qtbot: QtBot) -> None:
    switched: list[bool] = []
    row.switched.connect(lambda: switched.append(True))
    left, text = Qt.MouseButton.LeftButton, QPoint(60, row.on.height() // 2)
    qtbot.mouseClick(row.on, left, pos=text)
    qtbot.mouseDClick(row.on, left, pos=text)
    qtbot.mouseRelease(row.on, left, pos=text)
    assert len(switched) == 2
    assert not row.editor.isHidden()


def test_a_watch_says_its_value_and_its_change_or_what_is_wrong(watched: WatchRow) -> None:
    assert (watched.name.full, watched.value.full) == ("norm(h)", "0.5 (+0.1)")
    assert "F2" in watched.name.toolTip()
    watched.show_line(watch(trouble="there are 3 rows"), DARK)
    assert watched.value.full == "not here"
    assert watched.value.toolTip() == watched.name.toolTip() == "there are 3 rows"
    watched.edit()
    assert watched.name.isHidden()
    assert watched.plot.isHidden()
    assert not watched.value.isHidden()


def test_a_narrow_panel_has_room_for_a_line(row: StopRow, watched: WatchRow) -> None:
    row.show_line(line(Where(parse(" + ".join(["norm(h)"] * 40) + " > 5")), first=MOST_HITS))
    watched.show_line(watch(" + ".join(["norm(h)"] * 40), "0.3489493727684021"), DARK)
    assert max(row.minimumSizeHint().width(), watched.minimumSizeHint().width()) <= 222
