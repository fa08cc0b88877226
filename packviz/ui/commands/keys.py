"""The keys of commands, in two sets: those of Visual Studio and its kin, which the table has, and PyCharm's."""

from __future__ import annotations

from packviz.ui.commands.command import Command

PYCHARM: dict[str, tuple[str, ...]] = {
    "forward": ("F8", "F10", "Right"),
    "back": ("Shift+F8", "Shift+F10", "Left"),
    "run": ("F9", "F5"),
    "run_back": ("Shift+F9", "Shift+F5"),
    "breakpoint": ("Ctrl+F8",),
    "clear_breakpoints": ("Ctrl+Shift+F8",),
    "run_to_hover": ("Alt+F9", "Ctrl+F10"),
    "next_finding": ("F2",),
    "previous_finding": ("Shift+F2",),
    "step_into": ("F7", "F11"),
    "value": ("Ctrl+F2",),
    "palette": ("Ctrl+Shift+A", "Ctrl+Shift+P"),
}
"""Those of the commands that have other keys in PyCharm."""

SETS = {"standard": "Visual Studio's", "pycharm": "PyCharm's"}


def keys_of(command: Command, chosen: str) -> tuple[str, ...]:
    """The keys of a command in one of the SETS."""
    return PYCHARM.get(command.id, command.keys) if chosen == "pycharm" else command.keys
