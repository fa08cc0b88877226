"""The panel of breakpoints and watches."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.stop_list import Stops
from packviz.core.stops import NotFinite, RowEnds, Where
from packviz.session.actions import Open, RunToBreakpoint, StepBy, StopFrom, SwitchStop, ToggleStop, ToggleWatch
from packviz.session.document import Document
from packviz.ui.cards.stops import StopsView
from packviz.ui.window import Window

X = np.array([[[1.0], [2], [3], [0]], [[4], [5], [0], [0]], [[6], [np.nan], [8], [9]]], dtype=np.float32)


@pytest.fixture
def panel(window: Window, qtbot: QtBot) -> StopsView:
    window.session.apply(Open(make_batch(X, [3, 2, 4], Call(True, False)), Module("GRU", 3)))
    window.session.work()
    qtbot.waitUntil(lambda: window.session.scene.states.grid is not None, timeout=20_000)
    window.menus.do("break_where")
    QApplication.processEvents()
    found: StopsView = window.parts["stops"]
    return found


def test_what_is_typed_is_stopped_at_and_watched(window: Window, panel: StopsView, qtbot: QtBot) -> None:
    panel.field.setText("isnan(h)")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    panel.watch.setText("absmax(h)")
    qtbot.keyClick(panel.watch, Qt.Key.Key_Return)
    document = window.session.state.document
    assert document is not None
    assert document.stops.stops == (Where(parse("isnan(h)")),)
    assert document.watches == (parse("absmax(h)"),)
    assert (panel.field.text(), panel.watch.text()) == ("", "")
    qtbot.waitUntil(lambda: panel.stop_rows[0].told.text() == "0 of 3", timeout=10_000)
    window.session.apply(RunToBreakpoint(1))
    assert window.session.state.cursor.step == 1
    assert panel.stop_rows[0].told.text() == "1 of 3"
    assert panel.watch_rows[0].value.full != ""
    panel.stop_rows[0].on.click()
    assert window.session.state.document is not None
    assert window.session.state.document.stops.on == ()
    panel.watch_rows[0].cross.click()
    panel.stop_rows[0].cross.click()
    assert window.session.state.document.watches == ()
    assert panel.stop_rows == panel.watch_rows == []


def test_a_wrong_expression_is_said_and_the_cursor_stands_at_its_character(
    window: Window, panel: StopsView, qtbot: QtBot
) -> None:
    panel.field.setText("absmax(hh) > 5")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.sentence.isVisible()
    assert "at character 8: there is no 'hh'" in panel.sentence.text()
    assert panel.field.cursorPosition() == 7
    assert panel.field.text() == "absmax(hh) > 5"
    assert window.session.state.document is not None
    assert window.session.state.document.stops.stops == ()
    qtbot.keyClicks(panel.field, "x")
    assert not panel.sentence.isVisible()


def test_the_usual_ones_are_a_click_away_until_they_are_set(window: Window, panel: StopsView) -> None:
    button = panel.usual[NotFinite()]
    button.click()
    assert window.session.state.document is not None
    assert window.session.state.document.stops.stops == (NotFinite(),)
    assert button.isHidden()
    window.session.apply(ToggleStop(NotFinite()))
    assert not button.isHidden()


def document_of(window: Window) -> Document:
    found = window.session.state.document
    assert found is not None
    return found


ABOVE, NAN = Where(parse("absmax(h) > 5")), Where(parse("isnan(h)"))


def test_a_breakpoint_is_told_from_which_hit_on_it_stops(window: Window, panel: StopsView, qtbot: QtBot) -> None:
    for stop in (RowEnds(), NAN):
        window.session.apply(ToggleStop(stop))
    hits = panel.stop_rows[1].hits
    hits.selectAll()
    qtbot.keyClicks(hits, "2")
    assert document_of(window).stops.first_hit(NAN) == 1  # not before Enter
    qtbot.keyClick(hits, Qt.Key.Key_Return)
    assert document_of(window).stops.from_hit == ((NAN, 2),)
    assert [row.hits.text() for row in panel.stop_rows] == ["every hit", "from hit 2"]
    window.session.apply(SwitchStop(RowEnds()))
    qtbot.waitUntil(lambda: panel.stop_rows[1].told.text() == "0 of 3", timeout=10_000)
    window.session.apply(RunToBreakpoint(1))
    assert window.session.state.cursor.step == 2
    assert panel.stop_rows[1].told.text() == "2 of 3"
    window.menus.do("clear_breakpoints")
    assert document_of(window).stops == Stops()


def test_a_watch_is_typed_over_by_f2_or_a_double_click(window: Window, panel: StopsView, qtbot: QtBot) -> None:
    for text in ("norm(h)", "mean(h)"):
        window.session.apply(ToggleWatch(parse(text)))
    row = panel.watch_rows[0]
    row.name.setFocus()
    qtbot.keyClick(row.name, Qt.Key.Key_F2)
    assert QApplication.activeModalWidget() is None  # that key is the window's elsewhere
    assert not row.editor.isHidden()
    row.editor.setText("absmax(h)")
    window.session.apply(StepBy(1))
    assert row.editor.text() == "absmax(h)"
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert document_of(window).watches == (parse("absmax(h)"), parse("mean(h)"))
    assert row.name.full == "absmax(h)"
    assert row.name.hasFocus()
    assert row.editor.isHidden()
    qtbot.mouseDClick(row.name, Qt.MouseButton.LeftButton)
    row.editor.setText("mean( h )")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert document_of(window).watches == (parse("mean(h)"),)  # that was there already
    assert len(panel.watch_rows) == 1


def test_a_breakpoint_is_typed_over_and_stays_off_and_from_its_hit_on(
    window: Window, panel: StopsView, qtbot: QtBot
) -> None:
    for action in (ToggleStop(ABOVE), ToggleStop(RowEnds()), SwitchStop(ABOVE), StopFrom(ABOVE, 3)):
        window.session.apply(action)
    row = panel.stop_rows[0]
    qtbot.keyClick(row.on, Qt.Key.Key_Return)
    row.editor.setText("  isnan(h) ")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert document_of(window).stops == Stops((NAN, RowEnds()), frozenset({NAN}), ((NAN, 3),))
    qtbot.keyClick(row.on, Qt.Key.Key_F2)
    row.editor.setText("isnan( h )")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert row.on.full == "isnan( h )"  # it means the same, and is written as it was typed


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        (" absmax(hh) > 5", 8, "at character 8: there is no 'hh'"),
        ("absmax(h)", 0, "this is a number"),
        ("", 0, "the expression ends here"),
    ],
)
def test_a_wrong_change_is_said_and_changes_nothing(
    window: Window, panel: StopsView, qtbot: QtBot, text: str, at: int, said: str
) -> None:
    window.session.apply(ToggleStop(ABOVE))
    before, row = window.session.state, panel.stop_rows[0]
    row.edit()
    row.editor.setText(text)
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert window.session.state is before
    assert said in panel.sentence.text()
    assert (row.editor.text(), row.editor.cursorPosition()) == (text, at)
    assert panel.sentence.isVisible()
    qtbot.keyClicks(row.editor, "h")
    assert not panel.sentence.isVisible()
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    qtbot.keyClick(row.editor, Qt.Key.Key_Escape)
    assert not panel.sentence.isVisible()
    assert not row.on.isHidden()
    assert window.session.state is before


def test_the_sentence_stands_below_the_list_that_it_is_about_and_is_scrolled_to(
    window: Window, panel: StopsView, qtbot: QtBot
) -> None:
    for count in range(8):
        window.session.apply(ToggleWatch(parse(f"norm(h) + {count}")))
    row = panel.watch_rows[7]
    row.edit()
    row.editor.setText("norm(hh)")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert panel.sentence.y() > panel.watch.y() or panel.sentence.y() == 0  # laid out a moment later
    qtbot.waitUntil(lambda: panel.sentence.y() > panel.watch.y() and not row.editor.visibleRegion().isEmpty())
    qtbot.keyClick(row.editor, Qt.Key.Key_Escape)
    panel.field.setText("h >")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.field.y() < panel.sentence.y() < panel.watch.y())


def test_tab_goes_down_the_panel(window: Window, panel: StopsView) -> None:
    for stop in (RowEnds(), NAN):
        window.session.apply(ToggleStop(stop))
    window.session.apply(ToggleWatch(parse("norm(h)")))
    first, second, watch = *panel.stop_rows, panel.watch_rows[0]
    expected = [first.on, first.cross, first.hits, second.on, second.cross, second.hits, panel.field]
    expected += [*panel.usual.values(), watch.name, watch.cross, panel.watch]
    order, widget = [], expected[0]
    while widget is not panel.watch:
        if widget in expected:
            order.append(widget)
        widget = widget.nextInFocusChain()
    assert [*order, panel.watch] == expected
    window.session.apply(ToggleStop(RowEnds()))
    assert panel.stop_rows == [first]
    assert first.on.full == "isnan(h)"
