"""The scanline: one frame around the current step, across all panes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK
from packviz.session import actions as act
from packviz.session.state import Look, State
from packviz.session.updates.update import update

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
BOTH = pytest.mark.parametrize("orientation", ["down", "right"])


def opened(orientation: Any, batch: Any = BATCH) -> State:
    return update(update(State(), act.SetLook(Look(orientation=orientation))), act.Open(batch))


def is_accent(image: Any, x: float, y: float) -> bool:
    """Whether the pixel there, or one beside it, is of the scanline's colour."""
    accent = np.array(DARK.rgb("accent"))
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            found = image.pixelColor(int(x) + dx, int(y) + dy)
            if np.abs(np.array([found.red(), found.green(), found.blue()]) - accent).max() <= 60:
                return True
    return False


@BOTH
@pytest.mark.parametrize("step", [0, 2, 4])
def test_the_frame_runs_along_the_current_step_through_every_pane(stage: Staged, orientation: Any, step: int) -> None:
    turned = orientation == "right"
    shown = stage(opened(orientation), act.StepTo(step), size=(1100, 1100) if turned else (1400, 520))
    image = shown.board.grab().toImage()
    band = shown.board.scanline._band()
    for name in ("padded", "packed", "sizes"):
        canvas = shown.pane(name).canvas
        ruler = canvas.mapTo(shown.board, QPoint(6, 6))  # between the ruler's labels and the edge of the pane
        for edge in (step, step + 1):
            at = shown.on_board(name, edge)
            x, y = (at.x(), ruler.y() - 4) if turned else (ruler.x() - 4, at.y())
            assert is_accent(image, x, y), (name, edge)
    assert (band.width() if turned else band.height()) == pytest.approx(
        shown.pane("padded").canvas.mapper.down_scale, abs=0.5
    )


def test_steps_of_a_pixel_are_marked_by_a_line(stage: Staged) -> None:
    batch = make_batch(np.broadcast_to(np.float32(0), (64, 1000)), np.full(64, 1000), Call(True))
    shown = stage(opened("down", batch), act.StepTo(400))
    image = shown.board.grab().toImage()
    for name in ("padded", "packed", "sizes"):
        at = shown.on_board(name, 400.5)
        assert is_accent(image, at.x() + 3, at.y()), name


@pytest.mark.parametrize(("pixels", "framed"), [(3.5, False), (5.5, False), (12.5, False), (13.5, True), (19.0, True)])
def test_a_step_as_high_as_its_label_has_a_frame_and_a_thinner_one_lines(
    stage: Staged, pixels: float, framed: bool
) -> None:
    batch = make_batch(np.broadcast_to(np.float32(0), (8, 1000)), np.full(8, 1000), Call(True))
    shown = stage(opened("down", batch), act.StepTo(400))
    canvas = shown.pane("padded").canvas
    canvas.zoomed()
    reach = canvas.mapper.height / pixels / 2
    canvas.ranges.set(y=(400 - reach, 400 + reach))
    QApplication.processEvents()
    assert canvas.mapper.down_scale == pytest.approx(pixels, abs=0.2)
    image, at = shown.board.grab().toImage(), shown.on_board("padded", 400)
    band = shown.board.scanline._band()
    # A frame begins left of the labels, and has an arrow at its end; lines leave the labels free.
    assert is_accent(image, band.left() + 1, band.center().y()) == framed
    assert is_accent(image, band.right() - 6, band.center().y()) == framed
    assert is_accent(image, at.x() + 3, at.y())


def test_a_step_out_of_view_has_no_frame(stage: Staged) -> None:
    batch = make_batch(np.broadcast_to(np.float32(0), (64, 1000)), np.full(64, 1000), Call(True))
    shown = stage(opened("down", batch), act.StepTo(400))
    canvas = shown.pane("padded").canvas
    canvas.zoomed()
    canvas.ranges.set(y=(500, 600))
    assert shown.board.scanline._band().isEmpty()
    canvas.ranges.set(y=(350, 450))
    assert not shown.board.scanline._band().isEmpty()


def test_without_a_batch_there_is_no_frame(stage: Staged) -> None:
    shown = stage(State())
    assert shown.board.scanline._band().isEmpty()
    shown.board.grab()


def test_a_step_moves_the_frame_and_leaves_nothing_behind(stage: Staged) -> None:
    there = stage(opened("down"), act.StepTo(1))
    moved = stage(opened("down"), act.StepTo(3), act.StepTo(1))
    assert there.board.grab().toImage() == moved.board.grab().toImage()


def test_the_frame_lets_the_mouse_through_and_covers_the_board(stage: Staged) -> None:
    shown = stage(opened("down"))
    scanline = shown.board.scanline
    assert scanline.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert scanline.geometry() == shown.board.rect()
    shown.board.resize(900, 480)
    QApplication.processEvents()
    assert scanline.geometry() == shown.board.rect()


def test_the_frame_follows_when_a_pane_is_hidden(stage: Staged) -> None:
    shown = stage(opened("down"), act.StepTo(2))
    before = shown.board.scanline._band()
    shown.board.set_shown("padded", False)
    QApplication.processEvents()
    band = shown.board.scanline._band()
    assert (band.y(), band.height()) == pytest.approx((before.y(), before.height()))
    assert band.x() == pytest.approx(before.x(), abs=2)
