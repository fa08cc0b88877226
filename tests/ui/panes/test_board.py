"""The board: four panes on one time axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.panes.board import StateChooser

Staged = Callable[..., Any]
NAMES = ("padded", "packed", "sizes", "row")
SMALL = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
LONG = make_batch(np.ones((40, 90), dtype=np.float32), np.linspace(30, 90, 40).astype(np.int64), Call(True, False))


def looking(orientation: Any) -> act.SetLook:
    return act.SetLook(Look(orientation=orientation))


def assert_one_axis(shown: Any, steps: tuple[int, ...], turned: bool) -> None:
    """Every step begins at the same pixel of the board in every pane, within half a pixel."""
    for step in steps:
        places = {name: shown.on_board(name, step) for name in NAMES}
        along = [place.x() if turned else place.y() for place in places.values()]
        assert max(along) - min(along) <= 0.5, (step, places)


@pytest.mark.parametrize("batch", [SMALL, LONG], ids=["small", "long"])
@pytest.mark.parametrize("orientation", ["down", "right"])
@pytest.mark.parametrize("size", [(1400, 520), (860, 430), (1900, 900), (1003, 611)], ids=str)
def test_a_step_is_at_the_same_place_in_every_pane(
    stage: Staged, size: tuple[int, int], orientation: Any, batch: Batch
) -> None:
    turned = orientation == "right"
    shown = stage(batch, looking(orientation), size=size)
    steps = (0, 1, 3, batch.steps - 1, batch.steps)
    assert all(shown.pane(name).canvas.isVisible() for name in NAMES)
    assert_one_axis(shown, steps, turned)
    # … after zooming any of them, after panning, after a resize, after fitting anew.
    for name, turns in (("padded", 4), ("packed", 2), ("sizes", -1), ("row", 3)):
        shown.wheel(name, 2, 0, turns)
        assert_one_axis(shown, steps, turned)
    shown.board.resize(size[0] + 120, size[1] + 77)
    QApplication.processEvents()
    assert_one_axis(shown, steps, turned)
    shown.board.fit()
    QApplication.processEvents()
    assert_one_axis(shown, steps, turned)


def test_zooming_one_pane_zooms_time_in_all_and_rows_only_in_its_own(stage: Staged) -> None:
    shown = stage(LONG)
    before = {name: shown.pane(name).canvas.mapper for name in NAMES}
    shown.wheel("packed", 20, 10, 4)
    after = {name: shown.pane(name).canvas.mapper for name in NAMES}
    assert len({(m.down[0], m.down[1]) for m in after.values()}) == 1
    assert after["packed"].down_scale > before["packed"].down_scale
    assert after["packed"].across_scale > before["packed"].across_scale
    for name in ("padded", "row"):
        assert after[name].across == before[name].across


@pytest.mark.parametrize("orientation", ["down", "right"])
def test_the_panes_stay_aligned_through_turning_editing_and_missing_panes(stage: Staged, orientation: Any) -> None:
    turned = orientation == "right"
    shown = stage(SMALL, looking("right"), looking("down"), looking(orientation))
    assert_one_axis(shown, (0, 2, 5), turned)
    shown.do(act.SetLength(1, 9))  # longer than x: the axis grows in all panes
    shown.work()
    for name in ("padded", "packed", "sizes"):
        assert shown.pane(name).canvas.size_down == 9
    shown.do(act.Undo())
    shown.work()
    assert_one_axis(shown, (0, 2, 5), turned)
    shown.board.set_shown("packed", False)
    QApplication.processEvents()
    shown.board.set_shown("packed", True)
    QApplication.processEvents()
    assert_one_axis(shown, (0, 2, 5), turned)


def test_a_pane_that_comes_later_joins_the_axis_of_the_others(stage: Staged) -> None:
    shown = stage(update(State(), act.Open(LONG)))
    assert not shown.pane("row").canvas.isVisible()
    shown.wheel("padded", 40, 10, 4)
    zoomed = shown.pane("padded").canvas.mapper.down
    shown.work()
    assert shown.pane("row").canvas.isVisible()
    assert_one_axis(shown, (0, 40, 90), False)
    assert shown.pane("padded").canvas.mapper.down == pytest.approx(zoomed)


def test_another_module_leaves_the_zoom_along_time(stage: Staged) -> None:
    shown = stage(LONG)
    shown.wheel("padded", 40, 10, 4)
    zoomed = shown.pane("padded").canvas.mapper.down
    shown.do(act.SetModel(Module("GRU", 9)))
    shown.work()
    assert shown.pane("row").canvas.size_across == 9
    assert shown.pane("padded").canvas.mapper.down == pytest.approx(zoomed)
    assert_one_axis(shown, (0, 40, 90), False)


def test_another_batch_is_shown_whole(stage: Staged) -> None:
    shown = stage(LONG)
    shown.wheel("padded", 40, 10, 4)
    shown.do(act.Open(SMALL))
    shown.work()
    for name in NAMES:
        down = shown.pane(name).canvas.mapper.down
        assert down[0] <= 0
        assert down[1] >= 5
    assert_one_axis(shown, (0, 5), False)


def test_time_runs_right_with_the_panes_stacked(stage: Staged) -> None:
    shown = stage(SMALL, looking("right"), size=(1100, 1100))
    assert shown.board.splitter.orientation() == Qt.Orientation.Vertical
    assert all(shown.pane(name).canvas.turned for name in NAMES)
    shown.do(looking("down"))
    assert shown.board.splitter.orientation() == Qt.Orientation.Horizontal


def test_drawing_with_all_its_results_asks_for_nothing(stage: Staged) -> None:
    shown = stage(SMALL)
    shown.do(
        act.StepTo(2), act.Select(1), looking("right"), act.SetLook(Look("value", theme="light")), act.SetLength(0, 9)
    )
    shown.work()
    assert shown.asked == []


def test_what_did_not_change_is_not_drawn_again(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = stage(SMALL)
    for name in ("padded", "packed", "row"):
        monkeypatch.setattr(shown.pane(name), "_show", lambda *_: pytest.fail("it was shown again"))
    shown.do(act.StepTo(2), act.Hover(None), act.ToggleBreakpoint(1))


# ---- the chooser of the shown state ----------------------------------------------------------------------------------


def test_the_chooser_has_a_button_for_each_state_and_shows_the_one_chosen(qtbot: QtBot) -> None:
    chooser = StateChooser()
    qtbot.addWidget(chooser)
    asked: list[object] = []
    chooser.intent.connect(asked.append)
    look = Look("value", "right", "light", "i", 2)
    chooser.set(("h", "c", "i", "f", "g", "o"), look)
    assert list(chooser.buttons) == ["h", "c", "i", "f", "g", "o"]
    assert [name for name, button in chooser.buttons.items() if button.isChecked()] == ["i"]
    assert asked == []
    chooser.buttons["c"].click()
    assert asked == [act.SetLook(Look("value", "right", "light", "c", 2))]


def test_the_chooser_follows_the_module(stage: Staged) -> None:
    shown = stage(SMALL)
    chooser = shown.board.chooser
    assert list(chooser.buttons) == ["h", "c", "i", "f", "g", "o"]
    kept = chooser.buttons["h"]
    shown.do(act.SetLook(Look(shown="c")))
    assert chooser.buttons["h"] is kept
    assert chooser.buttons["c"].isChecked()
    shown.do(act.SetModel(Module("RNN")))
    assert list(chooser.buttons) == ["h"]
    assert chooser.buttons["h"].isChecked()


def test_choosing_a_state_shows_it_in_the_row_pane(stage: Staged) -> None:
    shown = stage(SMALL)
    shown.board.chooser.buttons["f"].click()
    shown.do(*shown.asked)
    assert shown.scene.row.grid.shown == "f"
    assert shown.pane("row").subtitle.full == shown.scene.row.subtitle


def test_another_batch_is_shown_whole_even_where_somebody_had_zoomed(stage: Staged) -> None:
    shown = stage(SMALL)
    time = shown.board.time
    whole = time.range
    shown.wheel("padded", 1, 1, 4)
    assert time.range != whole
    shown.do(act.Open(make_batch(np.ones((4, 5)), [5, 4, 3, 2], Call(batch_first=True))))
    assert time.range == whole
