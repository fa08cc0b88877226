"""batch_sizes: one bar a step, as long as there are active rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK, LIGHT
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.panes.bars import ROOM, ROOM_BELOW

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)


def opened(batch: Any = BATCH, look: Look | None = None) -> State:
    return update(update(State(), act.SetLook(look or Look())), act.Open(batch))


def extents(shown: Any, steps: list[int], turned: bool) -> list[int]:
    """How many pixels of each step's middle line are covered by its bar, up to the first one that is not."""
    canvas = shown.pane("sizes").canvas
    image = canvas.grab().toImage()
    corner = canvas.cells().topLeft().toPoint()
    panel = (shown.scene.theme.rgb("panel"),)
    found = []
    for step in steps:
        centre = canvas.mapper.band(step, step + 1).center()
        length = 0
        while True:
            x, y = (centre.x(), length) if turned else (length, centre.y())
            colour = image.pixelColor(corner.x() + int(x), corner.y() + int(y))
            if (colour.red(), colour.green(), colour.blue()) in panel:
                break
            length += 1
        found.append(length)
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("orientation", ["down", "right"])
def test_a_bar_is_as_long_as_its_batch_size(stage: Staged, orientation: Any, theme: Any) -> None:
    turned = orientation == "right"
    look = Look(orientation=orientation, theme=theme)
    shown = stage(opened(look=look), size=(1100, 1100) if turned else (1400, 520))
    mapper = shown.pane("sizes").canvas.mapper
    unit = (mapper.height - ROOM_BELOW if turned else mapper.width - ROOM) / 4
    sizes = shown.scene.sizes.sizes.tolist()
    assert sizes == [4, 4, 3, 2, 2]
    assert extents(shown, [0, 1, 2, 3, 4], turned) == pytest.approx([size * unit for size in sizes], abs=1.5)


@pytest.mark.parametrize("orientation", ["down", "right"])
def test_bars_of_a_pixel_each_are_as_long_as_the_large_ones(stage: Staged, orientation: Any) -> None:
    turned = orientation == "right"
    lengths = np.linspace(100, 1000, 64).astype(np.int64)
    batch = make_batch(np.broadcast_to(np.float32(0), (64, 1000)), lengths, Call(True, False))
    shown = stage(opened(batch, Look(orientation=orientation)), size=(1100, 1100) if turned else (1400, 520))
    mapper = shown.pane("sizes").canvas.mapper
    assert mapper.down_scale < 1
    unit = (mapper.height - ROOM_BELOW if turned else mapper.width - ROOM) / 64
    steps = [50, 400, 700, 900]
    sizes = shown.scene.sizes.sizes
    assert extents(shown, steps, turned) == pytest.approx([sizes[t] * unit for t in steps], abs=2.5)


def test_the_current_step_has_the_accent_and_the_others_have_not(stage: Staged) -> None:
    shown = stage(opened(), act.StepTo(2))
    assert shown.colour("sizes", 2, 0, (-10, 0)) == DARK.rgb("accent")
    assert shown.colour("sizes", 1, 0, (-10, 0)) == DARK.rgb("bar")
    shown.do(act.SetLook(Look(theme="light")))
    assert shown.colour("sizes", 2, 0, (-10, 0)) == LIGHT.rgb("accent")


def test_steps_that_x_has_not_are_framed_in_red_and_empty(stage: Staged) -> None:
    shown = stage(opened(BATCH.with_lengths([3, 2, 7, 5])))
    canvas = shown.pane("sizes").canvas
    bar = canvas.mapper.band(6, 7)
    assert shown.scene.sizes.down == 7
    image, corner = canvas.grab().toImage(), canvas.cells().topLeft().toPoint()
    pixels = [image.pixelColor(corner.x() + x, corner.y() + int(bar.y()) + y) for x in range(60) for y in range(50)]
    assert max(p.red() - p.blue() for p in pixels) > 80
    inside = image.pixelColor(corner.x() + 8, corner.y() + int(bar.center().y()))
    assert (inside.red(), inside.green(), inside.blue()) == DARK.rgb("panel")


def test_a_click_moves_to_the_step_and_hovering_points_at_no_row(stage: Staged) -> None:
    shown = stage(opened())
    shown.click("sizes", 3, 0)
    assert shown.asked == [act.StepTo(3)]
    shown.asked.clear()
    shown.hover("sizes", 1, 0)
    shown.hover("sizes", 6, 0)
    shown.hover("sizes", 2, 0)
    QApplication.sendEvent(shown.pane("sizes").canvas, QEvent(QEvent.Type.Leave))
    assert shown.asked == [act.Hover(Place(-1, 1)), act.Hover(None), act.Hover(Place(-1, 2)), act.Hover(None)]


def test_the_hovered_step_is_lit(stage: Staged) -> None:
    shown = stage(opened())
    before = shown.colour("sizes", 3, 0, (60, 0))
    shown.do(act.Hover(Place(0, 3)))
    assert shown.colour("sizes", 3, 0, (60, 0)) != before


def test_where_torch_packs_nothing_there_are_no_bars(stage: Staged) -> None:
    shown = stage(opened(BATCH.with_lengths([0, 1, 1, 1])))
    assert shown.pane("sizes").empty.text() == "no batch_sizes"
    assert not shown.pane("sizes").canvas.isVisible()


def test_the_number_of_a_step_that_is_out_of_view_stands_nowhere(stage: Staged) -> None:
    x = np.ones((6, 200), np.float32)
    shown = stage(make_batch(x, [200, 150, 90, 60, 30, 9], Call(True, False)), act.StepTo(3))
    canvas = shown.pane("sizes").canvas
    canvas.zoomed()
    canvas.ranges.set(y=(100, 180))
    with_it = canvas.grab().toImage()
    accent = [
        (px, py)
        for px in range(with_it.width())
        for py in range(with_it.height())
        if with_it.pixelColor(px, py).getRgb()[:3] == DARK.rgb("accent")
    ]
    assert accent == []


@pytest.mark.parametrize("orientation", ["down", "right"])
@pytest.mark.parametrize("step", [0, 3, 60, 197, 199])
def test_the_number_of_a_thin_step_is_not_struck_through_by_the_scanline(
    stage: Staged, orientation: Any, step: int
) -> None:
    x = np.ones((6, 200), np.float32)
    batch = make_batch(x, [200, 150, 90, 60, 30, 9], Call(True, False))
    shown = stage(opened(batch, Look(orientation=orientation)), act.StepTo(step), size=(1100, 1000))
    canvas = shown.pane("sizes").canvas
    cells = canvas.cells().toRect()
    image = canvas.grab(cells).toImage()
    inked = [
        (px, py)
        for px in range(image.width())
        for py in range(image.height())
        if image.pixelColor(px, py).getRgb()[:3] == DARK.rgb("accent")
    ]
    assert inked
    along = [px if orientation == "right" else py for px, py in inked]
    band = canvas.mapper.band(step, step + 1)
    first, last = (band.left(), band.right()) if orientation == "right" else (band.top(), band.bottom())
    assert max(along) < first - 2 or min(along) > last + 2
    assert min(along) >= 1
    assert max(along) <= (cells.width() if orientation == "right" else cells.height()) - 2
