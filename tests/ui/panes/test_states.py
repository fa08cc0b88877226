"""The state pane: every state of every row after the current step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.state import Look
from packviz.ui.canvas.picture import Picture

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)


def near(one: Any, other: Any, by: int = 3) -> bool:
    return bool(np.all(np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)) <= by))


def corner(shown: Any) -> tuple[int, int]:
    """From the middle of a cell to where no number stands."""
    scale = shown.pane("states").canvas.mapper
    return round(scale.across_scale * 0.25), -round(scale.down_scale * 0.36)


def test_each_cell_has_the_colour_of_the_state_after_the_step(stage: Staged) -> None:
    shown = stage(BATCH, act.StepTo(2))
    grid = shown.scene.states.grid
    rows, columns = np.arange(4), np.array([0, 5, 8, 15, 30])
    fills = grid.fills(rows, columns)[..., :3]
    for i, row in enumerate(rows.tolist()):
        for j, column in enumerate(columns.tolist()):
            found = shown.colour("states", row, column, corner(shown))
            assert near(found, fills[i, j]), (row, column)


def test_between_two_states_there_is_a_gap(stage: Staged) -> None:
    shown = stage(BATCH, act.StepTo(2))
    assert shown.colour("states", 2, 6) == DARK.rgb("panel")


def test_an_ended_row_keeps_its_colours_from_step_to_step_and_is_dimmed(stage: Staged) -> None:
    shown = stage(BATCH, act.StepTo(1))
    active = shown.colour("states", 1, 3, corner(shown))
    shown.do(act.StepTo(2))
    ended = shown.colour("states", 1, 3, corner(shown))
    shown.do(act.StepTo(4))
    assert near(shown.colour("states", 1, 3, corner(shown)), ended)
    panel = np.array(DARK.rgb("panel"))
    assert np.abs(np.array(ended) - panel).sum() < np.abs(np.array(active) - panel).sum()


def test_a_click_selects_the_row_and_keeps_the_step(stage: Staged) -> None:
    shown = stage(BATCH, act.StepTo(2))
    for row in range(4):
        shown.click("states", row, 7)
        assert shown.asked == [act.Select(row)]


def test_hovering_points_at_the_row_at_this_step_and_at_none_on_leaving(stage: Staged) -> None:
    shown = stage(BATCH, act.StepTo(2))
    shown.asked.clear()
    shown.hover("states", 3, 10)
    QApplication.sendEvent(shown.pane("states").canvas, QEvent(QEvent.Type.Leave))
    assert shown.asked == [act.Hover(Place(3, 2, "c", 3)), act.Hover(None)]
    shown.hover("states", 3, 6)  # between h and c
    assert shown.asked[-1] == act.Hover(Place(3, 2))


def test_the_unit_that_the_pointer_is_on_is_framed(stage: Staged) -> None:
    shown = stage(BATCH)
    canvas = shown.pane("states").canvas

    def edge(column: int) -> QPoint:
        corner = canvas.mapper.rect(1, column).topLeft() + canvas.cells().topLeft()
        return (corner + QPointF(6, 1)).toPoint()

    shown.do(act.Hover(Place(1, 0)))
    before = canvas.grab().toImage()
    shown.do(act.Hover(Place(1, 0, "c", 1)))
    framed = canvas.grab().toImage()
    column = shown.scene.states.grid.column("c", 1)
    assert framed.pixelColor(edge(column)) != before.pixelColor(edge(column))
    assert framed.pixelColor(edge(column + 1)) == before.pixelColor(edge(column + 1))


def test_a_row_with_a_problem_is_outlined_in_red(stage: Staged) -> None:
    shown = stage(BATCH)
    canvas = shown.pane("states").canvas
    assert shown.pane("states").layer.bad == frozenset(), "its trouble is at t4"
    shown.do(act.StepTo(3))
    assert shown.pane("states").layer.bad == frozenset()
    shown.do(act.StepTo(4))
    assert shown.pane("states").layer.bad == frozenset({2})
    image, start = canvas.grab().toImage(), canvas.cells().topLeft().toPoint()

    def red(row: int) -> int:
        """How many pixels along the upper edge of a row are red."""
        top = canvas.mapper.rect(row, 0).top()
        edge = [
            [image.pixelColor(start.x() + x, start.y() + int(top) + y) for y in (0, 1)]
            for x in range(int(canvas.mapper.rect(0, 0, 1, shown.scene.states.grid.across).width()))
        ]
        return sum(any(near((p.red(), p.green(), p.blue()), DARK.rgb("error"), 50) for p in pair) for pair in edge)

    assert red(2) > 50
    assert red(1) == 0


def test_hover_and_selection_light_the_whole_row(stage: Staged) -> None:
    shown = stage(BATCH)
    before = shown.colour("states", 3, 6)
    shown.do(act.Hover(Place(3, 1)))
    assert shown.colour("states", 3, 6) != before
    shown.do(act.Select(3))
    assert shown.pane("states").layer.row == 3


def test_another_module_shows_its_own_states(stage: Staged) -> None:
    shown = stage(BATCH)
    width = shown.scene.states.grid.across
    shown.do(act.SetModel(Module("GRU", 5)))
    shown.work()
    assert shown.scene.states.grid.across == 4 * 6 - 1 != width
    assert shown.pane("states").canvas.size_across == 23
    assert not shown.pane("states").layer.stale


def test_without_states_the_pane_says_why(stage: Staged) -> None:
    shown = stage(BATCH.with_lengths([3, 0, 5, 5]))
    assert shown.pane("states").empty.text() == "Nothing to step: the batch is not packed."
    assert not shown.pane("states").canvas.isVisible()


def test_the_pane_stays_the_way_it_is_when_time_turns(stage: Staged) -> None:
    shown = stage(BATCH)
    before = shown.pane("states").canvas.grab().toImage()
    shown.do(act.SetLook(Look(orientation="right")))
    assert shown.pane("states").canvas.grab().toImage() == before


def test_a_large_batch_is_drawn_as_an_image(stage: Staged) -> None:
    random = np.random.default_rng(0)
    lengths = random.integers(1, 6, 300)
    x = np.where(np.arange(5) < lengths[:, None], random.normal(size=(300, 5)), 0).astype(np.float32)
    batch = make_batch(x, lengths, Call(True, False))
    shown = stage(batch, act.StepTo(2))
    grid = shown.scene.states.grid
    canvas = shown.pane("states").canvas
    assert canvas.mapper.down_scale < 1
    image, start = canvas.grab().toImage(), canvas.cells().topLeft().toPoint()
    for y in (17, 120, 200):
        row = int(canvas.mapper.down[0] + (y + 0.5) / canvas.mapper.down_scale)
        fill = grid.fills(np.array([row]), np.array([9]))[0, 0, :3]
        found = image.pixelColor(shown.at("states", row, 9).x(), start.y() + y)
        assert near((found.red(), found.green(), found.blue()), fill, 6)


def test_the_labels_of_many_rows_stand_apart_and_are_round_numbers(stage: Staged) -> None:
    rng = np.random.default_rng(0)
    shown = stage(make_batch(rng.normal(size=(256, 12)), rng.integers(1, 12, 256), Call(True, False)))
    shown.work()
    ruler = shown.states.rows
    scale = shown.states.canvas.mapper.down_scale
    for stride in (round(10 / scale), round(20 / scale)):
        kept = ruler._apart(list(range(0, 256, stride)))
        middles = [ruler._middle(row) for row in kept]
        assert len(kept) > 3
        assert np.diff(middles).min() >= 13
    ruler.current = 97
    assert 97 in ruler._apart(sorted({*range(0, 256, round(20 / scale)), 97}))


def test_headings_and_labels_stay_beside_their_cells_whatever_is_zoomed_panned_or_stepped(stage: Staged) -> None:
    shown = stage(BATCH)
    view, random = shown.pane("states"), np.random.default_rng(7)
    canvas, grid = view.canvas, shown.scene.states.grid
    for _ in range(25):
        match random.integers(4):
            case 0:
                down, across = random.uniform(0, grid.down), random.uniform(0, grid.across)
                shown.wheel("states", down, across, int(random.integers(-2, 3)))
            case 1:
                start = QPoint(int(random.integers(100, 600)), int(random.integers(60, 200)))
                way = QPoint(int(random.integers(-90, 90)), int(random.integers(-40, 40)))
                shown.drag("states", start, start + way / 2, start + way)
            case 2:
                shown.do(act.StepTo(int(random.integers(0, 5))))
            case _:
                view.resize(int(random.integers(500, 1400)), int(random.integers(200, 420)))
                QApplication.processEvents()
        painted = canvas.grab().toImage()
        again = fresh(canvas)
        assert painted == again, "what is painted is not what the map from cells to pixels says now"


def fresh(canvas: Any) -> QImage:
    """The canvas painted without anything that was kept of earlier frames."""
    for part in (*canvas.layers, canvas.top, canvas.left):
        for name in ("_picture", "_ribbons", "_mark_picture", "_shape"):
            if hasattr(part, name):
                setattr(part, name, Picture())
    canvas._mapper = None
    return canvas.grab().toImage()


class Paints(QObject):
    """Notes which part of a widget is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QRect] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.seen.append(event.rect())  # type: ignore[attr-defined]
        return False


def test_a_zoom_and_a_pan_paint_the_rulers_with_the_cells(stage: Staged) -> None:
    shown = stage(BATCH)
    canvas, paints = shown.pane("states").canvas, Paints()
    canvas.installEventFilter(paints)
    for ask in (
        lambda: shown.wheel("states", 1, 5, 2),
        lambda: shown.drag("states", QPoint(300, 120), QPoint(340, 120), QPoint(360, 130)),
    ):
        paints.seen.clear()
        ask()
        QApplication.processEvents()
        assert canvas.rect() in paints.seen
    canvas.removeEventFilter(paints)


def test_the_name_of_a_block_that_begins_out_of_view_stands_where_it_comes_in(stage: Staged) -> None:
    shown = stage(BATCH)
    canvas = shown.pane("states").canvas
    first, stop = shown.scene.states.grid.block(1)
    canvas.zoomed()
    canvas.ranges.set(x=(first + 2, first + 4))
    image, left = canvas.grab().toImage(), round(canvas.cells().x())
    ground = image.pixel(left + 400, 4)
    inked = [x for x in range(left, left + 120) for y in range(canvas.margins[0]) if image.pixel(x, y) != ground]
    assert inked
    assert min(inked) - left < 6
    assert stop - first > 4
