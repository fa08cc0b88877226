"""The menu of the right button: every line of it does what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from packviz.core.moments import Moment
from packviz.core.origins import OfState, OfX
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.scene.resolve import Scene, resolve
from packviz.session.updates.update import update
from packviz.ui.chrome.beside import Beside
from packviz.ui.commands.context import entries_of
from tests.ui.conftest import state_of


def texts(scene: Scene, place: Place) -> list[str]:
    return [entry.text for entry in entries_of(scene, place)]


def test_a_cell_a_row_and_a_step_have_lines_of_their_own(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("first-batch")
    assert texts(scene, Place(2, 1)) == [
        "Where does x[2, 1] go?", "Zoom to x[2, 1]", "Pin the inspector to x[2, 1]", "Step to t1", "Breakpoint on t1",
        "End row 2 before t1: length 1", "End row 2 after t1: length 2", "Copy x[2, 1]", "Copy row 2 as a list",
    ]  # fmt: skip
    assert texts(scene, Place(1, -1)) == ["Zoom to row 1", "Copy row 1 as a list"]
    assert texts(scene, Place(-1, 2)) == ["Step to t2", "Breakpoint on t2"]
    assert texts(scene, Place(-1, -1)) == []


def test_what_asks_of_a_number_shows_its_window(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("first-batch")
    going = entries_of(scene, Place(2, 1))[0]
    assert (going.action, going.shows) == (act.AskReach(OfX(2, 1, 0)), "raise_reach")
    coming, *_ = entries_of(scene, Place(2, 1, "h", 3))
    assert (coming.action, coming.shows) == (act.AskOrigin(OfState("h", Moment(1), 2, 3)), "raise_origin")
    assert all(hasattr(Beside, entry.shows) for entry in (going, coming))
    assert not any(" go?" in text for text in texts(scene, Place(1, 2)))  # padding goes nowhere


def test_a_step_beyond_the_last_has_no_breakpoint(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("first-batch")
    assert scene.pointer.last_step == 3
    assert not any("Breakpoint" in text or "Step to" in text for text in texts(scene, Place(0, 4)))


@pytest.mark.parametrize("place", [Place(2, 1), Place(0, 2), Place(1, -1), Place(-1, 3)])
def test_every_action_changes_something_and_every_text_is_of_that_place(place: Place) -> None:
    state = state_of("first-batch")
    for entry in entries_of(resolve(state, None), place):
        assert (entry.action is None) == bool(entry.copies)
        if entry.action is not None:
            assert update(state, entry.action) != state or entry.action == act.SetLength(0, 3)
    lines = {entry.text: entry for entry in entries_of(resolve(state, None), Place(0, 2))}
    ended = update(state, lines["End row 0 before t2: length 2"].action)
    assert ended.batch is not None
    assert ended.batch.lengths[0] == 2
    assert lines["Copy x[0, 2]"].copies == "3.0"
    assert lines["Copy row 0 as a list"].copies == "[1.0, 2.0, 3.0]"


def test_a_breakpoint_that_is_set_bears_a_tick() -> None:
    state = update(state_of("first-batch"), act.ToggleBreakpoint(1))
    lines = {entry.text: entry.ticked for entry in entries_of(resolve(state, None), Place(-1, 1))}
    assert lines["Breakpoint on t1"] is True
