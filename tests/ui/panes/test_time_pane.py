"""What all panes on the time axis do alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Call, make_batch
from packviz.core.findings import Edit
from packviz.core.look.colour import DARK
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.canvas.canvas import Head
from packviz.ui.canvas.reveal import READABLE
from packviz.ui.panes.time_pane import MARGINS, TURNED_MARGINS

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
BOTH = pytest.mark.parametrize("orientation", ["down", "right"])


def opened(orientation: Any = "down", batch: Any = BATCH) -> State:
    return update(update(State(), act.SetLook(Look(orientation=orientation))), act.Open(batch))


def staged(stage: Staged, orientation: Any = "down") -> Any:
    return stage(opened(orientation), size=(1400, 520) if orientation == "down" else (1100, 1100))


@pytest.mark.parametrize("name", ["padded", "packed", "sizes", "row"])
def test_where_time_runs_right_its_ruler_lies_on_top(stage: Staged, name: str) -> None:
    for orientation, margins in (("down", MARGINS), ("right", TURNED_MARGINS)):
        pane = staged(stage, orientation).pane(name)
        top, left = (
            (pane.time_ruler, pane.across_ruler) if orientation == "right" else (pane.across_ruler, pane.time_ruler)
        )
        assert (pane.canvas.top, pane.canvas.left) == (top, left)
        assert (top.rect().height(), left.rect().width()) == margins


def test_turning_there_and_back_leaves_the_pane_as_it_was(stage: Staged) -> None:
    shown = staged(stage)
    before = shown.board.grab().toImage()
    look = shown.state.look
    shown.do(act.SetLook(Look(orientation="right")), act.SetLook(look))
    QApplication.processEvents()
    assert shown.board.grab().toImage() == before


LONG = make_batch(np.ones((40, 90), dtype=np.float32), np.linspace(30, 90, 40).astype(np.int64), Call(True, False))


def zoomed_in(stage: Staged, orientation: Any) -> Any:
    """LONG, some steps and rows around the middle in view."""
    shown = stage(opened(orientation, LONG), size=(1400, 520) if orientation == "down" else (1100, 1100))
    for _ in range(4):
        shown.wheel("padded", 45, 20, 8)
        shown.wheel("packed", 45, 20, 8)
    return shown


def sees(shown: Any, name: str, down: int, across: int | None = None) -> bool:
    """Whether a cell, or a step, is in view of a pane as a whole."""
    mapper = shown.pane(name).canvas.mapper
    there = mapper.down[0] - 1e-6 <= down and down + 1 <= mapper.down[1] + 1e-6
    return there and (across is None or (mapper.across[0] - 1e-6 <= across and across + 1 <= mapper.across[1] + 1e-6))


@BOTH
def test_the_current_step_stays_in_view_wherever_one_steps(stage: Staged, orientation: Any) -> None:
    shown = zoomed_in(stage, orientation)
    assert not sees(shown, "padded", 0)
    for action in (
        act.StepTo(89), act.StepBy(-1), act.StepTo(3), act.StepBy(40), act.RunToBreakpoint(-1),
        act.TogglePlay(), act.Tick(), act.Select(0, 29), act.ApplyFix(Edit("x", lengths=(5,) * 40)), act.Undo(),
    ):  # fmt: skip
        before = shown.pane("padded").canvas.mapper.down
        stood = shown.state.cursor.step
        shown.do(action)
        step = shown.state.cursor.step
        if step == stood:
            continue
        for name in ("padded", "packed", "sizes", "row"):
            if shown.pane(name).canvas.isVisible():
                assert sees(shown, name, step), (name, action)
        after = shown.pane("padded").canvas.mapper.down
        if before[0] <= step and step + 1 <= before[1]:
            assert after == before  # no more than is needed
        elif not isinstance(action, act.ApplyFix | act.Undo):
            assert min(abs(after[0] - step), abs(after[1] - step - 1)) < 1e-6


@BOTH
def test_a_row_that_is_selected_elsewhere_comes_into_view(stage: Staged, orientation: Any) -> None:
    shown = zoomed_in(stage, orientation)
    shown.do(act.StepTo(45), act.Select(1))
    assert sees(shown, "padded", 45, 1)
    shown.do(act.Select(39, 45))
    assert sees(shown, "padded", 45, 39)
    assert sees(shown, "packed", 45, 0)  # the longest row is the first of the sorted ones


@BOTH
@pytest.mark.parametrize("place", [(0, 0), (39, 89), (20, 85), (0, 29)])
def test_a_cell_that_is_to_be_shown_can_be_read(stage: Staged, orientation: Any, place: tuple[int, int]) -> None:
    size = (1400, 520) if orientation == "down" else (1100, 1100)
    shown = stage(opened(orientation, LONG), size=size)
    row, step = place
    assert shown.pane("padded").canvas.mapper.down_scale < READABLE[0]
    shown.do(act.Show(row, step))
    mapper = shown.pane("padded").canvas.mapper
    assert sees(shown, "padded", step, row)
    assert mapper.down_scale >= READABLE[0] - 0.01
    assert mapper.across_scale >= READABLE[1] - 0.01 or mapper.across[1] - mapper.across[0] <= 2
    shown.do(act.StepTo(50))
    assert sees(shown, "padded", 50)
    shown.do(act.Show(row, step))  # the same once more
    assert sees(shown, "padded", step, row)


@BOTH
def test_what_is_out_of_view_is_pointed_at_from_the_edge(stage: Staged, orientation: Any) -> None:
    shown = zoomed_in(stage, orientation)
    assert shown.board.scanline._band().isEmpty()
    head = shown.board.scanline._head()
    assert not head.isEmpty()
    assert shown.board.rect().adjusted(-2, -2, 2, 2).contains(head.boundingRect().toRect())
    image = shown.board.grab().toImage()
    found = image.pixelColor(((head[0] + head[1] + head[2]) / 3).toPoint())
    assert np.abs(np.array(found.getRgb()[:3]) - np.array(DARK.rgb("accent"))).max() < 40
    shown.do(act.StepTo(45))
    assert shown.board.scanline._head().isEmpty()


# ---- asking ----------------------------------------------------------------------------------------------------------


def asked(shown: Any, name: str, signal: str, *args: Any) -> list[Any]:
    """What a pane asks for when its canvas tells this."""
    shown.asked.clear()
    getattr(shown.pane(name).canvas, signal).emit(*args)
    return list(shown.asked)


def test_headings_select_and_the_gutter_takes_a_breakpoint(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    for name in ("padded", "packed", "sizes", "row"):
        assert asked(shown, name, "head_clicked", Head("down", 2, False)) == [act.StepTo(2)]
        assert asked(shown, name, "head_clicked", Head("down", 2, True)) == [act.ToggleBreakpoint(2)]
    assert asked(shown, "padded", "head_clicked", Head("across", 1, False)) == [act.Select(1)]
    order = shown.scene.ribbons.order
    assert asked(shown, "packed", "head_clicked", Head("across", 1, False)) == [act.Select(int(order[1]))]
    assert asked(shown, "row", "head_clicked", Head("across", 1, False)) == []
    assert asked(shown, "states", "head_clicked", Head("down", 2, False)) == [act.Select(2)]
    assert asked(shown, "states", "head_clicked", Head("across", 2, False)) == []


def test_a_double_click_and_enter_show_the_cell(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    order = shown.scene.ribbons.order
    assert asked(shown, "padded", "doubled", 3, 2) == [act.Show(2, 3)]
    assert asked(shown, "packed", "doubled", 1, 0) == [act.Show(int(order[0]), 1)]
    assert asked(shown, "sizes", "doubled", 1, 0) == []
    assert asked(shown, "states", "doubled", 2, 0) == [act.Show(2, 0)]
    shown.do(act.Select(1, 2))
    for name in ("padded", "packed", "sizes", "row", "states"):
        assert asked(shown, name, "entered") == [act.Show(1, 2)]


def test_arrows_walk_over_steps_rows_and_sorted_rows_and_stop_at_the_ends(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    shown.do(act.Select(1, 1))
    assert asked(shown, "padded", "walked", 1, 0) == [act.StepBy(1)]
    assert asked(shown, "padded", "walked", 0, 1) == [act.Select(2)]
    order = shown.scene.ribbons.order.tolist()
    here = order.index(1)
    expected = [act.Select(order[here + 1])] if here + 1 < len(order) else []
    assert asked(shown, "packed", "walked", 0, 1) == expected
    assert asked(shown, "sizes", "walked", 0, 1) == []
    assert asked(shown, "row", "walked", -1, 0) == [act.StepBy(-1)]
    assert asked(shown, "states", "walked", 1, 0) == [act.Select(2)]
    assert asked(shown, "states", "walked", 0, 1) == [act.StepBy(1)]
    shown.do(act.Select(3))
    assert asked(shown, "padded", "walked", 0, 1) == []
    assert asked(shown, "states", "walked", 1, 0) == []


def test_a_menu_is_asked_for_the_row_of_the_batch_whatever_the_pane(stage: Staged) -> None:
    shown = staged(stage)
    shown.work()
    shown.do(act.Select(1, 2))
    menus: list[Any] = []
    for view in (shown.board, shown.states):
        view.menu_asked.connect(lambda place, at: menus.append(place))
    order, at = shown.scene.ribbons.order.tolist(), QPoint(5, 5)
    for name, down, across in (
        ("padded", 3, 2), ("packed", 1, 0), ("sizes", 1, 0), ("padded", -1, 3), ("padded", 2, -1), ("packed", -1, -1),
        ("states", 3, 0), ("padded", 99, 0),
    ):  # fmt: skip
        shown.pane(name).canvas.menu_asked.emit(down, across, at)
    assert menus == [
        Place(2, 3), Place(order[0], 1), Place(-1, 1), Place(3, -1), Place(-1, 2), Place(1, 2), Place(3, 2, "h", 0),
        Place(0, -1),
    ]  # fmt: skip
