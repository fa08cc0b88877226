"""What pointer and keys ask of a canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK
from packviz.session import actions as act
from packviz.session.state import Look
from packviz.ui.canvas.canvas import Canvas

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
BOTH = pytest.mark.parametrize("turned", [False, True])


@pytest.mark.parametrize("turned", [False, True])
def test_the_end_of_a_row_can_be_caught_near_it_only(canvas: Canvas, turned: bool) -> None:
    canvas.set_size(5, 3, turned)
    canvas.ends = np.array([3, 2, 5])
    mapper = canvas.mapper
    for column, end in enumerate(canvas.ends.tolist()):
        assert canvas.end_at(mapper.rect(end, column, 0).center()) == column
        assert canvas.end_at(mapper.rect(end - 1, column).center()) == -1
    assert canvas.end_at(mapper.rect(3, 3, 0).center()) == -1
    assert canvas.end_at(QPointF(-5, -5)) == -1
    canvas.ends = None
    assert canvas.end_at(mapper.rect(3, 0, 0).center()) == -1


# ---- the pointer -----------------------------------------------------------------------------------------------------


def test_hovering_tells_of_a_cell_once_and_of_leaving(stage: Callable[..., Any]) -> None:
    shown = stage(BATCH)
    seen: list[object] = []
    shown.pane("padded").canvas.hovered.connect(seen.append)
    shown.hover("padded", 2, 1)
    shown.hover("padded", 2.2, 1.1)
    shown.hover("padded", 3, 1)
    QApplication.sendEvent(shown.pane("padded").canvas, QEvent(QEvent.Type.Leave))
    assert seen == [(2, 1), (3, 1), None]


def test_over_the_rulers_no_cell_is_hovered(stage: Callable[..., Any]) -> None:
    shown = stage(BATCH)
    seen: list[object] = []
    shown.hover("padded", 0, 0)
    shown.pane("padded").canvas.hovered.connect(seen.append)
    shown.send("padded", QEvent.Type.MouseMove, QPoint(4, 80), Qt.MouseButton.NoButton)
    assert seen == [None]


@pytest.mark.parametrize(("orientation", "shape"), [("down", "SizeVerCursor"), ("right", "SizeHorCursor")])
def test_the_pointer_shows_where_an_end_can_be_dragged(stage: Callable[..., Any], orientation: Any, shape: str) -> None:
    shown = stage(BATCH, act.SetLook(Look(orientation=orientation)), size=(1000, 900))
    viewport = shown.pane("padded").canvas
    shown.hover("padded", 2.5, 0)
    assert viewport.cursor().shape() is getattr(Qt.CursorShape, shape)
    shown.hover("padded", 1, 0)
    assert viewport.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_the_wheel_zooms_about_the_pointer_and_a_key_holds_one_axis(stage: Callable[..., Any]) -> None:
    shown = stage(make_batch(np.zeros((200, 300)), [300] * 200, Call(True)))
    canvas = shown.pane("padded").canvas
    before = canvas.mapper
    shown.wheel("padded", 100, 50, 3)
    both = canvas.mapper
    assert both.down_scale > before.down_scale
    assert both.across_scale > before.across_scale
    shown.wheel("padded", 100, 50, 3, Qt.KeyboardModifier.ControlModifier)
    along = canvas.mapper
    assert along.down_scale > both.down_scale
    assert along.across == both.across
    shown.wheel("padded", 100, 50, 3, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.mapper.down == along.down
    assert canvas.mapper.across_scale > along.across_scale


# ---- rulers, clicks and keys -----------------------------------------------------------------------------------------


def told(signal: Any) -> list[Any]:
    """What a signal brings from here on."""
    found: list[Any] = []
    signal.connect(lambda *args: found.append(args[0] if len(args) == 1 else args))
    return found


def on_canvas(canvas: Canvas, down: float, across: float, x: float = 0, y: float = 0) -> QPoint:
    """The pixel of the canvas in the middle of a cell; `x`, `y`: another one instead, of the canvas."""
    at = canvas.mapper.rect(down, across).center() + canvas.cells().topLeft()
    return QPointF(x or at.x(), y or at.y()).toPoint()


@BOTH
def test_a_click_on_a_ruler_tells_its_axis_and_place_and_the_gutter(canvas: Canvas, qtbot: QtBot, turned: bool) -> None:
    canvas.set_size(4, 3, turned)
    heads = told(canvas.head_clicked)
    inner, outer = (26, 5)
    steps = {"y": inner} if turned else {"x": inner}
    gutter = {"y": outer} if turned else {"x": outer}
    rows = {"x": inner} if turned else {"y": inner}
    for where in (steps, gutter, rows):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, 2, 1, **where))
    assert heads == [("down", 2, False), ("down", 2, True), ("across", 1, False)]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))  # the corner
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, 6, 1, **steps))  # beyond the last step
    assert len(heads) == 3


@BOTH
def test_a_right_click_asks_for_a_menu_and_nothing_else(canvas: Canvas, qtbot: QtBot, turned: bool) -> None:
    canvas.set_size(4, 3, turned)
    clicked, menus, before = told(canvas.clicked), told(canvas.menu_asked), canvas.mapper
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=on_canvas(canvas, 2, 1))
    ruler = {"y": 26} if turned else {"x": 26}
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=on_canvas(canvas, 2, 1, **ruler))
    heading = {"x": 26} if turned else {"y": 26}
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=on_canvas(canvas, 2, 1, **heading))
    assert [menu[:2] for menu in menus] == [(2, 1), (2, -1), (-1, 1)]
    assert menus[0][2] == canvas.mapToGlobal(on_canvas(canvas, 2, 1))
    assert clicked == []
    assert canvas.mapper == before


def test_a_double_click_tells_its_cell_and_one_beside_the_cells_is_two_clicks(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_size(4, 3, False)
    doubled, heads = told(canvas.doubled), told(canvas.head_clicked)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, 3, 2))
    assert doubled == [(3, 2)]
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, 3, 2, x=5))
    assert doubled == [(3, 2)]
    assert heads == [("down", 3, True)]


@BOTH
def test_arrows_walk_as_the_cells_lie_on_the_screen_and_enter_enters(
    canvas: Canvas, qtbot: QtBot, turned: bool
) -> None:
    canvas.set_size(4, 3, turned)
    canvas.setFocus()
    walked, entered, menus = told(canvas.walked), told(canvas.entered), told(canvas.menu_asked)
    stretched = told(canvas.stretched)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(canvas, key)
    beside, below = ((1, 0), (0, 1)) if turned else ((0, 1), (1, 0))
    assert walked == [beside, (-beside[0], -beside[1]), below, (-below[0], -below[1])]
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    qtbot.keyClick(canvas, Qt.Key.Key_Menu)
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_A)
    assert len(entered) == 1
    assert [menu[:2] for menu in menus] == [(-1, -1)]
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert (len(walked), len(entered), stretched) == (4, 1, [beside])


def test_what_has_the_focus_has_a_ring(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_theme(DARK)
    canvas.activateWindow()
    canvas.clearFocus()

    def ringed() -> bool:
        at = canvas.cells().topLeft().toPoint() + QPoint(1, 100)
        return canvas.grab().toImage().pixelColor(at).getRgb()[:3] != DARK.rgb("panel")

    assert not ringed()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    assert ringed()
