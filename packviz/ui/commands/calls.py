"""The commands about the calls of a recording."""

from __future__ import annotations

from packviz.session import actions as act
from packviz.session.scene.resolve import Scene
from packviz.ui.commands.command import Command


def is_listed(scene: Scene) -> bool:
    """Whether the calls of a recording are listed."""
    return scene.calls.shown


RECORDING = (
    Command(
        "reload_recording",
        "Read the recording again",
        "File",
        ("Ctrl+R",),
        lambda _: act.ReloadRecording(),
        tip="It may have grown since",
        group=2,
        enabled=is_listed,
    ),
    Command(
        "close_recording",
        "Close the recording",
        "File",
        action=lambda _: act.CloseRecording(),
        tip="The batches that are open stay",
        group=2,
        enabled=is_listed,
    ),
)
CALLS = (
    Command(
        "next_call",
        "Next call",
        "Batch",
        ("Alt+PgDown",),
        lambda _: act.CallBy(1),
        tip="Down the list of the recording, to the next call whose batch was kept",
        enabled=is_listed,
    ),
    Command(
        "previous_call",
        "Previous call",
        "Batch",
        ("Alt+PgUp",),
        lambda _: act.CallBy(-1),
        tip="Up the list of the recording, to the one before whose batch was kept",
        enabled=is_listed,
    ),
)
