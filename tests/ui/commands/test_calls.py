"""The commands about calls: they are there where a recording is open, and say what is asked for."""

from __future__ import annotations

from packviz.session import actions as act
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.ui.commands.calls import CALLS, RECORDING, is_listed


def test_without_a_recording_none_of_them_can_be_used() -> None:
    scene = resolve(State(), None)
    assert not is_listed(scene)
    assert all(command.enabled is is_listed for command in (*CALLS, *RECORDING))


def test_each_asks_for_what_it_says() -> None:
    scene = resolve(State(), None)
    asked = [command.action(scene) for command in (*CALLS, *RECORDING) if command.action is not None]
    assert asked == [act.CallBy(1), act.CallBy(-1), act.ReloadRecording(), act.CloseRecording()]
