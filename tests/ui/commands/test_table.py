from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence

from packviz.core.samples import SAMPLES
from packviz.session import actions as act
from packviz.session.actions import Action
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.session.updates.update import update
from packviz.ui.chrome.beside import Beside
from packviz.ui.chrome.copies import Copies
from packviz.ui.chrome.opening import Opening
from packviz.ui.chrome.work import Work
from packviz.ui.commands.command import device_commands
from packviz.ui.commands.table import COMMANDS, MENUS
from packviz.ui.window import Window
from tests.ui.conftest import state_of

BY_ID = {command.id: command for command in COMMANDS}


def test_every_command_has_its_own_id_and_one_way_to_be_done() -> None:
    assert len(BY_ID) == len(COMMANDS)
    for command in COMMANDS:
        assert (command.action is None) != (command.method == ""), command.id
        assert command.menu.split("/")[0] in MENUS


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in command.keys)
    assert "" not in keys
    assert [key for key, n in keys.items() if n > 1] == []


def test_the_keys_of_the_fingers_are_there() -> None:
    wanted = {
        "F10": "forward",
        "Shift+F10": "back",
        "F5": "run",
        "Shift+F5": "run_back",
        "F9": "breakpoint",
        "Ctrl+F10": "run_to_hover",
        "Home": "first",
        "End": "last",
        "Left": "back",
        "Right": "forward",
        "Space": "play",
        "Ctrl+O": "open",
        "Ctrl+V": "paste",
        "Ctrl+S": "save",
        "Ctrl+Z": "undo",
        "Ctrl+Shift+Z": "redo",
        "Ctrl+C": "copy",
        "F1": "help",
        "Ctrl+Shift+P": "palette",
    }
    assert {key: next(c.id for c in COMMANDS if key in c.keys) for key in wanted} == wanted


def test_methods_that_commands_name_exist_on_the_window_or_beside_it() -> None:
    known = {name for kind in (Window, Opening, Work, Copies, Beside) for name in dir(kind)}
    assert [c.id for c in COMMANDS if c.method and c.method not in known] == []


def test_every_action_can_be_applied_to_an_empty_and_to_an_open_window() -> None:
    for state in (State(), state_of("first-batch")):
        scene = resolve(state, None)
        for command in (*COMMANDS, *device_commands(("cpu", "cuda:0"))):
            if command.enabled is not None and not command.enabled(scene):
                continue
            action = command.action(scene) if command.action is not None else None
            assert action is None or isinstance(action, Action), command.id
            if action is not None:
                update(state, action)
            if command.ticked is not None:
                assert isinstance(command.ticked(scene), bool)


def test_a_ticked_option_is_turned_off() -> None:
    scene = resolve(state_of("first-batch"), None)
    option = BY_ID["batch_first"]
    assert option.ticked is not None
    assert option.ticked(scene)
    assert option.action is not None
    assert option.action(scene) == act.SetOption("batch_first", False)


def test_every_sample_is_in_the_menu_with_what_to_look_at() -> None:
    assert {f"sample.{s.name}": s.look for s in SAMPLES} == {c.id: c.tip for c in COMMANDS if c.menu == "File/Samples"}
