from __future__ import annotations

from pytestqt.qtbot import QtBot

from packviz.session.actions import Show, StepTo, ToggleBreakpoint
from packviz.ui.chrome.context_menu import ContextMenu
from packviz.ui.commands.context import Entry


def test_lines_ask_or_copy_and_groups_are_kept_apart(qtbot: QtBot) -> None:
    entries = (
        Entry("Zoom", Show(1, 2)),
        Entry("Step", StepTo(2), group=1),
        Entry("Breakpoint", ToggleBreakpoint(2), group=1, ticked=True),
        Entry("Where", Show(1, 1), group=1, shows="raise_reach"),
        Entry("Copy", copies="[1, 2]", group=3),
    )
    menu = ContextMenu(entries)
    qtbot.addWidget(menu)
    assert [action.text() or "-" for action in menu.actions()] == [
        "Zoom",
        "-",
        "Step",
        "Breakpoint",
        "Where",
        "-",
        "Copy",
    ]
    lines = {action.text(): action for action in menu.actions()}
    assert lines["Breakpoint"].isChecked()
    with qtbot.waitSignal(menu.intent) as asked:
        lines["Zoom"].trigger()
    assert asked.args == [Show(1, 2)]
    with qtbot.waitSignal(menu.copied) as copied:
        lines["Copy"].trigger()
    assert copied.args == ["[1, 2]"]
    seen: list[object] = []
    menu.intent.connect(seen.append)
    menu.called.connect(seen.append)
    lines["Where"].trigger()
    assert seen == [Show(1, 1), "raise_reach"]  # it is asked before it is shown
    assert ContextMenu(()).actions() == []
