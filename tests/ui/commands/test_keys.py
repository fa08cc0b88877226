from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from packviz.ui.commands.keys import PYCHARM, SETS, keys_of
from packviz.ui.commands.table import COMMANDS


@pytest.mark.parametrize("chosen", SETS)
def test_no_key_does_two_things_in_either_set(chosen: str, qapp: QApplication) -> None:
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in keys_of(command, chosen))
    assert [key for key, times in keys.items() if times > 1] == []
    assert all(key for key in keys)


def test_pycharms_keys_are_those_of_commands_that_there_are() -> None:
    ids = {command.id for command in COMMANDS}
    assert set(PYCHARM) <= ids
    forward = next(command for command in COMMANDS if command.id == "forward")
    assert keys_of(forward, "pycharm")[0] == "F8"
    assert keys_of(forward, "standard")[0] == "F10"
