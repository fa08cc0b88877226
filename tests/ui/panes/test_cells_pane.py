"""A pane of cells: what it shows of the scene, and what pointing, clicking and dragging ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.panes.cells_pane import runs_of

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
BOTH = pytest.mark.parametrize("orientation", ["down", "right"])


def opened(orientation: Any = "down", batch: Any = BATCH) -> State:
    return update(update(State(), act.SetLook(Look(orientation=orientation))), act.Open(batch))


def staged(stage: Staged, orientation: Any = "down") -> Any:
    return stage(opened(orientation), size=(1400, 520) if orientation == "down" else (1100, 1100))


# ---- clicks ----------------------------------------------------------------------------------------------------------


@BOTH
def test_a_click_on_a_padded_cell_selects_its_row_and_step(stage: Staged, orientation: Any) -> None:
    shown = staged(stage, orientation)
    for row, step in ((0, 0), (2, 4), (1, 3), (3, 1)):
        shown.click("padded", step, row)
        assert shown.asked == [act.Select(row, step)]


@BOTH
def test_a_click_on_a_packed_cell_selects_the_row_that_stands_there(stage: Staged, orientation: Any) -> None:
    rotated = make_batch(BATCH.x[:3], [3, 2, 5], BATCH.call)
    shown = stage(opened(orientation, rotated), size=(1400, 520) if orientation == "down" else (1100, 1100))
    order = shown.scene.ribbons.order.tolist()
    assert order == [2, 0, 1]
    for sorted_row, row in enumerate(order):
        shown.click("packed", 1, sorted_row)
        assert shown.asked == [act.Select(row, 1)]


def test_a_click_beside_the_rows_moves_to_the_step_and_one_below_all_steps_does_nothing(stage: Staged) -> None:
    shown = staged(stage)
    shown.click("padded", 3, 4)
    assert shown.asked == [act.StepTo(3)]
    shown.click("padded", 5, 0)
    assert shown.asked == []


def test_a_click_on_the_states_of_a_row_moves_to_the_step(stage: Staged) -> None:
    shown = stage(BATCH)
    shown.click("row", 2, 3)
    assert shown.asked == [act.StepTo(2)]


@pytest.mark.parametrize("name", ["padded", "packed", "sizes", "row"])
def test_the_middle_button_toggles_a_breakpoint_on_the_step(stage: Staged, name: str) -> None:
    shown = stage(BATCH)
    shown.click(name, 2, 0, Qt.MouseButton.MiddleButton)
    assert shown.asked == [act.ToggleBreakpoint(2)]


# ---- hovering --------------------------------------------------------------------------------------------------------


@BOTH
def test_hovering_asks_for_the_place_in_the_batch_and_for_none_on_leaving(stage: Staged, orientation: Any) -> None:
    shown = staged(stage, orientation)
    shown.hover("padded", 4, 2)
    shown.hover("packed", 1, 0)
    QApplication.sendEvent(shown.pane("packed").canvas, QEvent(QEvent.Type.Leave))
    assert shown.asked == [act.Hover(Place(2, 4)), act.Hover(Place(2, 1)), act.Hover(None)]


def test_outside_the_rows_only_the_step_is_hovered_and_below_all_steps_nothing(stage: Staged) -> None:
    shown = staged(stage)
    shown.hover("padded", 3, 4)
    shown.hover("padded", 5, 0)
    assert shown.asked == [act.Hover(Place(-1, 3)), act.Hover(None)]


def test_the_twin_of_a_hovered_cell_is_where_torch_packed_it(stage: Staged) -> None:
    shown = staged(stage)
    shown.do(act.Hover(Place(2, 4)))
    assert shown.pane("padded").layer.hover == (4, 2)
    assert shown.pane("packed").layer.hover == (4, 0)
    shown.do(act.Hover(Place(0, 4)))  # padding: only its step is lit in the packed pane
    assert shown.pane("packed").layer.hover == (4, -1)
    shown.do(act.Hover(None))
    assert shown.pane("packed").layer.hover is None


# ---- dragging --------------------------------------------------------------------------------------------------------


def end(shown: Any, row: int, at: float) -> QPoint:
    """The pixel of the end of a row, were its length `at`."""
    canvas = shown.pane("padded").canvas
    return (canvas.mapper.rect(at, row, 0).center() + canvas.cells().topLeft()).toPoint()


@BOTH
def test_dragging_the_end_of_a_row_sets_its_length_under_one_number_a_drag(stage: Staged, orientation: Any) -> None:
    shown = staged(stage, orientation)
    shown.drag("padded", end(shown, 1, 2), end(shown, 1, 2.6), end(shown, 1, 3.4), end(shown, 1, 4))
    lengths = [wish for wish in shown.asked if isinstance(wish, act.SetLength)]
    assert {wish.row for wish in lengths} == {1}
    assert [wish.length for wish in lengths if wish.length != 2][-1] == 4
    assert 3 in [wish.length for wish in lengths]
    first = {wish.gesture for wish in lengths}
    assert len(first) == 1
    shown.drag("padded", end(shown, 3, 5), end(shown, 3, 4), end(shown, 3, 3))
    second = {wish.gesture for wish in shown.asked if isinstance(wish, act.SetLength)}
    assert len(second) == 1
    assert not first & second


def test_a_drag_through_the_session_is_one_undo(stage: Staged) -> None:
    shown = staged(stage)
    before = shown.state.batch
    shown.drag("padded", end(shown, 1, 2), end(shown, 1, 3), end(shown, 1, 4), end(shown, 1, 5))
    shown.do(*(wish for wish in shown.asked if isinstance(wish, act.SetLength)))
    assert shown.state.batch.lengths.tolist() == [3, 5, 5, 5]
    shown.do(act.Undo())
    assert shown.state.batch is before


def test_a_drag_far_outside_asks_for_a_length_that_the_axis_has(stage: Staged) -> None:
    shown = staged(stage)
    far = end(shown, 1, 2)
    shown.drag("padded", far, far + QPoint(0, 30), far + QPoint(0, 2000), far - QPoint(0, 2000))
    lengths = [wish.length for wish in shown.asked if isinstance(wish, act.SetLength)]
    assert max(lengths) == 5
    assert min(lengths) == 0


def test_dragging_a_cell_changes_no_length(stage: Staged) -> None:
    shown = staged(stage)
    at = shown.at("padded", 1, 1)
    shown.drag("padded", at, at + QPoint(0, 20), at + QPoint(0, 60))
    assert not [wish for wish in shown.asked if isinstance(wish, act.SetLength)]


def test_the_packed_pane_has_no_ends_to_drag(stage: Staged) -> None:
    shown = staged(stage)
    assert shown.pane("packed").canvas.ends is None
    assert shown.pane("padded").canvas.ends.tolist() == [3, 2, 5, 5]


def test_zooming_stays_when_the_batch_is_edited(stage: Staged) -> None:
    random = np.random.default_rng(0)
    batch = make_batch(np.ones((30, 60)), random.integers(20, 61, 30), Call(True, False))
    shown = stage(opened(batch=batch))
    shown.wheel("padded", 30, 10, 4)
    before = shown.pane("padded").canvas.mapper
    inside, row = int(before.down[0]) + 2, int(before.across[0]) + 2
    shown.do(act.SetLength(3, 25), act.StepTo(inside), act.Select(row))
    assert shown.pane("padded").canvas.mapper == before


def test_the_row_pane_points_at_a_unit_of_its_row_and_beyond_its_length_at_the_step_alone(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    shown.asked.clear()
    length = int(shown.scene.row.grid.length)
    shown.hover("row", length - 1, 2)
    shown.hover("row", length, 2)
    row = shown.scene.row.grid.row
    assert shown.asked == [act.Hover(Place(row, length - 1, "h", 2)), act.Hover(Place(-1, length))]
    shown.do(shown.asked[0])
    assert shown.pane("row").layer.hover == (length - 1, 2)
    shown.do(act.Hover(Place(row, length - 1, "c", 2)))
    assert shown.pane("row").layer.hover == (length - 1, -1)


def test_shift_and_ctrl_extend_the_selection_as_the_columns_lie(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    shown.do(act.Select(1, 1))
    order = shown.scene.ribbons.order.tolist()
    for keys, name, down, across, asked in (
        (Qt.KeyboardModifier.ShiftModifier, "padded", 3, 2, act.SelectBlock((1, 2), 1, 3)),
        (Qt.KeyboardModifier.ControlModifier, "padded", 3, 2, act.ToggleRow(2)),
        (Qt.KeyboardModifier.ControlModifier, "packed", 1, 0, act.ToggleRow(order[0])),
    ):
        canvas = shown.pane(name).canvas
        shown.asked.clear()
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, keys, shown.at(name, down, across))
        assert [a for a in shown.asked if not isinstance(a, act.Hover)] == [asked]
    here, there = order.index(1), 0
    shown.asked.clear()
    QTest.mouseClick(
        shown.pane("packed").canvas,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
        shown.at("packed", 0, 0),
    )
    rows = tuple(order[place] for place in range(min(here, there), max(here, there) + 1))
    assert [a for a in shown.asked if not isinstance(a, act.Hover)] == [act.SelectBlock(rows, 1, 0)]


@pytest.mark.parametrize("name", ["padded", "packed"])
def test_shift_and_arrows_stretch_the_selection_from_the_current_cell(stage: Staged, name: str) -> None:
    shown = staged(stage)
    shown.work()
    order = shown.scene.ribbons.order.tolist() if name == "packed" else list(range(len(BATCH.x)))
    shown.do(act.Select(order[1], 1))
    canvas = shown.pane(name).canvas
    canvas.setFocus()

    def press(key: Qt.Key) -> Any:
        shown.asked.clear()
        QTest.keyClick(canvas, key, Qt.KeyboardModifier.ShiftModifier)
        for asked in shown.asked:
            shown.do(asked)
        block = shown.scene.pointer.block
        return None if block is None else (set(block.rows), block.first, block.last)

    assert press(Qt.Key.Key_Right) == ({order[1], order[2]}, 1, 1)
    assert press(Qt.Key.Key_Down) == ({order[1], order[2]}, 1, 2)
    assert press(Qt.Key.Key_Left) == ({order[1]}, 1, 2)
    assert press(Qt.Key.Key_Left) == ({order[0], order[1]}, 1, 2)
    assert press(Qt.Key.Key_Left) == ({order[0], order[1]}, 1, 2)  # there is no column further left
    assert press(Qt.Key.Key_Up) == ({order[0], order[1]}, 1, 1)
    assert press(Qt.Key.Key_Up) == ({order[0], order[1]}, 0, 1)
    assert press(Qt.Key.Key_Up) == ({order[0], order[1]}, 0, 1)
    assert (shown.scene.pointer.row, shown.scene.pointer.step) == (order[1], 1)


def test_the_selected_row_is_labelled_whatever_the_others(stage: Staged) -> None:
    x = np.ones((200, 12), np.float32)
    shown = stage(make_batch(x, [12] * 200, Call(True, False)), act.Select(123))
    shown.work()
    for name, column in (("padded", 123), ("packed", shown.scene.ribbons.order.tolist().index(123))):
        ruler = shown.pane(name).across_ruler
        labels = ruler._placed(ruler._labels(), ruler._axis()[0][0], ruler._axis()[1])
        assert column in [index for index, *_ in labels]
        assert len(labels) > 2


def test_selected_cells_are_tinted_in_both_panes_and_told_in_the_inspector(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    before = {name: shown.colour(name, 0, 1, (0, 12)) for name in ("padded", "packed")}
    rows = (1, shown.scene.ribbons.order.tolist()[1])
    shown.do(act.SelectBlock(rows, 0, 1))
    assert shown.pane("padded").layer.runs == runs_of(np.array(sorted(set(rows))))
    for name in ("padded", "packed"):
        assert shown.colour(name, 0, 1, (0, 12)) != before[name]
    line = next(line for line in shown.scene.inspector.lines if line.startswith("selected:"))
    assert "cells: min " in line
    assert runs_of(np.array([0, 1, 4, 5, 7])) == ((0, 2), (4, 6), (7, 8))
    assert runs_of(np.array([], dtype=int)) == ()
