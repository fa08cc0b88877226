"""The table of parts: whatever reads it has every part, and no part is declared anywhere else."""

from __future__ import annotations

import dataclasses

import pytest

from packviz.session.scene.parts import Scene
from packviz.ui.commands.table import COMMANDS
from packviz.ui.parts import DOCK_PARTS, PARTS, TIME_PARTS, Area
from packviz.ui.window import Window


def test_names_are_names_of_parts_of_the_scene_and_no_two_are_the_same() -> None:
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names)
    assert set(names) <= {f.name for f in dataclasses.fields(Scene)}


def test_each_part_has_its_command_and_its_place_in_the_window(window: Window) -> None:
    commands = {command.id: command.text for command in COMMANDS}
    for part in PARTS:
        assert commands[f"part.{part.name}"] == part.title
    assert list(window.board.panes) == [part.name for part in TIME_PARTS]
    assert list(window.docks) == [part.name for part in DOCK_PARTS]
    for part in DOCK_PARTS:
        assert window.docks[part.name].isHidden() == part.aside, part.name
        if not part.behind:
            assert window.dockWidgetArea(window.docks[part.name]) is part.area


@pytest.mark.parametrize("area", [Area.LeftDockWidgetArea, Area.RightDockWidgetArea, Area.BottomDockWidgetArea])
def test_the_docks_of_one_area_fill_it_and_no_more(area: Area) -> None:
    parts = [part for part in DOCK_PARTS if part.area is area and not part.behind]
    for shares in ([part.share for part in parts], [part.low for part in parts if part.low is not None]):
        assert 0 < sum(shares) <= 1.001
    assert sum(part.share for part in TIME_PARTS) > 0


def test_a_dock_behind_another_is_behind_one_that_stands_in_the_same_area() -> None:
    areas = {part.name: part.area for part in DOCK_PARTS}
    for part in DOCK_PARTS:
        if part.behind:
            assert areas[part.behind] is part.area
