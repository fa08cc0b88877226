from __future__ import annotations

from packviz.session import actions as act
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.ui.commands.command import cell, colour, device_commands, inputs, is_open, next_serial, option, sample
from tests.ui.conftest import state_of


def test_a_family_of_commands_ticks_the_one_that_is_set() -> None:
    scene = resolve(state_of("first-batch"), None)
    made = (option("batch_first", "", ""), option("enforce_sorted", "", ""), cell("LSTM"), cell("GRU"))
    more = (colour("sequence"), colour("value"), inputs("auto"), *device_commands(("cpu", "cuda:0")))
    ticks = {command.id: command.ticked(scene) for command in (*made, *more) if command.ticked is not None}
    assert [name for name, on in ticks.items() if on] == [
        "batch_first",
        "module.LSTM",
        "colour.sequence",
        *(["inputs.auto"] if scene.controls.module.inputs == "auto" else []),
        "device.cpu",
    ]


def test_a_sample_is_loaded_each_time_under_another_number() -> None:
    scene = resolve(State(), None)
    assert not is_open(scene)
    command = sample("first-batch", "First batch", "Look.")
    assert command.action is not None
    first, second = command.action(scene), command.action(scene)
    assert isinstance(first, act.Load)
    assert isinstance(second, act.Load)
    assert first.request.serial < second.request.serial < next_serial()
