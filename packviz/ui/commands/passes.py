"""The commands that go from one layer or direction of the module to another."""

from __future__ import annotations

from packviz.session import actions as act
from packviz.session.scene.resolve import Scene
from packviz.ui.commands.command import Command, is_open


def _layer(scene: Scene, by: int) -> act.Action:
    return act.GoToPass(scene.pointer.layer + by, scene.pointer.direction)


PASSES = (
    Command(
        "step_into",
        "Step into: gate by gate",
        "Step",
        ("F11",),
        method="step_into",
        tip="The gates of the selected row one after the other, then c and h, each with its equation",
        group=3,
        enabled=is_open,
    ),
    Command(
        "compare",
        "Compare with the unpacked run…",
        "Step",
        ("Ctrl+K",),
        method="show_compared",
        tip="And out[:, -1], the mean and the maximum over T with h_n: in which rows they differ",
        group=3,
        enabled=is_open,
    ),
    Command(
        "two_runs",
        "Two runs side by side…",
        "Step",
        ("Ctrl+Shift+K",),
        method="show_two_runs",
        tip="This run and another one: unpacked, before the last edit, kept, other weights, another device",
        group=3,
        enabled=is_open,
    ),
    Command(
        "keep_run",
        "Keep this run to compare",
        "Step",
        ("K",),
        lambda _: act.KeepRun(),
        tip="Then change lengths, weights or the device, and see both runs side by side",
        group=3,
        enabled=is_open,
    ),
    Command(
        "step_out",
        "Step out",
        "Step",
        ("Shift+F11",),
        lambda _: act.StepOut(),
        tip="Out of the gates; or out of the layer and direction, to the first step of the next",
        group=3,
        enabled=is_open,
    ),
    Command(
        "origin",
        "Where does this come from?",
        "Step",
        ("W",),
        method="show_origin",
        tip="The number under the pointer in the states: its equation, filled in, and where each part comes from",
        group=3,
        enabled=is_open,
    ),
    Command(
        "reach",
        "Where does this go?",
        "Step",
        ("Shift+W",),
        method="show_reach",
        tip="The cell of x under the pointer: how far every state of its row moves with it, and what arrives in h_n",
        group=3,
        enabled=is_open,
    ),
    Command(
        "final_states",
        "Final states…",
        "Step",
        ("Ctrl+Shift+H",),
        method="show_final_states",
        tip="h_n and c_n as torch returns them: the layer, direction, step and cell of x that each number comes from",
        group=3,
        enabled=is_open,
    ),
    Command(
        "layer_above",
        "The layer above",
        "Step/Layer",
        ("PgUp",),
        lambda s: _layer(s, 1),
        tip="The one that reads what this one puts out",
        group=3,
        enabled=lambda s: s.pointer.layer + 1 < s.pointer.layers,
    ),
    Command(
        "layer_below",
        "The layer below",
        "Step/Layer",
        ("PgDown",),
        lambda s: _layer(s, -1),
        tip="The one whose output this one reads",
        group=3,
        enabled=lambda s: s.pointer.layer > 0,
    ),
    Command(
        "other_direction",
        "The other direction",
        "Step/Layer",
        ("R",),
        lambda s: act.GoToPass(s.pointer.layer, 1 - s.pointer.direction),
        tip="Of a bidirectional module: backward it reads each row from its last step to the first",
        group=3,
        enabled=lambda s: s.pointer.directions > 1,
    ),
)
