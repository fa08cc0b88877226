from __future__ import annotations

from packviz.session.scene.resolve import resolve
from packviz.session.state import COLOURS
from packviz.session.updates.update import update
from packviz.ui.commands.keys import SETS
from packviz.ui.commands.view import VIEW
from packviz.ui.parts import PARTS
from tests.ui.conftest import state_of

BY_ID = {command.id: command for command in VIEW}


def test_time_is_turned_and_turned_back_and_nothing_else_of_the_look() -> None:
    state, turn = state_of("first-batch"), BY_ID["turn"]
    assert turn.action is not None
    assert turn.ticked is not None
    seen = []
    for _ in range(3):
        scene = resolve(state, None)
        seen.append((scene.controls.look.orientation, turn.ticked(scene)))
        action = turn.action(scene)
        assert action is not None
        state = update(state, action)
    assert seen == [("down", False), ("right", True), ("down", False)]


def test_every_part_every_colour_and_every_set_of_keys_has_its_command() -> None:
    assert {command.menu.split("/")[0] for command in VIEW} == {"View"}
    assert {command.argument for command in VIEW if command.method == "toggle_part"} == {part.name for part in PARTS}
    assert {command.argument for command in VIEW if command.method == "choose_keys"} == set(SETS)
    assert {f"colour.{by}" for by in COLOURS} <= BY_ID.keys()


def test_what_the_window_does_by_itself_is_ticked_by_it() -> None:
    for command in VIEW:
        if command.method in ("toggle_part", "choose_keys", "choose_theme"):
            assert command.own_tick, command.id
            assert command.ticked is None, command.id
