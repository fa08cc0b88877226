"""THE table of commands. Menus, keys, the palette and the help page are all made from it."""

from __future__ import annotations

from typing import get_args

from packviz.core.module import INPUT_TEXTS, CellKind
from packviz.core.samples import SAMPLES
from packviz.session import actions as act
from packviz.ui.commands.calls import CALLS, RECORDING
from packviz.ui.commands.command import Command, cell, inputs, is_open, option, sample
from packviz.ui.commands.passes import PASSES
from packviz.ui.commands.stops import STOPS
from packviz.ui.commands.view import VIEW

FILE = (
    Command("open", "Open…", "File", ("Ctrl+O",), method="choose_file", tip="Open a file with a batch, or several"),
    Command(
        "paste",
        "Paste a batch",
        "File",
        ("Ctrl+V",),
        method="paste",
        tip="Lists, printed tensors, CSV, Python, or what torch raised",
    ),
    *(sample(s.name, s.title, s.look) for s in SAMPLES),
    Command(
        "save",
        "Save session",
        "File",
        ("Ctrl+S",),
        method="save_session",
        tip="All batches with their modules, breakpoints, watches, notes and where you are",
        group=1,
        enabled=is_open,
    ),
    Command(
        "save_as", "Save session as…", "File", ("Ctrl+Shift+S",), method="save_session_as", group=1, enabled=is_open
    ),
    Command("close_batch", "Close batch", "File", ("Ctrl+W",), lambda _: act.Close(), group=2, enabled=is_open),
    *RECORDING,
    Command("save_picture", "Save picture…", "File", method="save_picture", tip="The window as a PNG", group=3),
    Command("quit", "Quit", "File", ("Ctrl+Q",), method="close", group=4),
)
EDIT = (
    Command(
        "undo",
        "Undo",
        "Edit",
        ("Ctrl+Z",),
        lambda _: act.Undo(),
        label=lambda s: f"Undo {s.controls.undo or ''}".rstrip(),
        enabled=lambda s: s.controls.undo is not None,
    ),
    Command(
        "redo",
        "Redo",
        "Edit",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        lambda _: act.Redo(),
        label=lambda s: f"Redo {s.controls.redo or ''}".rstrip(),
        enabled=lambda s: s.controls.redo is not None,
    ),
    Command(
        "notes",
        "Notes on this batch…",
        "Edit",
        ("Ctrl+Shift+N",),
        method="type_into",
        argument="notes",
        tip="A text of yours, saved with the batch in a session",
        group=1,
        enabled=is_open,
    ),
    Command("copy", "Copy the selection", "Edit", ("Ctrl+C",), method="copy_cell", group=1, enabled=is_open),
    Command("copy_row", "Copy row as a list", "Edit", ("Ctrl+Shift+C",), method="copy_row", group=1, enabled=is_open),
    Command(
        "go_to",
        "Go to…",
        "Edit",
        ("Ctrl+G", "Ctrl+F"),
        method="go_to",
        tip="A row, a step, a packed index, or the next cell that holds a value",
        group=2,
        enabled=is_open,
    ),
    Command("next_finding", "Next finding", "Edit", ("F8",), lambda _: act.WalkFindings(1), group=2, enabled=is_open),
    Command(
        "previous_finding",
        "Previous finding",
        "Edit",
        ("Shift+F8",),
        lambda _: act.WalkFindings(-1),
        group=2,
        enabled=is_open,
    ),
    Command(
        "dismiss",
        "Dismiss the message",
        "Edit",
        ("Esc",),
        lambda s: act.CancelLoad() if s.banner.loading else act.Say(None),
        tip="Or stop reading a file",
        group=2,
    ),
    Command(
        "array",
        "Array view",
        "Edit",
        ("Ctrl+Shift+I",),
        method="show_array",
        tip="All features of the selected cells",
        group=3,
        enabled=is_open,
    ),
    Command("lengths", "Lengths…", "Edit", ("Ctrl+L",), method="show_lengths", group=3, enabled=is_open),
    Command("lengths_text", "Lengths as text…", "Edit", method="edit_lengths", group=3, enabled=is_open),
    Command(
        "value",
        "Value of the cell…",
        "Edit",
        ("F2",),
        method="edit_value",
        tip="Of the selected row at this step, in the feature that is shown",
        group=3,
        enabled=is_open,
    ),
    Command(
        "guess", "Guess lengths from the padding", "Edit", action=lambda _: act.GuessLengths(), group=3, enabled=is_open
    ),
)
BATCH = (
    Command(
        "next_batch",
        "Next batch",
        "Batch",
        ("Ctrl+PgDown",),
        lambda _: act.GoBy(1),
        tip="Of several that are open",
        enabled=lambda s: s.shelf.open + 1 < len(s.shelf.entries),
    ),
    Command(
        "previous_batch",
        "Previous batch",
        "Batch",
        ("Ctrl+PgUp",),
        lambda _: act.GoBy(-1),
        tip="Of several that are open",
        enabled=lambda s: s.shelf.open > 0,
    ),
    *CALLS,
    option("batch_first", "batch_first", "x is (B, T, *), not (T, B, *)"),
    option("enforce_sorted", "enforce_sorted", "torch wants the longest row first"),
    Command(
        "padding_value", "padding_value…", "Batch", method="edit_option", argument="padding_value", enabled=is_open
    ),
    Command("total_length", "total_length…", "Batch", method="edit_option", argument="total_length", enabled=is_open),
    Command(
        "swap",
        "Swap the first two dimensions of x",
        "Batch",
        action=lambda _: act.SwapLayout(),
        tip="The same rows in the other layout",
        group=1,
        enabled=is_open,
    ),
)
STEP = (
    Command("forward", "Step forward", "Step", ("F10", "Right"), lambda _: act.StepBy(1), enabled=is_open),
    Command("back", "Step back", "Step", ("Shift+F10", "Left"), lambda _: act.StepBy(-1), enabled=is_open),
    Command("first", "First step", "Step", ("Home",), lambda _: act.StepTo(0), enabled=is_open),
    Command("last", "Last step", "Step", ("End",), lambda _: act.StepTo(-1), enabled=is_open),
    Command(
        "run", "Run to the next breakpoint", "Step", ("F5",), lambda _: act.RunToBreakpoint(1), group=1, enabled=is_open
    ),
    Command(
        "run_back",
        "Back to the previous breakpoint",
        "Step",
        ("Shift+F5",),
        lambda _: act.RunToBreakpoint(-1),
        group=1,
        enabled=is_open,
    ),
    Command(
        "breakpoint",
        "Breakpoint on this step",
        "Step",
        ("F9",),
        lambda _: act.ToggleBreakpoint(),
        group=1,
        ticked=lambda s: s.pointer.step in s.pointer.breakpoints,
        enabled=is_open,
    ),
    *STOPS,
    Command(
        "clear_breakpoints",
        "Clear all breakpoints",
        "Step",
        ("Ctrl+Shift+F9",),
        lambda _: act.ClearStops(),
        group=1,
        enabled=lambda s: bool(s.stops.stops),
    ),
    Command(
        "run_to_hover",
        "Run to the step under the pointer",
        "Step",
        ("Ctrl+F10",),
        lambda _: act.RunToHover(),
        group=1,
        enabled=is_open,
    ),
    Command(
        "play",
        "Play",
        "Step",
        ("Space",),
        lambda _: act.TogglePlay(),
        label=lambda s: "Pause" if s.controls.play.on else "Play",
        group=2,
        enabled=is_open,
    ),
    *PASSES,
)
MODULE = (
    *(cell(kind) for kind in get_args(CellKind)),
    Command("module", "Hidden size, seed…", "Module", ("Ctrl+M",), method="edit_module", group=1),
    Command(
        "probe",
        "Probe for leaks",
        "Module",
        ("Ctrl+Shift+L",),
        method="probe",
        tip="Which rows' results read padding, which other rows, and which steps of their own",
        group=1,
    ),
    *(inputs(kind) for kind in INPUT_TEXTS),
    Command("load_weights", "Load weights…", "Module", method="choose_weights", tip="A state_dict", group=3),
    Command(
        "clear_weights",
        "Clear loaded weights",
        "Module",
        action=lambda s: act.SetModel(s.controls.module.drawn()),
        group=3,
        enabled=lambda s: s.controls.module.stored is not None,
    ),
)
HELP = (
    Command("help", "Keys and commands", "Help", ("F1",), method="show_help"),
    Command(
        "findings",
        "Findings",
        "Help",
        ("Shift+F1",),
        method="show_findings",
        tip="What each finding means, with a sample that has it",
    ),
    Command("palette", "Every command by name…", "Help", ("Ctrl+Shift+P",), method="show_palette"),
)

COMMANDS: tuple[Command, ...] = (*FILE, *EDIT, *VIEW, *BATCH, *STEP, *MODULE, *HELP)
MENUS = ("File", "Edit", "View", "Batch", "Step", "Module", "Help")
