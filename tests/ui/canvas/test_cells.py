"""What the canvas shows at the middle of each cell, as cells and as an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.look import colour
from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.scene.grids import Kind
from packviz.session.state import COLOURS, Look, State, showing
from packviz.session.updates.update import update
from packviz.ui.canvas.cells import FUTURE, MOST_CELLS, PAST, ROOMY

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
CORNER = (12, -14)  # from the middle of a cell to where no number stands


def opened(batch: Batch = BATCH, look: Look | None = None) -> State:
    return update(update(State(), act.SetLook(look or Look())), act.Open(batch))


def near(one: Any, other: Any, by: int = 3) -> bool:
    return bool(np.all(np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)) <= by))


def large(rows: int = 512, steps: int = 1000) -> Batch:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, steps)).astype(np.float32)
    return make_batch(x, random.integers(steps // 3, steps + 1, rows), Call(True, False))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("orientation", ["down", "right"])
@pytest.mark.parametrize("name", ["padded", "packed"])
def test_each_cell_has_the_colour_of_its_grid_faded_by_its_distance_in_time(
    stage: Staged, name: str, orientation: Any, theme: Theme
) -> None:
    size = (1400, 520) if orientation == "down" else (1000, 1300)
    shown = stage(opened(look=Look(orientation=orientation, theme=theme.name)), act.Select(1, 2), size=size)
    grid = getattr(shown.scene, name).grid
    for row, length in enumerate(BATCH.lengths.tolist()):
        column = row if name == "padded" else int(shown.scene.ribbons.order.tolist().index(row))
        for step, fade in ((0, PAST), (2, 0.0), (4, FUTURE)):
            if step >= length:
                continue
            fill = grid.fills(np.array([step]), np.array([column]))[0, 0, :3]
            expected = colour.mix(fill, theme.rgb("panel"), fade)
            assert near(shown.colour(name, step, column, CORNER), expected), (row, step)


def test_backward_the_steps_above_are_those_to_come(stage: Staged) -> None:
    shown = stage(showing(BATCH, Module(directions=2)), act.StepTo(2), act.GoToPass(0, 1))
    grid, row = shown.scene.padded.grid, 2
    for step, fade in ((0, FUTURE), (2, 0.0), (4, PAST)):
        fill = grid.fills(np.array([step]), np.array([row]))[0, 0, :3]
        expected = colour.mix(fill, DARK.rgb("panel"), fade)
        assert near(shown.colour("padded", step, row, CORNER), expected), step
    shown.do(act.StepBy(1))  # up by one
    for step, fade in ((0, FUTURE), (1, 0.0), (2, PAST)):
        fill = grid.fills(np.array([step]), np.array([row]))[0, 0, :3]
        expected = colour.mix(fill, DARK.rgb("panel"), fade)
        assert near(shown.colour("padded", step, row, CORNER), expected), step


@pytest.mark.parametrize("by", COLOURS)
def test_padding_never_looks_like_a_zero_inside_the_length(stage: Staged, by: Any) -> None:
    batch = make_batch(np.zeros((3, 5)), [3, 3, 3], Call(True, False))
    shown = stage(opened(batch, Look(by)))
    around = [(dx, dy) for dx in (-16, -12, 12, 16) for dy in (-14, 14)]
    zero = {shown.colour("padded", 0, 0, at) for at in around}
    padding = {shown.colour("padded", 4, 0, at) for at in around}
    assert len(zero) == 1
    assert padding <= {DARK.rgb("padding"), DARK.rgb("hatch")}
    assert not zero & padding


def test_a_step_that_x_has_not_is_drawn_in_red(stage: Staged) -> None:
    shown = stage(opened(BATCH.with_lengths([3, 2, 7, 5])))
    image = shown.pane("padded").canvas.grab().toImage()
    centre = shown.at("padded", 6, 2)
    pixels = [image.pixelColor(centre.x() + x, centre.y() + y) for x in range(-24, 25) for y in range(-24, 25)]
    reddest = max(p.red() - p.blue() for p in pixels)
    assert reddest > 40
    assert shown.colour("padded", 6, 0) == DARK.rgb("panel")  # nothing is there


def test_a_large_batch_is_shown_as_an_image_with_the_right_pixel_for_each_cell(stage: Staged) -> None:
    batch = large()
    shown = stage(opened(batch), act.StepTo(500), size=(1600, 560))
    for name in ("padded", "packed"):
        mapper = shown.pane(name).canvas.mapper
        assert mapper.down_scale < 1
        grid = getattr(shown.scene, name).grid
        image = shown.pane(name).canvas.grab().toImage()
        corner = shown.pane(name).canvas.cells().topLeft().toPoint()
        checked = 0
        for y in (60, 200, 300):
            for x in (10, 90, 170):
                down = int(mapper.down[0] + (y + 0.5) / mapper.down_scale)
                across = int(mapper.across[0] + (x + 0.5) / mapper.across_scale)
                if abs(down - 500) < 6 or grid.kinds(np.array([down]), np.array([across]))[0, 0] != Kind.DATA:
                    continue
                fill = grid.fills(np.array([down]), np.array([across]))[0, 0, :3]
                expected = colour.mix(fill, DARK.rgb("panel"), PAST if down < 500 else FUTURE)
                found = image.pixelColor(corner.x() + x, corner.y() + y)
                rgb = (found.red(), found.green(), found.blue())
                assert near(rgb, expected, 8), (name, x, y)
                checked += 1
        assert checked >= 4


def test_the_image_of_a_large_batch_hatches_its_padding(stage: Staged) -> None:
    batch = make_batch(np.zeros((512, 1000), dtype=np.float32), np.full(512, 300), Call(True, False))
    shown = stage(opened(batch), act.StepTo(299), size=(1600, 560))
    canvas = shown.pane("padded").canvas
    image, at = canvas.grab().toImage(), shown.at("padded", 800, 250)
    seen = {image.pixel(at.x() + x, at.y() + y) & 0xFFFFFF for x in range(-20, 20) for y in range(-20, 20)}
    assert len(seen) == 2  # stripes, faded as the future


def test_cells_are_drawn_one_by_one_only_while_they_are_large_and_few(stage: Staged) -> None:
    shown = stage(opened())
    layer, canvas = shown.pane("padded").layer, shown.pane("padded").canvas
    assert layer._as_cells(canvas.mapper)
    many = stage(opened(large(200, 200)))
    layer, canvas = many.pane("padded").layer, many.pane("padded").canvas
    assert min(canvas.mapper.down_scale, canvas.mapper.across_scale) < ROOMY
    assert not layer._as_cells(canvas.mapper)
    assert MOST_CELLS < 200 * 200


def test_the_selected_and_the_hovered_cell_are_framed_in_both_panes(stage: Staged) -> None:
    shown = stage(opened())
    places = {"padded": (1, 2), "packed": (1, 0)}
    before = {name: shown.pane(name).canvas.grab().toImage() for name in places}
    shown.do(act.Hover(Place(2, 1)))
    for name, (down, across) in places.items():
        after = shown.pane(name).canvas.grab().toImage()
        rect = shown.pane(name).canvas.mapper.rect(down, across)
        at = shown.at(name, down, across)
        frame = [(at.x() + dx, at.y() - round(rect.height() / 2) + 1) for dx in (-10, 0, 10)]
        assert any(before[name].pixel(*place) != after.pixel(*place) for place in frame), name
        elsewhere = shown.at(name, 4, 3)
        assert before[name].pixel(elsewhere) == after.pixel(elsewhere)


def test_findings_are_marked_on_their_cells(stage: Staged) -> None:
    shown = stage(BATCH)
    for name, across in (("padded", 2), ("packed", 0)):
        image, at = shown.pane(name).canvas.grab().toImage(), shown.at(name, 4, across)
        pixels = [image.pixelColor(at.x() + x, at.y() + y) for x in range(-30, 31) for y in range(-27, 28)]
        assert any(near((p.red(), p.green(), p.blue()), DARK.rgb("silent"), 40) for p in pixels), name


def test_pointing_does_not_paint_the_cells_again(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = stage(opened())
    shown.pane("padded").canvas.grab()
    layer = shown.pane("padded").layer
    monkeypatch.setattr(layer, "_draw_grid", lambda *_, **__: pytest.fail("the cells were painted again"))
    shown.do(act.Hover(Place(0, 1)))
    shown.do(act.Select(2))
    shown.pane("padded").canvas.grab()


def test_a_stale_grid_is_dimmed(stage: Staged) -> None:
    shown = stage(BATCH)
    before = shown.colour("row", 0, 0, CORNER)
    shown.do(act.SetLength(2, 4))
    assert shown.scene.row.stale
    assert shown.colour("row", 0, 0, CORNER) != before


def test_the_end_of_each_row_bears_a_handle(stage: Staged) -> None:
    shown = stage(opened())
    text = DARK.rgb("text")
    for row, end in enumerate([3, 2, 5, 5]):
        assert near(shown.colour("padded", end - 0.5, row), text, 30), row


@pytest.mark.parametrize("orientation", ["down", "right"])
def test_after_any_steps_the_cells_look_as_if_drawn_afresh(stage: Staged, orientation: Any) -> None:
    size = (1400, 520) if orientation == "down" else (1000, 1300)
    shown = stage(opened(look=Look(orientation=orientation)), size=size)
    canvases = [shown.pane(name).canvas for name in ("padded", "packed")]
    layers = [shown.pane(name).layer for name in ("padded", "packed")]
    for step in (1, 2, 4, 0, 3, 3):
        shown.do(act.StepTo(step))
        mended = [canvas.grab().toImage() for canvas in canvases]
        for layer in layers:
            layer._picture.key = None
        assert mended == [canvas.grab().toImage() for canvas in canvases], step


def test_a_step_paints_only_the_steps_that_it_leaves_and_enters(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = stage(opened())
    drawn: list[list[int]] = []
    layer = shown.pane("padded").layer
    real = layer._draw_cells
    monkeypatch.setattr(layer, "_draw_cells", lambda p, m, d, c: (drawn.append(d.tolist()), real(p, m, d, c)))
    shown.do(act.StepTo(1), act.StepTo(2))
    assert drawn == [[0, 1, 2]]
