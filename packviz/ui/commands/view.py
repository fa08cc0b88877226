"""The commands about how the batch is shown, and where the parts of the window are: the menu View."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.actions import Action
from packviz.session.scene.resolve import Scene
from packviz.session.state import COLOURS
from packviz.ui.commands.command import Command, colour, is_open
from packviz.ui.commands.gradients import GRADIENTS
from packviz.ui.commands.keys import SETS
from packviz.ui.commands.values import FEATURES, SCALE
from packviz.ui.parts import PARTS


def _turned(scene: Scene) -> Action:
    look = scene.controls.look
    return act.SetLook(replace(look, orientation="down" if look.orientation == "right" else "right"))


VIEW = (
    Command(
        "turn", "Time runs right", "View", ("T",), _turned, ticked=lambda s: s.controls.look.orientation == "right"
    ),
    Command(
        "pin",
        "Pin the inspector",
        "View",
        ("Ctrl+I",),
        lambda _: act.Pin(),
        tip="It stays on the cell that it shows",
        ticked=lambda s: s.inspector.pinned,
        enabled=is_open,
    ),
    Command("fit", "Zoom to fit", "View", ("Ctrl+0",), method="zoom_to_fit"),
    Command("zoom_in", "Zoom in", "View", ("Ctrl++", "Ctrl+="), method="zoom", argument="in"),
    Command("zoom_out", "Zoom out", "View", ("Ctrl+-",), method="zoom", argument="out"),
    Command(
        "zoom_to_cell",
        "Zoom to the selected cell",
        "View",
        ("F",),
        lambda s: act.Show(s.pointer.row, s.pointer.step),
        enabled=is_open,
    ),
    *(colour(by) for by in COLOURS),
    *GRADIENTS,
    *FEATURES,
    *SCALE,
    Command(
        "theme.system", "Theme: as the system", "View/Theme", method="choose_theme", argument="system", own_tick=True
    ),
    Command("theme.light", "Theme: light", "View/Theme", method="choose_theme", argument="light", own_tick=True),
    Command("theme.dark", "Theme: dark", "View/Theme", method="choose_theme", argument="dark", own_tick=True),
    *(
        Command(
            f"part.{part.name}", part.title, "View", method="toggle_part", argument=part.name, group=2, own_tick=True
        )
        for part in PARTS
    ),
    *(
        Command(
            f"keys.{name}", f"Keys: {name}", "View/Keys", method="choose_keys", argument=name, group=3, own_tick=True
        )
        for name, text in SETS.items()
    ),
    Command(
        "maximise",
        "All the room for one pane",
        "View",
        ("Ctrl+Shift+M",),
        method="maximise",
        tip="The one that has the focus; again for all of them",
        group=3,
    ),
    Command("reset_layout", "Reset layout", "View", method="reset_layout", group=3),
)
